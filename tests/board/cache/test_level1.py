# SPDX-License-Identifier: Apache-2.0
"""Level 1: size, sets, ways, replacement, write-back, what memory it takes, worlds, maintenance."""

import pytest

from ovm.board import state
from ovm.board.cache import level1, maintain
from ovm.board.cache.level1 import DIRTY
from ovm.board.cache.reset import caches_reset
from ovm.board.cache.stores import Stores
from ovm.board.shortcuts import lines
from ovm.metal import offsetof, sizeof
from tests.board.cache import driver
from tests.board.cache.rig import LATENCIES, LINE, NON_SECURE, NOT_SHARED, SET_BYTES, UNCACHED, Rig

BASE = 0x10_0000
HIT2 = LATENCIES["level2_hit"]
MISS2 = HIT2 + LATENCIES["memory_read"]
WRITE_BACK = LATENCIES["write_back"]


@pytest.fixture(scope="module")
def compiled() -> Rig:
    return Rig()


@pytest.fixture
def rig(compiled: Rig) -> Rig:
    compiled.reset()
    return compiled


def test_hit_and_miss(rig: Rig) -> None:
    assert rig.load(BASE) == MISS2
    assert rig.load(BASE) == 0
    assert rig.load(BASE + LINE - 4) == 0
    assert rig.load(BASE + LINE) == MISS2


def test_capacity(rig: Rig) -> None:
    lines = range(BASE, BASE + (32 << 10), LINE)
    for address in lines:
        rig.load(address)
    assert sum(rig.load(address) for address in lines) == 0
    rig.load(BASE + (32 << 10))
    assert sum(rig.load(address) != 0 for address in lines) >= 1


def test_lines_of_one_set_take_its_ways(rig: Rig) -> None:
    for way in range(level1.WAYS):
        assert rig.load(BASE + way * SET_BYTES) == MISS2
    assert [rig.load(BASE + way * SET_BYTES) for way in range(level1.WAYS)] == [0] * 4
    rig.load(BASE + 4 * SET_BYTES)
    held = [rig.data_tag(BASE + way * SET_BYTES) != 0 for way in range(5)]
    assert held[4]
    assert sum(held) == 4
    assert rig.load(BASE + LINE) == MISS2  # the next set is another one
    assert all(rig.data_tag(BASE + way * SET_BYTES) != 0 for way in range(5)) is False


def test_evicted_lines_are_in_level_2(rig: Rig) -> None:
    for way in range(5):
        rig.load(BASE + way * SET_BYTES)
    gone = next(BASE + way * SET_BYTES for way in range(5) if not rig.data_tag(BASE + way * SET_BYTES))
    assert rig.load(gone) == HIT2


def test_replacement_follows_the_seed(compiled: Rig) -> None:
    def evicted(seed: int) -> list[bool]:
        compiled.reset(random_seed=seed)
        for way in range(40):
            compiled.load(BASE + way * SET_BYTES)
        return [compiled.data_tag(BASE + way * SET_BYTES) != 0 for way in range(40)]

    first = evicted(1)
    assert first == evicted(1)
    assert any(first != evicted(seed) for seed in range(2, 6))
    # Every way is a victim now and then: a line does not stay for ever.
    assert not any(first[:4])


def test_dirty_lines_are_written_back(rig: Rig) -> None:
    rig.store(BASE, 7)
    assert rig.data_tag(BASE) & DIRTY
    assert rig.level2_tag(BASE)[1] & DIRTY == 0
    way = 1
    while rig.data_tag(BASE):
        waited = rig.load(BASE + way * SET_BYTES)
        way += 1
    assert waited == MISS2
    assert rig.level2_tag(BASE)[1] & DIRTY


def test_one_dirty_line_leaves_behind_the_core(rig: Rig) -> None:
    rig.reset(write_back=1000)
    # Every line of a set is dirty, so each load evicts one.
    for way in range(4):
        rig.store(BASE + way * SET_BYTES)
    rig.set_time(100_000)
    waits = [rig.load(BASE + way * SET_BYTES) for way in range(4, 6)]
    assert waits == [MISS2, 1000]


def test_store_to_a_clean_line_is_seen(rig: Rig) -> None:  # what hits for loads must not hit for stores
    rig.load(BASE)
    rig.load(BASE)
    assert not rig.data_tag(BASE) & DIRTY
    rig.store(BASE, 1)
    assert rig.data_tag(BASE) & DIRTY


def test_store_misses_hide_behind_the_buffer(rig: Rig) -> None:
    waits = [rig.store(BASE + number * LINE) for number in range(6)]
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4] == MISS2


def test_only_write_back_memory_is_cached(rig: Rig) -> None:
    rig.load(UNCACHED + BASE)
    assert not rig.data_tag(BASE)
    assert rig.load(UNCACHED + BASE) == LATENCIES["memory_read"]
    rig.load(NOT_SHARED + BASE)
    assert rig.data_tag(BASE)


def test_shareable_memory_needs_smp(rig: Rig) -> None:  # A9 TRM 7.4.3
    place = rig.program.address_of("ovm.board.state.CPU")
    rig.memory.store(place + offsetof(state.Cpu, "actlr"), 4, 0)
    rig.call(lines.drop_lines)  # as a write of ACTLR does
    rig.load(BASE)
    assert not rig.data_tag(BASE)


def test_worlds_have_lines_of_their_own(rig: Rig) -> None:
    rig.load(BASE)
    assert rig.load(NON_SECURE + BASE) == MISS2
    assert rig.data_tag(BASE, 0, 0)
    assert rig.data_tag(BASE, 0, 1)
    assert rig.load(BASE) == 0


@pytest.mark.parametrize(("op", "stays"), [(maintain.CLEAN, True), (maintain.CLEAN | maintain.INVALIDATE, False)])
def test_maintenance_by_address(rig: Rig, op: int, stays: bool) -> None:
    rig.store(BASE, 1)
    rig.load(BASE)
    rig.call(driver.maintain_line, BASE, op)
    assert bool(rig.data_tag(BASE)) == stays
    assert not rig.data_tag(BASE) & DIRTY
    assert rig.level2_tag(BASE)[1] & DIRTY
    assert rig.load(BASE) == (0 if stays else HIT2)
    rig.store(BASE, 2)
    assert rig.data_tag(BASE) & DIRTY  # a store after a clean is seen


def test_maintenance_by_set_and_way(rig: Rig) -> None:
    rig.store(BASE, 1)
    for way in range(4):
        rig.call(maintain.data_set_way, BASE & 0x1FE0 | way << 30, 3)
    assert not rig.data_tag(BASE)
    assert rig.level2_tag(BASE)[1] & DIRTY


@pytest.mark.parametrize("op", [maintain.CLEAN, maintain.INVALIDATE, maintain.CLEAN | maintain.INVALIDATE])
def test_set_and_way_of_the_normal_world_spare_secure_lines(rig: Rig, op: int) -> None:
    """Or OVM would lose what it has not written back: never does such an operation just drop a Secure line (Arm FAQ 16369)."""
    context = rig.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, "context")
    rig.store(BASE, 1)
    rig.store(NON_SECURE + BASE + SET_BYTES, 1)
    rig.memory.store(context, 4, 2)
    for way in range(4):
        rig.call(maintain.data_set_way, BASE & 0x1FE0 | way << 30, op)
    rig.memory.store(context, 4, 0)
    assert rig.data_tag(BASE) & DIRTY
    other = rig.data_tag(BASE + SET_BYTES, ns=1)
    assert not other & DIRTY and (other != 0) == (op == maintain.CLEAN)


def test_instruction_side(rig: Rig) -> None:
    assert rig.fetch(BASE) == MISS2
    assert rig.fetch(BASE) == 0
    assert rig.load(BASE) == HIT2  # data is not in it, but both are in level 2
    rig.call(maintain.instruction_all)
    assert rig.fetch(BASE) == HIT2
    for way in range(1, 4):
        rig.fetch(BASE + way * SET_BYTES)
    assert rig.fetch(BASE) == 0
    assert rig.fetch(NON_SECURE + BASE) == MISS2


def test_on_chip_memory_is_not_in_level_2(rig: Rig) -> None:
    rig.load(0xFFFC_0000)
    assert rig.load(0xFFFC_0020) == LATENCIES["on_chip_read"]
    assert rig.load(0xFFFC_0020) == 0
    assert rig.level2_tag(0xFFFC_0020) == (8, 0)


def test_reset_empties_everything(rig: Rig) -> None:
    rig.store(BASE)
    rig.fetch(BASE)
    rig.call(caches_reset)
    assert not rig.data_tag(BASE)
    assert rig.level2_tag(BASE) == (8, 0)
    assert rig.load(BASE) == LATENCIES["memory_read"]  # level 2 is off
    assert rig.fetch(BASE) == LATENCIES["memory_read"]
    assert not any(rig.memory.read(rig.program.address_of("ovm.board.cache.stores.STORES"), 2 * sizeof(Stores)))
