# SPDX-License-Identifier: Apache-2.0
"""Prefetch and double linefill of level 2, as its registers enable them (L2C-310 TRM 3.3.14)."""

import pytest

from tests.board.cache.rig import LATENCIES, LINE, Rig

BASE, PAGE = 0x10_0000, 4096
HIT, MEMORY = LATENCIES["level2_hit"], LATENCIES["memory_read"]
CONTROL, AUXILIARY, PREFETCH = 0x100, 0x104, 0xF60
DATA, FETCHES, DOUBLE = 1 << 28, 1 << 29, 1 << 30


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


@pytest.fixture(autouse=True)
def caches_are_empty(rig: Rig) -> None:
    rig.reset()
    rig.set_time(100_000)


def held(rig: Rig, *lines: int) -> list[bool]:
    return [rig.level2_tag(BASE + line * LINE) != (8, 0) for line in lines]


def test_nothing_is_ahead_after_reset(rig: Rig) -> None:
    rig.load(BASE)
    rig.fetch(BASE + 8 * LINE)
    assert held(rig, 0, 1, 8, 9) == [True, False, True, False]


def test_loads_bring_the_next_line(rig: Rig) -> None:
    rig.write(PREFETCH, DATA)
    assert rig.load(BASE) == HIT + MEMORY
    assert held(rig, 0, 1, 2) == [True, True, False]
    rig.fetch(BASE + 8 * LINE)
    assert not any(held(rig, 9))
    assert rig.load(BASE + LINE) == HIT
    assert held(rig, 2, 3) == [True, False]


def test_fetches_bring_the_next_line(rig: Rig) -> None:
    rig.write(PREFETCH, FETCHES)
    rig.load(BASE)
    rig.fetch(BASE + 8 * LINE)
    assert held(rig, 1, 9) == [False, True]


def test_the_offset_says_how_far(rig: Rig) -> None:
    rig.write(PREFETCH, DATA | 7)
    rig.load(BASE)
    assert held(rig, 1, 7, 8, 9) == [False, False, True, False]


def test_a_page_ends_it(rig: Rig) -> None:
    rig.write(PREFETCH, DATA)
    rig.load(BASE + PAGE - LINE)
    assert not any(held(rig, PAGE // LINE))


def test_a_line_that_is_under_way_is_waited_for(rig: Rig) -> None:
    rig.write(PREFETCH, DATA)
    rig.store(BASE)
    rig.set_time(100_100)
    assert rig.load(BASE + LINE) == HIT + MEMORY - 100


def test_nobody_waits_for_a_line_of_its_place_before(rig: Rig) -> None:
    rig.write(PREFETCH, DATA)
    rig.store(BASE)
    way, _ = rig.level2_tag(BASE + LINE)
    rig.write(0x900, 0xFF ^ 1 << way)
    rig.write(PREFETCH, 0)
    rig.load(BASE + LINE + (64 << 10))
    rig.forget()
    rig.write(PREFETCH, 1)
    rig.set_time(100_000)
    assert rig.load(BASE + LINE + (64 << 10)) == HIT


@pytest.mark.parametrize(("first", "other"), [(4, 5), (5, 4)])
def test_a_double_linefill_brings_both_halves(rig: Rig, first: int, other: int) -> None:
    rig.write(PREFETCH, DOUBLE)
    rig.store(BASE + first * LINE)
    assert held(rig, 3, 4, 5, 6) == [False, True, True, False]
    assert rig.load(BASE + other * LINE) == HIT + MEMORY
    rig.set_time(200_000)
    assert held(rig, 3, 6) == [False, False]


def test_locked_ways_take_nothing(rig: Rig) -> None:
    rig.write(PREFETCH, DATA)
    rig.write(0x900, 0xFF)
    rig.load(BASE)
    assert held(rig, 0, 1) == [False, False]


def test_auxiliary_control_has_the_same_bits(rig: Rig) -> None:
    rig.write(CONTROL, 0)
    rig.write(AUXILIARY, DATA)
    assert rig.register(PREFETCH) == DATA
    rig.write(PREFETCH, FETCHES | DOUBLE | 3)
    assert rig.register(AUXILIARY) & (DATA | FETCHES | DOUBLE) == FETCHES
