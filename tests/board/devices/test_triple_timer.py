# SPDX-License-Identifier: Apache-2.0
"""Triple timer counters and the system watchdog against UG585 chapter 8."""

import pytest

from tests.board.devices.bench import DISTRIBUTOR, Devices

TTC0, TTC1, WATCHDOG = 0xF800_1000, 0xF800_2000, 0xF800_5000
CLOCK, CONTROL, VALUE, INTERVAL, MATCH, STATUS, ENABLE = 0, 0x0C, 0x18, 0x24, 0x30, 0x54, 0x60
LOW = DISTRIBUTOR + 0xD04  # status of SPIs 32-63


@pytest.fixture
def devices() -> Devices:
    return Devices()


def test_interval_counts_a_sixth_of_the_clock(devices: Devices) -> None:
    devices.write(TTC0 + INTERVAL, 99)
    devices.write(TTC0 + ENABLE, 1)
    devices.write(TTC0 + CONTROL, 2 | 16)
    devices.now = 6 * 50
    assert devices.read(TTC0 + VALUE) == 50
    devices.now = 6 * 100 - 1
    assert devices.read(LOW) == 0
    devices.now = 6 * 100
    assert devices.read(LOW) == 1 << 10
    assert devices.read(TTC0 + STATUS) == 1
    assert (devices.read(LOW), devices.read(TTC0 + STATUS)) == (0, 0)
    devices.now = 6 * 200
    assert devices.read(TTC0 + STATUS, master=3) == 1
    assert devices.read(TTC0 + STATUS) == 1


def test_prescaler_match_and_down(devices: Devices) -> None:
    counter = TTC1 + 4
    devices.write(counter + CLOCK, 1 | 2 << 1)  # / 8
    devices.write(counter + INTERVAL, 1000)
    devices.write(counter + MATCH + 12, 700)
    devices.write(counter + CONTROL, 2 | 4 | 8 | 16)
    devices.now = 48 * 299
    assert (devices.read(counter + VALUE), devices.read(counter + STATUS)) == (701, 0)
    devices.now = 48 * 300
    assert (devices.read(counter + VALUE), devices.read(counter + STATUS)) == (700, 4)
    devices.now = 48 * 1000
    # The other two match registers are 0.
    assert (devices.read(counter + VALUE), devices.read(counter + STATUS)) == (0, 1 | 2 | 8)


def test_overflow_mode_has_16_bits(devices: Devices) -> None:
    devices.write(TTC0 + 8 + CONTROL, 16)
    devices.now = 6 * 0xFFFF
    assert (devices.read(TTC0 + 8 + VALUE), devices.read(TTC0 + 8 + STATUS)) == (0xFFFF, 0)
    devices.now = 6 * 0x10000
    assert (devices.read(TTC0 + 8 + VALUE), devices.read(TTC0 + 8 + STATUS)) == (0, 16)


def test_system_watchdog_wants_its_keys(devices: Devices) -> None:
    devices.write(WATCHDOG + 4, 0x248 << 14 | 0 << 2)
    devices.write(WATCHDOG, 5)
    assert devices.read(WATCHDOG) == 0x1C2
    devices.write(WATCHDOG, 0xABC << 12 | 5)
    due = 0x1000 * 8 * 6
    devices.now = due - 1
    devices.write(WATCHDOG + 8, 0x1999)
    devices.now = 2 * due - 2
    assert devices.read(WATCHDOG + 12) == 0
    devices.now = 2 * due - 1
    assert devices.read(WATCHDOG + 12) == 1
    assert devices.read(LOW) == 1 << 9


@pytest.mark.parametrize(("mode", "interrupts", "resets"), [(1, 0, 0), (1 | 4, 1, 0), (1 | 2, 0, 1)])
def test_system_watchdog_does_what_it_may(devices: Devices, mode: int, interrupts: int, resets: int) -> None:
    """WDEN, RSTEN and IRQEN are bits 0, 1 and 2 of its mode (UG585 B.31)."""
    devices.write(WATCHDOG + 4, 0x248 << 14)
    devices.write(WATCHDOG, 0xABC << 12 | mode)
    devices.now = 0x1000 * 8 * 6
    assert devices.read(WATCHDOG + 12) == 1
    assert devices.read(LOW) == interrupts << 9
    assert devices.signal("reset") == resets
