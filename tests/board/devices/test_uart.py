# SPDX-License-Identifier: Apache-2.0
"""The UARTs against UG585 chapter 19 and appendix B.33."""

import pytest

from ovm.board.devices import uart
from ovm.board.devices.console import Console
from ovm.metal import offsetof
from tests.board.devices.bench import DISTRIBUTOR, Devices

UART0, UART1 = 0xE000_0000, 0xE000_1000
CONTROL, MODE, IER, IDR, IMR, ISR, SR, FIFO = 0, 4, 8, 12, 16, 20, 0x2C, 0x30
EMPTY, FULL, ACTIVE = 1 << 3, 1 << 4, 1 << 11
# 10 bits of 62 * 7 reference clocks at 50 MHz, in cycles of 666.67 MHz.
BYTE = 62 * 7 * 10 * 40 // 3
LEVEL = DISTRIBUTOR + 0xD08  # status of SPIs 64-95


def sent(devices: Devices) -> list[tuple[int, int]]:
    place = devices.program.address_of("ovm.board.devices.console.CONSOLE")
    head = devices.memory.load(place + offsetof(Console, "head"), 4)
    entries = (devices.memory.load(place + offsetof(Console, "sent") + 2 * index, 2) for index in range(head))
    return [divmod(entry, 256) for entry in entries]


@pytest.fixture
def devices() -> Devices:
    return Devices(parameters={"uart_timed": 1})


def test_reset_values(devices: Devices) -> None:
    assert [devices.read(UART0 + offset) for offset in (0, 0x18, 0x34, 0x20, 0x44)] == [0x128, 0x28B, 15, 0x20, 0x20]
    assert devices.read(UART0 + SR) == 0x0A


def test_a_byte_takes_its_time(devices: Devices) -> None:
    for byte in b"ab":
        devices.write(UART1 + FIFO, byte)
    assert devices.read(UART1 + SR) & (EMPTY | ACTIVE) == ACTIVE
    devices.now = BYTE - 1
    assert sent(devices) == []
    devices.now = BYTE
    assert sent(devices) == [(1, ord("a"))]
    assert devices.read(UART1 + SR) & (EMPTY | ACTIVE) == EMPTY | ACTIVE
    devices.now = 2 * BYTE
    assert sent(devices) == [(1, ord("a")), (1, ord("b"))]
    assert devices.read(UART1 + SR) & (EMPTY | ACTIVE) == EMPTY


def test_the_fifo_holds_64(devices: Devices) -> None:
    for byte in range(65):
        assert devices.read(UART1 + SR) & FULL == 0
        devices.write(UART1 + FIFO, byte)
    assert devices.read(UART1 + SR) & FULL
    devices.write(UART1 + FIFO, 200)
    assert devices.read(UART1 + ISR) & 1 << 12
    devices.now = 70 * BYTE
    assert [byte for _, byte in sent(devices)] == list(range(65))


def test_how_full_the_fifo_is_when_it_says_so(devices: Devices) -> None:
    """B.33: at the trigger, one byte below full, full; in the channel status at once, in the interrupt status for good."""
    devices.write(UART1 + 0x44, 3)
    for waiting in range(65):
        devices.write(UART1 + FIFO, 0)  # the first is on the wire
        levels = (waiting == 0, waiting == 64, waiting >= 3, waiting >= 63)
        bits = sum(level << bit for level, bit in zip(levels, (3, 4, 13, 14), strict=True))
        assert devices.read(UART1 + SR) & (EMPTY | FULL | 3 << 13) == bits
        assert devices.read(UART1 + ISR) & (FULL | 3 << 10) == bits & FULL | bits >> 3 & 3 << 10
    devices.now = 70 * BYTE
    assert devices.read(UART1 + SR) & (EMPTY | FULL | 3 << 13) == EMPTY
    assert devices.read(UART1 + ISR) & (FULL | 3 << 10) == FULL | 3 << 10


def test_without_time_bytes_are_gone_at_once() -> None:
    devices = Devices()
    devices.write(UART1 + FIFO, 65)
    assert sent(devices) == [(1, 65)]
    assert devices.read(UART1 + SR) & (EMPTY | ACTIVE) == EMPTY
    devices.write(UART0 + FIFO, 66)  # its transmitter is off after reset
    assert sent(devices) == [(1, 65)]
    devices.write(UART0 + CONTROL, 0x14)
    assert sent(devices) == [(1, 65), (0, 66)]


def test_interrupt_82_while_status_and_mask_meet(devices: Devices) -> None:
    devices.write(UART1 + 0x20, 2)
    devices.write(UART1 + IER, 1)
    assert devices.read(UART1 + IMR) == 1
    devices.call(uart.uart_receive, 1, 7)
    assert devices.read(LEVEL) == 0
    devices.call(uart.uart_receive, 1, 8)
    assert devices.read(LEVEL) == 1 << 82 - 64
    devices.write(UART1 + ISR, 1)
    assert devices.read(LEVEL) == 1 << 82 - 64  # the cause lasts
    assert devices.read(UART1 + FIFO) == 7
    devices.write(UART1 + ISR, 1)
    assert devices.read(LEVEL) == 0
    assert devices.read(UART1 + FIFO) == 8
    assert devices.read(UART1 + SR) & 2
    devices.write(UART1 + IDR, 1)
    assert devices.read(UART1 + IMR) == 0


def test_receive_order_beyond_the_fifo(devices: Devices) -> None:
    for number in range(100):
        assert devices.call(uart.uart_receive, 1, number) == 1
    assert devices.read(UART1 + SR) & 4
    assert [devices.read(UART1 + FIFO) for _ in range(100)] == list(range(100))


def test_local_loopback(devices: Devices) -> None:
    devices.write(UART1 + MODE, 0x220)
    devices.write(UART1 + FIFO, 33)
    devices.now = BYTE
    assert sent(devices) == []
    assert devices.read(UART1 + FIFO) == 33


def test_looking_takes_nothing(devices: Devices) -> None:
    devices.call(uart.uart_receive, 1, 9)
    assert devices.read(UART1 + FIFO, master=3) == 9
    assert devices.read(UART1 + FIFO) == 9
