# SPDX-License-Identifier: Apache-2.0
"""Stores that miss: their lines come behind the core, and a load that wants one of them waits for it."""

import pytest

from ovm.board.cache import maintain
from ovm.board.processor.status import set_mode
from tests.board.cache import driver
from tests.board.cache.rig import LATENCIES, LINE, Rig

BASE, PAGE = 0x10_0000, 4096
LATENCY = LATENCIES["level2_hit"]
USER, SUPERVISOR = 0x10, 0x13


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


@pytest.fixture(autouse=True)
def level_2_holds_lines(rig: Rig) -> None:
    ready(rig)


def ready(rig: Rig, **model: int) -> None:
    rig.reset(**model)
    for number in range(16):
        rig.load(BASE + number * LINE)
    rig.forget()
    rig.set_time(100_000)


def test_a_load_waits_for_a_line_that_a_store_brings(rig: Rig) -> None:
    assert [rig.store(BASE), rig.store(BASE + 4), rig.store(BASE)] == [0, 0, 0]
    assert [rig.load(BASE + 8), rig.load(BASE + 8)] == [LATENCY, 0]


def test_it_waits_for_the_rest_only(rig: Rig) -> None:
    assert rig.store(BASE) == 0
    rig.set_time(100_000 + LATENCY - 3)
    assert rig.load(BASE) == 3


def test_a_line_that_is_there_makes_nobody_wait(rig: Rig) -> None:
    assert rig.store(BASE) == 0
    rig.set_time(200_000)
    assert [rig.load(BASE), rig.store(BASE + 4), rig.load(BASE + 4)] == [0, 0, 0]


def test_stores_that_miss_keep_their_distance(rig: Rig) -> None:
    ready(rig, store_miss=12)
    assert [rig.store(BASE + line * LINE) for line in range(4)] == [0, 0, 0, 0]
    assert [rig.load(BASE + line * LINE) for line in range(4)] == [LATENCY, 12, 12, 12]


def test_the_fifth_store_that_misses_waits(rig: Rig) -> None:
    assert [rig.store(BASE + line * LINE) for line in range(5)] == [0, 0, 0, 0, LATENCY]


@pytest.mark.parametrize(("line", "cycles", "waits"), [(1, 4, False), (-1, 4, False), (1, 3, True), (2, 4, True), (0, 4, True)])
def test_a_whole_line_is_not_waited_for(rig: Rig, line: int, cycles: int, waits: bool) -> None:
    """One whose eight words may have been stored before its neighbour's."""
    first = BASE + 4 * LINE
    assert rig.store(first) == 0
    rig.issue(2 * cycles)
    assert rig.store(first + line * LINE) == 0
    assert rig.load(first) == (LATENCY - cycles if waits else 0)


def test_a_store_that_waits_stores_no_whole_line(rig: Rig) -> None:
    """Only time in which other stores may have been issued counts."""
    assert [rig.store(BASE + line * LINE) for line in range(6)] == [0, 0, 0, 0, LATENCY, 0]
    assert rig.load(BASE + 4 * LINE) == LATENCY


def test_whole_lines_follow_each_other_as_they_are_stored(rig: Rig) -> None:
    ready(rig, store_miss=12)
    for line in range(8):
        assert rig.store(BASE + line * LINE) == 0
        rig.issue(16)


def test_a_whole_line_of_memory_keeps_its_time(rig: Rig) -> None:
    first = BASE + 64 * LINE
    assert rig.store(first) == 0
    rig.issue(8)
    assert rig.store(first + LINE) == 0
    assert rig.load(first) == LATENCY + LATENCIES["memory_read"] - 4


def test_lines_from_memory_keep_their_distance(rig: Rig) -> None:
    ready(rig, memory_refill=8)
    first = BASE + 64 * LINE
    assert [rig.store(first + line * PAGE) for line in range(3)] == [0, 0, 0]
    memory = LATENCY + LATENCIES["memory_read"]
    assert [rig.load(first + line * PAGE) for line in range(3)] == [memory, 8, 8]


def test_a_line_that_was_cleaned_is_there(rig: Rig) -> None:
    rig.store(BASE)
    rig.call(driver.maintain_line, BASE, maintain.CLEAN)
    assert rig.load(BASE) == 0


def test_the_other_core_takes_it(rig: Rig) -> None:
    rig.store(BASE)
    assert rig.load(BASE, core=1) == LATENCIES["core_to_core"]
    assert rig.load(BASE, core=0) == LATENCIES["core_to_core"]


def test_a_short_cut_for_stores_is_known_to_its_line(rig: Rig) -> None:
    """A second name of the line takes no place of the first one's."""
    rig.store(BASE)
    rig.call(set_mode, USER)
    rig.load(BASE)
    rig.call(set_mode, SUPERVISOR)
    rig.call(driver.maintain_line, BASE, maintain.CLEAN | maintain.INVALIDATE)
    rig.store(BASE)
    assert rig.data_tag(BASE)
