# SPDX-License-Identifier: Apache-2.0
"""PLD brings a line behind the core, without fault and without a walk (A9 TRM 7.6.1)."""

import pytest

from ovm.board.access.preload import preload
from ovm.board.cache.level1 import AHEAD
from ovm.board.mmu import maintain as tlb
from ovm.board.processor.status import set_mode
from ovm.board.state import Cpu
from ovm.metal import offsetof
from tests.board.cache.rig import LATENCIES, LINE, NON_SECURE, PRIVILEGED, UNCACHED, Rig

BASE, SECTION = 0x10_0000, 16 << 20
MISS = LATENCIES["level2_hit"] + LATENCIES["memory_read"]


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


@pytest.fixture(autouse=True)
def caches_are_empty(rig: Rig) -> None:
    rig.reset(prefetch_streams=2)
    rig.set_time(100_000)


def waited(rig: Rig, address: int) -> int:
    """Preload; return what the core waits for that."""
    before = rig.cpu("stalled", 8)
    rig.call(preload, address)
    assert rig.cpu("fault") == 0
    return rig.cpu("stalled", 8) - before


def test_a_load_waits_for_the_rest(rig: Rig) -> None:
    assert waited(rig, BASE + 8) == 0
    assert rig.data_tag(BASE) & AHEAD
    rig.set_time(100_100)
    assert [rig.load(BASE), rig.load(BASE)] == [MISS - 100, 0]


def test_a_store_waits_behind_the_core(rig: Rig) -> None:
    waited(rig, BASE)
    assert [rig.store(BASE), rig.load(BASE)] == [0, MISS]


def test_lines_come_from_level_2_too(rig: Rig) -> None:
    rig.load(BASE)
    rig.forget()
    assert waited(rig, BASE) == 0
    assert rig.load(BASE) == LATENCIES["level2_hit"]


def test_a_line_that_is_there_stays(rig: Rig) -> None:
    rig.load(BASE)
    assert waited(rig, BASE) == 0
    assert not rig.data_tag(BASE) & AHEAD
    assert rig.load(BASE) == 0


def test_the_main_tlb_is_asked(rig: Rig) -> None:
    rig.reset(micro_tlb_miss=7)
    for number in range(40):  # more pages than the micro-TLB holds
        rig.load(BASE + number * SECTION % NON_SECURE)
    rig.forget()
    for number in range(40):
        assert waited(rig, BASE + number * SECTION % NON_SECURE) == 0
        assert rig.data_tag(BASE + number * SECTION % NON_SECURE)


def test_no_walk_is_made(rig: Rig) -> None:
    rig.call(tlb.maintain, tlb.ALL, 0)
    waited(rig, BASE)
    assert not rig.data_tag(BASE)


def test_rights_are_asked_for(rig: Rig) -> None:
    rig.load(PRIVILEGED)
    rig.forget()
    rig.call(set_mode, 0x10)
    waited(rig, PRIVILEGED + LINE)
    assert not rig.data_tag(PRIVILEGED - 0xFFE0_0000 + 0x10_0000 + LINE)
    rig.call(set_mode, 0x13)
    waited(rig, PRIVILEGED + LINE)
    assert rig.data_tag(PRIVILEGED - 0xFFE0_0000 + 0x10_0000 + LINE)


def test_what_is_not_cached_is_left(rig: Rig) -> None:
    waited(rig, UNCACHED + BASE)
    assert not rig.data_tag(BASE)


def test_nothing_happens_without_the_mmu(rig: Rig) -> None:
    sctlr = offsetof(Cpu, "world")
    rig.memory.store(rig.program.address_of("ovm.board.state.CPU") + sctlr, 4, 0)
    waited(rig, BASE)
    assert not rig.data_tag(BASE)


def test_the_automatic_prefetcher_forgets_its_streams(rig: Rig) -> None:
    for line in range(2):
        rig.load(BASE + line * LINE)
    waited(rig, BASE + 100 * LINE)
    rig.load(BASE + 2 * LINE)
    assert not rig.data_tag(BASE + 3 * LINE)


def test_a_fetch_waits_for_a_line_that_is_asked_for(rig: Rig) -> None:
    waited(rig, BASE)
    rig.set_time(100_050)
    assert rig.fetch(BASE) == MISS - 50


def test_however_many_are_asked_for_each_is_waited_for(rig: Rig) -> None:
    for line in range(8):
        waited(rig, BASE + line * LINE)
    rig.set_time(100_050)
    assert rig.load(BASE) == MISS - 50


def test_a_store_waits_for_one_of_many(rig: Rig) -> None:
    for line in range(8):
        waited(rig, BASE + line * LINE)
    assert [rig.store(BASE), rig.load(BASE)] == [0, MISS]
