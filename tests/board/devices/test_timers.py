# SPDX-License-Identifier: Apache-2.0
"""Timers against the Cortex-A9 MPCore TRM, chapter 4."""

import pytest

from tests.board.devices.bench import DISTRIBUTOR, INTERFACE, IRQ, SLCR, Devices

TIMER = 0xF8F0_0600
WATCHDOG = 0xF8F0_0620
GLOBAL = 0xF8F0_0200
ISPR = DISTRIBUTOR + 0x200


@pytest.fixture
def devices() -> Devices:
    return Devices()


def test_private_timer_counts_half_the_clock(devices: Devices) -> None:
    devices.write(TIMER, 1000)
    devices.write(TIMER + 8, 1)
    devices.now = 200
    assert devices.read(TIMER + 4) == 900
    devices.now = 1999
    assert (devices.read(TIMER + 4), devices.read(TIMER + 12)) == (1, 0)
    devices.now = 2000
    assert (devices.read(TIMER + 4), devices.read(TIMER + 12)) == (0, 1)
    devices.now = 5000
    assert devices.read(TIMER + 4) == 0


def test_reload_takes_load_plus_one(devices: Devices) -> None:
    """4.2.1: the period is (prescaler + 1) * (load + 1)."""
    devices.write(TIMER, 9)
    devices.write(TIMER + 8, 3 | 4 << 8)
    period = 10 * 5 * 2
    seen = []
    for cycle in range(0, 5 * period, 2):
        devices.now = cycle
        if devices.read(TIMER + 12):
            seen.append(cycle)
            devices.write(TIMER + 12, 1)
    assert seen == [90 + period * number for number in range(5)]


def test_the_counter_goes_on_from_load_after_zero(devices: Devices) -> None:
    """4.2.1: zero is one of the load + 1 values."""
    devices.write(TIMER, 9)
    devices.write(TIMER + 8, 3)
    seen = []
    for tick in range(25):
        devices.now = 2 * tick
        seen.append(devices.read(TIMER + 4))
    assert seen == [9 - tick % 10 for tick in range(25)]


def test_interrupt_29_is_the_cores_own(devices: Devices) -> None:
    for core in (0, 1):
        devices.write(DISTRIBUTOR, 1)
        devices.write(DISTRIBUTOR + 0x100, 1 << 29, master=core)
        devices.write(INTERFACE, 1, master=core)
        devices.write(INTERFACE + 4, 0xF8, master=core)
    devices.write(TIMER, 50, master=1)
    devices.write(TIMER + 8, 5, master=1)
    devices.now = 100
    assert devices.lines(0) == 0
    assert devices.lines(1) == IRQ
    assert devices.read(INTERFACE + 12, master=1) == 29
    assert devices.lines(1) == 0


def test_watchdog_mode_is_left_by_two_words(devices: Devices) -> None:
    """4.2.8."""
    devices.write(WATCHDOG, 0xFFFF)
    devices.write(WATCHDOG + 8, 8)
    devices.write(WATCHDOG + 8, 0)
    assert devices.read(WATCHDOG + 8) == 8
    devices.write(WATCHDOG + 0x14, 0x12345678)
    devices.write(WATCHDOG + 0x14, 0x87654321)
    assert devices.read(WATCHDOG + 8) == 0


@pytest.mark.parametrize("core", [0, 1])
@pytest.mark.parametrize("chosen", [0, 1, 2, 3])
def test_watchdog_resets_the_machine_or_its_core(devices: Devices, core: int, chosen: int) -> None:
    """UG585 B.28, RS_AWDT_CTRL: a bit per core."""
    devices.unlock()
    devices.write(SLCR + 0x24C, chosen)
    devices.write(WATCHDOG, 100, master=core)
    devices.write(WATCHDOG + 8, 9, master=core)
    devices.now = 1000
    alone = chosen >> core & 1
    assert devices.read(WATCHDOG + 0x10, master=core) == 1
    assert devices.signal("reset") == 1 - alone
    assert [devices.signal("released", number) for number in (0, 1)] == [alone * (number == core) for number in (0, 1)]


def test_global_timer_is_one_for_both(devices: Devices) -> None:
    devices.write(GLOBAL + 8, 1)
    devices.now = 4000
    assert devices.read(GLOBAL) == devices.read(GLOBAL, master=1) == 2000
    devices.write(GLOBAL + 8, 0)
    devices.write(GLOBAL, 0xFFFF_FFF0)
    devices.write(GLOBAL + 4, 7)
    devices.write(GLOBAL + 8, 1)
    devices.now = 4000 + 64
    assert (devices.read(GLOBAL), devices.read(GLOBAL + 4)) == (0x10, 8)


def test_comparator_fires_at_or_above(devices: Devices) -> None:
    """4.4.6; the comparator and its control bits are banked."""
    devices.write(GLOBAL + 0x10, 100, master=1)
    devices.write(GLOBAL + 8, 1 | 2 | 4 | 8, master=1)
    devices.write(GLOBAL + 0x18, 50, master=1)
    devices.now = 199
    assert devices.read(GLOBAL + 12, master=1) == 0
    devices.now = 200
    assert devices.read(GLOBAL + 12, master=1) == 1
    assert devices.read(GLOBAL + 12, master=0) == 0
    assert devices.read(GLOBAL + 0x10, master=1) == 150
    assert devices.read(ISPR, master=1) == 1 << 27
    assert devices.read(ISPR, master=0) == 0
    devices.write(GLOBAL + 12, 1, master=1)
    devices.now = 300
    assert devices.read(GLOBAL + 12, master=1) == 1
