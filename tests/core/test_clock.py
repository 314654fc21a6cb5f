# SPDX-License-Identifier: Apache-2.0
"""The clock and the alarm are CPU 0's own; the alarm counts from the moment at which it is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ovm.core import clock
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS
from ovm.metal import simulate, u64
from tests.core.machine import write

BASE = 0x1E00_0000
PRIVATE, GLOBAL = 0x600, 0x200
LOAD, CONTROL, STATUS = PRIVATE, PRIVATE + 8, PRIVATE + 0xC
WATCHDOG_LOAD, WATCHDOG_COUNTER, WATCHDOG_CONTROL, WATCHDOG_DISABLE = 0x620, 0x624, 0x628, 0x634


class Timers:
    """Words that remember the order of their writes; the watchdog's counter counts down by a step at each look."""

    def __init__(self, ticks: int = 0, step: int = 0) -> None:
        self.ticks, self.step = ticks, step
        self.words: dict[int, int] = {}
        self.writes: list[tuple[int, int]] = []

    def read(self, offset: int, size: int) -> int:
        if offset != WATCHDOG_COUNTER:
            return self.words.get(offset, 0)
        self.ticks += self.step
        return ~self.ticks & 0xFFFF_FFFF

    def write(self, offset: int, size: int, value: int) -> None:
        self.writes.append((offset, value))
        self.words[offset] = value


@contextmanager
def timers(registers: Timers) -> Iterator[Timers]:
    with simulate.simulate(devices=[(BASE, 0x1000, registers)]):
        write(CONFIG, global_timer_phys=BASE + GLOBAL, private_timer_phys=BASE + PRIVATE)
        CPUS[0].time = u64(registers.ticks)
        yield registers


def test_all_timers_begin_at_zero_though_the_boot_loader_used_them() -> None:
    with timers(Timers()) as found:
        clock.clock_start()
    order = found.writes
    # Watchdog mode is left by two words (DDI0407 4.2.8) before the control register is written.
    assert order[:3] == [(WATCHDOG_DISABLE, 0x1234_5678), (WATCHDOG_DISABLE, 0x8765_4321), (WATCHDOG_CONTROL, 0)]
    assert found.words[WATCHDOG_LOAD] == 0xFFFF_FFFF and found.words[WATCHDOG_CONTROL] == 3
    # The global timer's counter may be written only while it is off (4.4.1). It starts right behind the clock.
    assert [each for each in order if GLOBAL <= each[0] < GLOBAL + 16][0] == (GLOBAL + 8, 0)
    assert order[-2:] == [(WATCHDOG_CONTROL, 3), (GLOBAL + 8, 1)]
    assert found.words[CONTROL] == 5


class Wrapping(Timers):
    """A global timer whose low half wraps while it is read: the high half, the low one, the high one, the low one."""

    def __init__(self) -> None:
        super().__init__()
        self.values = {GLOBAL: [0xFFFF_FFFF, 3], GLOBAL + 4: [7, 8, 8]}

    def read(self, offset: int, size: int) -> int:
        return self.values[offset].pop(0)


def test_the_global_timer_is_read_whole() -> None:
    """High, low, high again until both are the same (DDI0407 4.4.1)."""
    with timers(Timers()) as found:
        found.words |= {GLOBAL: 0x1234_5678, GLOBAL + 4: 0x9ABC}
        assert clock.global_time() == 0x9ABC_1234_5678
    with timers(Wrapping()):
        assert clock.global_time() == 8 << 32 | 3


@pytest.mark.parametrize("ticks", [0, 0xFFFF_FFFF, 0x1_0000_0000, 0x7_8000_0000])
def test_rounds_of_the_counter_are_counted(ticks: int) -> None:
    with timers(Timers(ticks, 0x7FFF_FFFF)) as found:
        for _ in range(5):
            assert clock.now() == found.ticks


def test_the_alarm_counts_from_when_it_is_set() -> None:
    """Not from when the time was read that the choice was made with: a thousand ticks lie between in here."""
    with timers(Timers(5000, 1000)) as found:
        current = clock.now()
        clock.alarm_set(current + u64(10_000))
        assert found.words[LOAD] == 9000
        assert CPUS[0].event_at == current + 10_000


@pytest.mark.parametrize(("at", "load"), [(0, 16), (5000, 16), (5017, 17), (1 << 40, 0x7FFF_FFFF)])
def test_the_alarm_is_neither_too_near_nor_too_far(at: int, load: int) -> None:
    with timers(Timers(5000)) as found:
        clock.alarm_set(u64(at))
        assert found.writes == [(LOAD, load)]
        assert CPUS[0].event_at == 5000 + load
