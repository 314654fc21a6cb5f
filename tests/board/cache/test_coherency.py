# SPDX-License-Identifier: Apache-2.0
"""Lines that both cores use: sharing, moving, exclusives."""

import pytest

from ovm.arm.control import ACTLR_FW, ACTLR_SMP
from ovm.board import state
from ovm.board.cache import maintain
from ovm.board.cache.level1 import DIRTY, SHARED
from ovm.metal import offsetof
from tests.board.cache import driver
from tests.board.cache.rig import LATENCIES, NOT_SHARED, Rig

BASE = 0x10_0000
FROM_OTHER = LATENCIES["core_to_core"]


@pytest.fixture(scope="module")
def compiled() -> Rig:
    return Rig()


@pytest.fixture
def rig(compiled: Rig) -> Rig:
    compiled.reset()
    return compiled


def test_clean_lines_are_copied(rig: Rig) -> None:
    rig.load(BASE, 0)
    assert rig.load(BASE, 1) == FROM_OTHER
    assert rig.data_tag(BASE, 0) & SHARED
    assert rig.data_tag(BASE, 1) & SHARED


def test_dirty_lines_move(rig: Rig) -> None:
    rig.store(BASE, 5, 0)
    assert rig.load(BASE, 1) == FROM_OTHER
    assert not rig.data_tag(BASE, 0)
    assert rig.data_tag(BASE, 1) & DIRTY
    assert rig.value(BASE, 1) == 5


def test_a_store_takes_the_line(rig: Rig) -> None:
    rig.load(BASE, 0)
    rig.load(BASE, 1)
    rig.load(BASE, 0)
    assert rig.store(BASE, 1, 0) == FROM_OTHER
    assert not rig.data_tag(BASE, 1)
    assert rig.load(BASE, 1) == FROM_OTHER


def test_stores_in_turn(rig: Rig) -> None:  # what hit for stores before must not hit now
    for turn in range(6):
        rig.store(BASE, turn, turn % 2)
        rig.store(BASE, turn, turn % 2)
        assert not rig.data_tag(BASE, 1 - turn % 2)
        assert rig.data_tag(BASE, turn % 2) & DIRTY


def test_memory_that_is_not_shareable_stays_apart(rig: Rig) -> None:
    rig.store(NOT_SHARED + BASE, 1, 0)
    rig.load(NOT_SHARED + BASE, 1)
    assert rig.data_tag(BASE, 0) & DIRTY
    assert rig.data_tag(BASE, 1)


@pytest.mark.parametrize("own", [ACTLR_SMP, ACTLR_SMP | ACTLR_FW])
def test_maintenance_reaches_the_other_core_if_it_is_broadcast(rig: Rig, own: int) -> None:  # A9 TRM 4.3.10
    rig.store(BASE, 5, 1)
    rig.call(driver.select, 0)
    rig.memory.store(rig.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, "actlr"), 4, own)
    rig.call(driver.maintain_line, BASE, maintain.CLEAN)
    assert bool(rig.data_tag(BASE, 1) & DIRTY) == (own & ACTLR_FW == 0)


def test_maintenance_of_memory_that_is_not_shareable_is_the_cores_own(rig: Rig) -> None:  # ARM B4.2.1
    for core in (0, 1):
        rig.store(NOT_SHARED + BASE, 5, core)
    rig.call(driver.select, 0)
    rig.memory.store(rig.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, "actlr"), 4, ACTLR_SMP | ACTLR_FW)
    rig.call(driver.maintain_line, NOT_SHARED + BASE, maintain.CLEAN)
    assert [bool(rig.data_tag(BASE, core) & DIRTY) for core in (0, 1)] == [False, True]


def monitor(rig: Rig, core: int, value: int | None = None) -> int:
    """Return the exclusive monitor of a core; or let it hold BASE."""
    rig.call(driver.select, core)
    place = rig.program.address_of("ovm.board.state.CPU")
    if value is not None:
        rig.call(driver.exclusive, BASE)
    return int(rig.memory.load(place + offsetof(state.Cpu, "exclusive"), 4))


@pytest.mark.parametrize("offset", [0, 28, 32])
def test_stores_clear_the_monitor_of_the_other(rig: Rig, offset: int) -> None:
    rig.store(BASE + offset, 1, 1)
    rig.store(BASE + offset, 1, 1)
    monitor(rig, 0, 1)
    rig.store(BASE + offset, 2, 1)
    assert monitor(rig, 0) == (1 if offset == 32 else 0)


def test_a_store_that_hits_is_seen_by_the_monitor(rig: Rig) -> None:
    """Core 0 holds the granule of memory that is not shareable, so the line of core 1 stays its own."""
    rig.store(NOT_SHARED + BASE, 1, 1)
    rig.load(NOT_SHARED + BASE, 1)
    rig.load(NOT_SHARED + BASE, 0)
    monitor(rig, 0, 1)
    rig.store(NOT_SHARED + BASE, 2, 1)
    assert monitor(rig, 0) == 0
