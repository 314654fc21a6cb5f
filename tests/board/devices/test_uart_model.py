# SPDX-License-Identifier: Apache-2.0
"""A UART by random accesses, bytes from outside and times, beside one in plain Python; the clocks that time its bytes."""

import random

import pytest

from ovm.board.devices import uart
from ovm.board.devices.console import CONSOLE_BYTES, Console
from ovm.metal import offsetof
from tests.board.devices.bench import DISTRIBUTOR, HOST, SLCR, Devices
from tests.board.devices.uart_model import (
    CONTROL,
    DATA,
    DIVIDER,
    GENERATOR,
    IDR,
    IER,
    ISR,
    MODE,
    RX_LEVEL,
    SR,
    TIMEOUT,
    TX_LEVEL,
    Uart,
)

BASE, LINE = 0xE000_0000, 59
STEPS = 2500
# Of the clock registers that a loader leaves: IO PLL x 30 / 20 for UARTs, ARM PLL x 40 / 2 for the cores.
USUAL = (40 * 20, 30 * 2)


@pytest.fixture(scope="module")
def devices() -> Devices:
    return Devices()


def console(devices: Devices, name: str) -> int:
    return int(devices.memory.load(devices.program.address_of("ovm.board.devices.console.CONSOLE") + offsetof(Console, name), 4))


def sent(devices: Devices, first: int) -> list[int]:
    place = devices.program.address_of("ovm.board.devices.console.CONSOLE") + offsetof(Console, "sent")
    return [devices.memory.load(place + 2 * (each % CONSOLE_BYTES), 2) for each in range(first, console(devices, "head"))]


def write(source: random.Random) -> tuple[int, int]:
    choice = source.random()
    if choice < 0.4:
        return DATA, source.getrandbits(9)
    if choice < 0.6:
        enables = source.choice((0x14, 0x14, 0x14, 0x28, 0x34, 0x1C, 0x24, 0x18))
        return CONTROL, enables | source.choice((0, 0, 0, 0, 1, 2, 3)) | source.choice((0, 0x100))
    if choice < 0.7:
        return source.choice((IER, IDR)), source.getrandbits(14)
    if choice < 0.8:
        return ISR, source.getrandbits(14)
    return source.choice(
        (
            (MODE, 0x20 | source.choice((0, 0, 0x100, 0x200, 0x300)) | (source.random() < 0.2)),
            (GENERATOR, source.choice((0, 1, 3))),
            (DIVIDER, source.choice((0, 4, 6))),
            (RX_LEVEL, source.choice((0, 1, 3, 32, 63, 0x41))),
            (TX_LEVEL, source.choice((0, 1, 3, 32, 63, 0x41))),
            (TIMEOUT, source.randrange(2)),
        )
    )


@pytest.mark.parametrize("seed", range(2))
def test_everything_that_a_driver_does(devices: Devices, seed: int) -> None:
    devices.reset(uart_timed=1)
    source, model, now, first = random.Random(seed), Uart(USUAL), 0, console(devices, "head")
    for step in range(STEPS):
        now += source.choice((0, 1, 100, 400, 3000, 30_000)) if source.random() < 0.5 else 0
        devices.now = now
        model.advance(now)
        choice = source.random()
        if choice < 0.55:
            # Many bytes at a time now and then, so that the FIFO fills.
            offset, value = write(source)
            for _ in range(source.choice((1, 1, 1, 70)) if offset == DATA else 1):
                devices.write(BASE + offset, value)
                model.write(offset, value)
        elif choice < 0.75:
            for _ in range(source.choice((1, 1, 3, 70))):
                devices.call(uart.uart_receive, 0, byte := source.getrandbits(8))
                model.receive(byte)
        else:
            for _ in range(source.choice((1, 1, 3, 70))):
                looked = devices.read(BASE + DATA, master=HOST)
                assert looked == (model.received[0] if model.received else 0), step
                assert devices.read(BASE + DATA) == model.read(DATA), step
        found = [devices.read(BASE + offset) for offset in (CONTROL, MODE, IER, IDR, 16, ISR, SR)]
        assert found == [model.read(offset) for offset in (CONTROL, MODE, IER, IDR, 16, ISR, SR)], step
        assert bool((devices.read(DISTRIBUTOR + 0xD04) or 0) >> LINE - 32 & 1) == model.line, step
    assert sent(devices, first) == model.sent
    assert len(model.sent) > STEPS // 20


def test_a_transmitter_that_is_on_and_off_is_off(devices: Devices) -> None:
    """B.33: TXDIS wins. Bytes that wait stay, and the simulator does not look for an end of them."""
    devices.reset(uart_timed=1)
    for byte in range(70):
        devices.write(BASE + DATA, byte)
    first = console(devices, "head")
    devices.write(BASE + CONTROL, 0x34)
    assert (devices.read(BASE + SR) or 0) & 0x818 == 0x10
    devices.write(BASE + CONTROL, 0x14)
    devices.now = 100_000_000_000
    assert sent(devices, first) == list(range(64))


@pytest.mark.parametrize("seed", range(40))
def test_what_times_a_byte(devices: Devices, seed: int) -> None:
    """UG585 25.10: PLLs in bypass or multiplied, chosen and divided for the UARTs and the cores."""
    source = random.Random(seed)
    devices.reset(uart_timed=1)
    devices.unlock()
    plls = [source.randrange(1, 64) << 12 | source.choice((0, 0, 0x10)) | 8 for _ in range(3)]
    of_cpu, of_uart = source.randrange(4), source.randrange(4)
    by_cpu, by_uart = source.randrange(64), source.randrange(64)
    for number, pll in enumerate(plls):
        devices.write(SLCR + 0x100 + 4 * number, pll)
    devices.write(SLCR + 0x120, 0x1F00_0000 | by_cpu << 8 | of_cpu << 4)
    devices.write(SLCR + 0x154, by_uart << 8 | of_uart << 4 | 3)
    multipliers = [1 if pll & 0x10 else pll >> 12 for pll in plls]  # ARM, DDR, IO
    cpu = multipliers[(0, 0, 1, 2)[of_cpu]]
    other = multipliers[(2, 2, 0, 1)[of_uart]]
    model = Uart((cpu * max(by_uart, 1), max(by_cpu, 1) * other))
    for offset, value in ((GENERATOR, 50), (DIVIDER, 9), (CONTROL, 0x14), (DATA, 1)):
        devices.write(BASE + offset, value)
        model.write(offset, value)
    devices.now = model.byte_time - 1
    assert (devices.read(BASE + SR) or 0) & 1 << 11
    devices.now = model.byte_time
    assert not (devices.read(BASE + SR) or 0) & 1 << 11


def test_a_console_that_nobody_reads_loses_the_rest(devices: Devices) -> None:
    """65,536 bytes; the machine is asked to stop while there is room for 256 more."""
    devices.reset(uart_timed=0)
    devices.write(BASE + CONTROL, 0x14)
    for number in range(CONSOLE_BYTES + 3):
        stops = devices.attention()
        assert stops == (number > CONSOLE_BYTES - 256), number
        devices.write(BASE + DATA, number & 0xFF)
    assert (console(devices, "head"), console(devices, "lost")) == (CONSOLE_BYTES, 3)
    assert sent(devices, CONSOLE_BYTES - 4) == [0xFC, 0xFD, 0xFE, 0xFF]
