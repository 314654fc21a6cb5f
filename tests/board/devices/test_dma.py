# SPDX-License-Identifier: Apache-2.0
"""The DMA controller as a master that attacks memory (ARM DDI0424; UG585 chapter 9)."""

import struct

import pytest

from tests.board.devices.bench import DISTRIBUTOR, SLCR, Devices

SECURE, NORMAL = 0xF800_3000, 0xF800_4000
PROGRAM, SOURCE, TARGET = 0x0800_0000, 0x0900_0000, 0x0C00_0000
# CCR: 4-byte beats, bursts of 4, both addresses move; protection bit 1 makes them Non-secure.
PLAIN = 1 | 2 << 1 | 3 << 4 | (1 | 2 << 1 | 3 << 4) << 14
ALL_NS = PLAIN | 1 << 9 | 1 << 23
LOW = DISTRIBUTOR + 0xD04
END = b"\x00"


def move(register: int, value: int) -> bytes:
    return struct.pack("<BBI", 0xBC, register, value)


def copy_program(control: int, bursts: int) -> bytes:
    head = move(0, SOURCE) + move(2, TARGET) + move(1, control)
    return head + bytes([0x20, bursts - 1]) + b"\x04\x08" + bytes([0x38, 2]) + b"\x13" + bytes([0x34, 1 << 3]) + END


@pytest.fixture
def devices() -> Devices:
    made = Devices()
    made.unlock()
    made.write(SLCR + 0x430, 1 << 2)  # the program's and the source's segment
    return made


def place(devices: Devices, program: bytes) -> None:
    for offset, byte in enumerate(program):
        devices.write(PROGRAM + offset, byte, 1)
    for offset in range(0, 256, 4):
        devices.write(SOURCE + offset, 0xA500_0000 + offset)


def go(devices: Devices, interface: int, *, ns: int, channel: int = 3, at: int = PROGRAM) -> None:
    devices.write(interface + 0xD08, (0xA0 | ns << 1) << 16 | channel << 24)
    devices.write(interface + 0xD0C, at)
    devices.write(interface + 0xD04, 0)
    devices.now += 100_000


def copied(devices: Devices) -> int:
    return sum(devices.read(TARGET + offset) == 0xA500_0000 + offset for offset in range(0, 256, 4))


def status(devices: Devices, channel: int = 3) -> int:
    return (devices.read(SECURE + 0x100 + 8 * channel) or 0) & 0xF


def test_secure_channel_copies_and_interrupts(devices: Devices) -> None:
    place(devices, copy_program(PLAIN, 4))
    devices.write(SECURE + 0x20, 1 << 1)
    go(devices, SECURE, ns=0)
    assert status(devices) == 0
    assert copied(devices) == 16
    assert devices.read(SECURE + 0x400 + 3 * 32) == SOURCE + 64
    assert devices.read(LOW) == 1 << 47 - 32
    devices.write(SECURE + 0x2C, 2)
    assert devices.read(LOW) == 0


def test_non_secure_channel_is_kept_from_secure_memory(devices: Devices) -> None:
    place(devices, copy_program(ALL_NS, 4))
    go(devices, SECURE, ns=1)
    assert copied(devices) == 0
    assert status(devices) == 15
    assert devices.read(SECURE + 0x40 + 4 * 3) == 1 << 17
    assert devices.read(SECURE + 0x34) == 1 << 3
    assert devices.read(LOW) == 1 << 45 - 32
    devices.write(SECURE + 0xD08, 1 | 3 << 8 | 1 << 16)
    devices.write(SECURE + 0xD04, 0)
    assert (status(devices), devices.read(LOW)) == (0, 0)


def test_non_secure_channel_copies_what_is_open(devices: Devices) -> None:
    devices.write(SLCR + 0x430, 1 << 2 | 1 << 3)
    place(devices, copy_program(ALL_NS, 2)[:-3] + END)
    go(devices, SECURE, ns=1)
    assert (status(devices), copied(devices)) == (0, 8)


def test_non_secure_channel_may_not_ask_for_secure_accesses(devices: Devices) -> None:
    devices.write(SLCR + 0x430, 0xFFFF)
    place(devices, copy_program(PLAIN, 1))
    go(devices, SECURE, ns=1)
    assert devices.read(SECURE + 0x40 + 4 * 3) == 1 << 7


def test_secure_channel_marks_its_accesses_as_it_likes(devices: Devices) -> None:
    place(devices, copy_program(ALL_NS, 1))
    go(devices, SECURE, ns=0)
    assert devices.read(SECURE + 0x40 + 4 * 3) == 1 << 17


def test_secure_manager_takes_no_orders_from_the_normal_world(devices: Devices) -> None:
    place(devices, copy_program(PLAIN, 1))
    go(devices, NORMAL, ns=0)
    assert (status(devices), copied(devices)) == (0, 0)
    assert devices.read(SECURE + 0x104 + 8 * 3) == 0


def test_manager_takes_its_security_when_it_leaves_reset(devices: Devices) -> None:
    """TZ_DMA_NS counts when DMAC_RST_CTRL lets the controller go; a Non-secure manager starts no Secure channel."""
    devices.write(SLCR + 0x440, 1)
    assert devices.read(SECURE) == 0
    devices.write(SLCR + 0x20C, 1)
    devices.write(SLCR + 0x20C, 0)
    assert devices.read(SECURE) == 1 << 9
    place(devices, copy_program(PLAIN, 1))
    go(devices, NORMAL, ns=0)
    assert (copied(devices), devices.read(SECURE + 0x38), devices.read(LOW)) == (0, 1 << 4, 1 << 45 - 32)


def test_interrupts_of_non_secure_events_only(devices: Devices) -> None:
    devices.write(SLCR + 0x430, 0xFFFF)
    place(devices, copy_program(ALL_NS, 1))
    devices.write(SECURE + 0x20, 2)
    go(devices, SECURE, ns=1)
    assert devices.read(SECURE + 0x40 + 4 * 3) == 1 << 5
    assert copied(devices) == 4


def test_a_channel_waits_for_its_event(devices: Devices) -> None:
    """DMAWFE waits for DMASEV of another channel, and takes the event (DDI0424 4.3)."""
    waits, sends = bytes([0x36, 3 << 3]) * 2 + END, bytes([0x34, 3 << 3]) + END
    place(devices, waits + sends)
    for channel, at, left in ((1, PROGRAM, 4), (2, PROGRAM + len(waits), 4), (2, PROGRAM + len(waits), 0)):
        go(devices, SECURE, ns=0, channel=channel, at=at)
        assert (status(devices, 1), status(devices, 2)) == (left, 0)


@pytest.mark.parametrize(("loads", "overflows"), [(64, False), (65, True)])
def test_the_fifo_holds_128_lines(devices: Devices, loads: int, overflows: bool) -> None:
    """Loads without stores: bursts of 16 bytes until 1,024 bytes are full (UG585 9.2.1), one more is a fault (DDI0424 3.3.14)."""
    loop = bytes([0x20, loads - 1]) + b"\x04" + bytes([0x38, 1])
    place(devices, move(0, SOURCE) + move(1, PLAIN) + loop + END)
    go(devices, SECURE, ns=0)
    # A channel that ends with bytes in its FIFO is stopped all the same.
    assert status(devices) == (15 if overflows else 0)
    assert devices.read(SECURE + 0x40 + 4 * 3) == (1 << 12 if overflows else 0)


def test_undefined_instruction_and_unreachable_program(devices: Devices) -> None:
    place(devices, b"\xff")
    go(devices, SECURE, ns=0)
    assert devices.read(SECURE + 0x40 + 4 * 3) == 1
    devices.write(SLCR + 0x430, 0)
    go(devices, SECURE, ns=1, channel=5)
    assert devices.read(SECURE + 0x40 + 4 * 5) == 1 << 16
