# SPDX-License-Identifier: Apache-2.0
"""Waits for other masters at level 2's port and at DDR: the mean of the queue M/D/1 by what they did in the last window."""

from fractions import Fraction

import pytest

from ovm.board.cache.outstanding import BY_OFFSET
from ovm.board.ram import contention
from ovm.board.ram.contention import (
    BOTH,
    DMA,
    LEVEL2,
    MEMORY,
    PORTS,
    Share,
    Window,
    contention_reset,
    windows_from,
    windows_until,
)
from ovm.metal import offsetof, sizeof
from tests.board.cache.driver import maintain_line, select, set_register
from tests.board.cache.rig import LATENCIES, LINE, UNCACHED, Rig

WINDOW, TURN, LINE_TIME = 2000, 4, 6
MODEL = {"contention_window": WINDOW, "level2_busy": TURN, "memory_busy": LINE_TIME, "quantum": 2000}
HIT, OPEN = LATENCIES["level2_hit"], LATENCIES["memory_read"]
OTHERS, OWN = 0x20_0000, 0x30_0000
LOADS = 200
# How much parts of a cycle that are too small may add up to in LOADS waits.
ROUNDING = 1 + LOADS / 256


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def wait(line: int, use: Fraction) -> Fraction:
    """Of one line, when others keep the port busy for a part `use` of the time."""
    return line * use / (2 * (1 - use))


def fill_level2(rig: Rig, base: int, lines: int, core: int) -> None:
    """Have lines in level 2 and not in the core's cache."""
    for number in range(lines):
        rig.load(base + number * LINE, core)
    rig.forget(core)


def waited(rig: Rig, base: int, alone: int) -> int:
    """Cycles that LOADS loads of core 0 waited beside what they do alone."""
    return sum(rig.load(base + number * LINE) - alone for number in range(LOADS))


def ends(rig: Rig, moment: int, runs: int = BOTH) -> None:
    """Let both cores have reached a moment; `runs` has a bit for each that doesn't sleep."""
    rig.call(windows_until, moment, runs)
    rig.call(windows_from, moment, runs)


def window_ends(rig: Rig) -> int:
    """Return when the window in progress ends; 0: when there is someone else."""
    place = rig.program.address_of("ovm.board.ram.contention.WINDOW")
    return int(rig.memory.load(place + offsetof(Window, "end"), 8))


def had(rig: Rig, master: int, port: int, lines: int) -> None:
    """Let a master have moved lines in the window."""
    place = rig.program.address_of("ovm.board.ram.contention.SHARES") + (master * PORTS + port) * sizeof(Share)
    rig.memory.store(place + offsetof(Share, "lines"), 8, lines)


def quiet(rig: Rig, **model: int) -> None:
    """Have 400 lines for core 1, and LOADS for core 0, in level 2, and no window with anything in it."""
    rig.reset(**{**MODEL, **model})
    fill_level2(rig, OTHERS, 500, 1)
    fill_level2(rig, OWN, LOADS, 0)
    rig.call(contention_reset)
    rig.call(windows_from, 0, BOTH)


@pytest.mark.parametrize("lines", [0, 1, 50, 125, 250, 400])
def test_level_2_is_waited_for_as_the_other_core_used_it(rig: Rig, lines: int) -> None:
    quiet(rig)
    for number in range(lines):
        rig.load(OTHERS + number * LINE, 1)
    ends(rig, WINDOW)
    use = min(Fraction(lines * TURN, WINDOW), Fraction(1, 2))
    assert waited(rig, OWN, HIT) == pytest.approx(float(LOADS * wait(TURN, use)), abs=2 * ROUNDING)


@pytest.mark.parametrize("lines", [40, 100, 300])
def test_memory_is_waited_for_behind_level_2(rig: Rig, lines: int) -> None:
    quiet(rig)
    for number in range(lines):
        rig.load(UNCACHED + OTHERS + number * 4, 1)
    ends(rig, WINDOW)
    port, memory = (min(Fraction(lines * each, WINDOW), Fraction(1, 2)) for each in (TURN, LINE_TIME))
    expected = LOADS * (wait(TURN, port) + wait(LINE_TIME, memory))
    assert waited(rig, UNCACHED + OWN, OPEN) == pytest.approx(float(expected), abs=2 * ROUNDING)


def test_uncached_stores_wait_for_the_port(rig: Rig) -> None:
    quiet(rig)
    had(rig, 1, LEVEL2, 250)
    ends(rig, WINDOW)
    stores = [rig.store(UNCACHED + OWN) for _ in range(10)]
    assert sum(stores) == 10 * (LATENCIES["memory_write"] + wait(TURN, Fraction(1, 2)))


def test_what_a_core_does_itself_is_no_reason_to_wait(rig: Rig) -> None:
    quiet(rig)
    for number in range(LOADS):
        rig.load(OWN + number * LINE)
    had(rig, 0, MEMORY, 300)
    rig.forget()
    ends(rig, WINDOW)
    assert waited(rig, OWN, HIT) == 0
    assert waited(rig, UNCACHED + OWN, OPEN) == 0


def test_only_the_last_window_counts(rig: Rig) -> None:
    quiet(rig)
    had(rig, 1, LEVEL2, 250)
    ends(rig, WINDOW - 1)
    assert rig.load(OWN) == HIT
    ends(rig, WINDOW)
    assert rig.load(OWN + LINE) == HIT + wait(TURN, Fraction(1, 2))
    ends(rig, 2 * WINDOW - 1)
    assert rig.load(OWN + 2 * LINE) == HIT + wait(TURN, Fraction(1, 2))
    ends(rig, 2 * WINDOW)
    assert rig.load(OWN + 3 * LINE) == HIT


def test_windows_are_whole_quanta(rig: Rig) -> None:
    quiet(rig, quantum=1500)
    had(rig, 1, LEVEL2, 2 * 1500 // 2 // TURN)
    ends(rig, 2999)
    assert rig.load(OWN) == HIT
    ends(rig, 3000)
    assert rig.load(OWN + LINE) == HIT + wait(TURN, Fraction(1, 2))


@pytest.mark.parametrize(
    ("core", "dma", "use"),
    [
        (0, 100, Fraction(600, WINDOW)),
        (0, 300, Fraction(1, 2)),
        (100, 100, Fraction(1200, WINDOW)),
        (300, 300, Fraction(2, 3)),
        # A master that wants little gets it; the rest is for the other two in turn.
        (20, 300, Fraction(120, WINDOW) + Fraction(WINDOW - 120, 2 * WINDOW)),
        (300, 20, Fraction(120, WINDOW) + Fraction(WINDOW - 120, 2 * WINDOW)),
    ],
)
def test_three_masters_share_memory(rig: Rig, core: int, dma: int, use: Fraction) -> None:
    quiet(rig)
    had(rig, 1, MEMORY, core)
    had(rig, DMA, MEMORY, dma)
    ends(rig, WINDOW)
    assert waited(rig, UNCACHED + OWN, OPEN) == pytest.approx(float(LOADS * wait(LINE_TIME, use)), abs=2 * ROUNDING)


def test_the_dma_controller_waits_for_cores(rig: Rig) -> None:
    quiet(rig)
    had(rig, 0, MEMORY, 50)
    had(rig, 1, MEMORY, 50)
    ends(rig, WINDOW)
    rig.call(contention.dma_moved, LOADS * LINE + 8, 0)
    use = Fraction(2 * 50 * LINE_TIME, WINDOW)
    assert rig.call(contention.dma_waits) == pytest.approx(float(LOADS * wait(LINE_TIME, use)), abs=2 * ROUNDING)
    assert rig.call(contention.dma_waits) == 0


def test_a_batch_of_the_dma_controller_takes_more_than_one_window(rig: Rig) -> None:
    quiet(rig)
    had(rig, DMA, MEMORY, 2 * (WINDOW // LINE_TIME) + 100)
    first = wait(LINE_TIME, Fraction(1, 2))
    for number, each in enumerate((first, first, wait(LINE_TIME, Fraction(600, WINDOW)), Fraction(0))):
        ends(rig, (number + 1) * WINDOW)
        assert waited(rig, UNCACHED + OWN, OPEN) == pytest.approx(float(LOADS * each), abs=ROUNDING)
        had(rig, 0, MEMORY, 0)


@pytest.mark.parametrize(("lines", "apart"), [(0, 7), (100, 7), (200, 7), (250, 8), (500, 8)])
def test_lines_come_no_faster_than_the_port_is_free(rig: Rig, lines: int, apart: int) -> None:
    """Alone level 2 gives one in 7 cycles; beside another core that wants all of it, 4 of each 8 are left."""
    quiet(rig, level2_refill=7, miss_window=40, level1_load=4)
    had(rig, 1, LEVEL2, lines)
    ends(rig, WINDOW)
    rig.set_time(WINDOW)
    for register in range(16):
        rig.call(set_register, register, OWN)
    loads = [rig.load_as(OWN + number * LINE, BY_OFFSET, 2 + number % 8, 1) for number in range(20)]
    # Each load is issued a cycle after the one before.
    assert loads[8:] == [apart - 1] * 12


def test_dirty_lines_wait_in_the_buffer(rig: Rig) -> None:
    quiet(rig, write_back=50, level2_hit=20)
    for number in range(3):
        rig.store(OWN + number * LINE)
    had(rig, 1, LEVEL2, 250)
    ends(rig, WINDOW)
    rig.set_time(WINDOW)
    waits = []
    for number in range(3):
        before = rig.cpu("stalled", 8)
        rig.call(maintain_line, OWN + number * LINE, 1)
        waits.append(rig.cpu("stalled", 8) - before)
    assert waits == [0, 52, 52]


def test_windows_may_be_off(rig: Rig) -> None:
    quiet(rig, contention_window=0)
    had(rig, 1, LEVEL2, 250)
    ends(rig, 10 * WINDOW)
    assert waited(rig, OWN, HIT) == 0


def test_a_core_alone_is_measured_for_as_long_as_it_is(rig: Rig) -> None:
    """It is in no window then and waits for no other; a core that wakes waits for it by all of that time."""
    quiet(rig)
    had(rig, 1, LEVEL2, 250)
    ends(rig, WINDOW, 1)
    assert rig.load(OWN) == HIT + wait(TURN, Fraction(1, 2))
    ends(rig, 2 * WINDOW, 1)
    assert rig.load(OWN + LINE) == HIT
    assert window_ends(rig) == 0
    had(rig, 0, LEVEL2, 5000)
    ends(rig, 12 * WINDOW, 1)
    assert rig.load(OWN + 2 * LINE) == HIT
    had(rig, 0, LEVEL2, 1000)
    ends(rig, 12 * WINDOW + 100, BOTH)
    expected = LOADS * wait(TURN, Fraction(1000 * TURN, 10 * WINDOW + 100))
    total = sum(rig.load(OTHERS + number * LINE, 1) - HIT for number in range(LOADS))
    assert total == pytest.approx(float(expected), abs=ROUNDING)
    assert window_ends(rig) == 13 * WINDOW


ROWS = {"memory_activate": 9, "memory_precharge": 1000}
CLOSED = sum(ROWS.values())
ROW, BANK = 32 << 10, 4 << 10


def reads(rig: Rig, place: int, apart: int, count: int) -> int:
    """Times that a core which reads one place, each so many cycles after the last, finds its row closed."""
    begin, closed = 10 * WINDOW, 0
    rig.set_time(begin)
    rig.load(UNCACHED + place)
    for number in range(1, count + 1):
        rig.set_time(begin + number * apart)
        waits = rig.load(UNCACHED + place) - OPEN
        assert waits in (0, CLOSED)
        closed += waits == CLOSED
    return closed


@pytest.mark.parametrize(("bank", "apart", "closed"), [(0, 50, 20), (0, 10, 4), (0, 400, 40), (1, 400, 0)])
def test_others_close_rows(rig: Rig, bank: int, apart: int, closed: int) -> None:
    """The other core came to bank 0 once in 100 cycles."""
    quiet(rig, memory_busy=0, level2_busy=0, **ROWS)
    for number in range(WINDOW // 100):
        rig.load(UNCACHED + OTHERS + number * ROW, 1)
    ends(rig, WINDOW)
    rig.call(select, 0)
    assert reads(rig, OWN + bank * BANK, apart, 40) == pytest.approx(closed, abs=1 if closed else 0)


def test_the_dma_controller_closes_rows(rig: Rig) -> None:
    quiet(rig, memory_busy=0, level2_busy=0, **ROWS)
    for _ in range(WINDOW // 100):
        rig.call(contention.dma_moved, 128, 3)
    ends(rig, WINDOW)
    assert reads(rig, OWN + 3 * BANK, 50, 40) == pytest.approx(20, abs=1)
    assert reads(rig, OWN, 50, 40) == 0


def test_nobody_closes_rows_that_a_core_comes_back_to(rig: Rig) -> None:
    """Its own visits are no others'."""
    quiet(rig, memory_busy=0, level2_busy=0, **ROWS)
    for _ in range(WINDOW // 100):
        rig.load(UNCACHED + OWN)
    ends(rig, WINDOW)
    assert reads(rig, OWN, 50, 40) == 0


def test_nobody_closes_rows_of_a_core_alone(rig: Rig) -> None:
    quiet(rig, memory_busy=0, level2_busy=0, **ROWS)
    rig.load(UNCACHED + OTHERS, 1)
    ends(rig, WINDOW, 1)
    rig.call(select, 0)
    assert reads(rig, OWN, 50, 40) == 0
    assert window_ends(rig) == 0


def test_what_others_opened_before_a_refresh_is_closed_by_it(rig: Rig) -> None:
    """They came once in 16 cycles; a refresh is at 1,000,000."""
    quiet(rig, memory_busy=0, level2_busy=0, refresh_interval=100_000, refresh_time=1, **ROWS)
    for number in range(WINDOW // 16):
        rig.load(UNCACHED + OTHERS + number * ROW, 1)
    ends(rig, WINDOW)
    rig.call(select, 0)
    for after, waits in ((-32, CLOSED), (-24, 0), (4, 9), (12, CLOSED)):
        rig.set_time(1_000_000 + after)
        assert rig.load(UNCACHED + OWN) == OPEN + waits
