# SPDX-License-Identifier: Apache-2.0
"""The data prefetcher: it follows regular misses to memory within a page, one line ahead (A9 TRM 7.6.2)."""

from collections.abc import Callable

import pytest

from ovm.board.cache.level1 import AHEAD
from ovm.board.cp15 import operations
from ovm.board.cp15.control import write_contextidr
from ovm.board.execute import hints
from ovm.board.state import Cpu
from ovm.metal import offsetof
from tests.board.cache import driver
from tests.board.cache.rig import LATENCIES, LINE, Rig

BASE, PAGE = 0x10_0000, 4096
MISS = LATENCIES["level2_hit"] + LATENCIES["memory_read"]


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


@pytest.fixture(autouse=True)
def caches_are_empty(rig: Rig) -> None:
    rig.reset(prefetch_streams=2)
    rig.set_time(100_000)


def ahead(rig: Rig, line: int) -> bool:
    """Tell whether a line was brought and not asked for."""
    return bool(rig.data_tag(BASE + line * LINE) & AHEAD)


def load(rig: Rig, *lines: int) -> list[int]:
    return [rig.load(BASE + line * LINE) for line in lines]


@pytest.mark.parametrize("distance", [1, 2, 8, -1, -8])
def test_the_third_miss_brings_the_next_line(rig: Rig, distance: int) -> None:
    first = 64
    assert load(rig, first, first + distance) == [MISS, MISS]
    assert not rig.data_tag(BASE + (first + 2 * distance) * LINE)
    load(rig, first + 2 * distance)
    assert ahead(rig, first + 3 * distance)
    assert not rig.data_tag(BASE + (first + 4 * distance) * LINE)


def test_each_line_that_is_used_brings_another(rig: Rig) -> None:
    load(rig, 0, 1, 2)
    rig.set_time(200_000)
    assert load(rig, 3) == [0]
    assert rig.data_tag(BASE + 3 * LINE) & AHEAD == 0
    assert ahead(rig, 4)
    assert load(rig, 3) == [0]
    assert not rig.data_tag(BASE + 5 * LINE)


def test_a_load_waits_for_a_line_that_is_under_way(rig: Rig) -> None:
    for line in range(3):
        assert rig.store(BASE + line * LINE) == 0
    assert load(rig, 3) == [MISS]


def test_a_store_does_not(rig: Rig) -> None:
    for line in range(4):
        assert rig.store(BASE + line * LINE) == 0
    assert ahead(rig, 4)


def test_a_page_ends_it(rig: Rig) -> None:
    last = PAGE // LINE - 1
    load(rig, last - 2, last - 1, last)
    assert not rig.data_tag(BASE + PAGE)


def test_nothing_regular_brings_nothing(rig: Rig) -> None:
    load(rig, 0, 1, 3, 6, 10, 11, 30, 39, 48)  # nine lines are too far
    assert not any(ahead(rig, line) for line in range(64))


def test_two_streams_at_once(rig: Rig) -> None:
    load(rig, 0, 128, 1, 129, 2, 130)
    assert ahead(rig, 3) and ahead(rig, 131)


def test_lines_of_level_2_are_left_there(rig: Rig) -> None:
    load(rig, 3)
    rig.forget()
    load(rig, 0, 1, 2)
    assert not rig.data_tag(BASE + 3 * LINE)
    rig.forget()
    load(rig, 0, 1, 2)
    assert not any(ahead(rig, line) for line in range(16))


@pytest.mark.parametrize(
    ("stop", "stops"),
    [
        (lambda rig: rig.call(driver.barrier, hints.DATA_SYNCHRONISE), True),
        (lambda rig: rig.call(operations.barrier, 0, operations.DATA_SYNCHRONISE, 0), True),
        (lambda rig: rig.call(write_contextidr, 0, 0, 7), True),
        (lambda rig: rig.call(driver.barrier, hints.BARRIER), False),
        (lambda rig: rig.call(operations.barrier, 0, 0, 0), False),
    ],
    ids=["DSB", "CP15DSB", "CONTEXTIDR", "DMB", "CP15DMB"],
)
def test_what_stops_it(rig: Rig, stop: Callable[[Rig], int], stops: bool) -> None:
    load(rig, 0, 1)
    stop(rig)
    load(rig, 2)
    assert ahead(rig, 3) != stops


def test_actlr_turns_it_on(rig: Rig) -> None:
    rig.memory.store(rig.program.address_of("ovm.board.state.CPU") + offsetof(Cpu, "actlr"), 4, 0x41)
    load(rig, 0, 1, 2, 3)
    assert not any(ahead(rig, line) for line in range(16))
