# SPDX-License-Identifier: Apache-2.0
"""Geometry of the TLBs: what fits, what is replaced, what is matched (A9 6.2)."""

import pytest

from ovm.board.mmu import main, micro
from ovm.metal import u32
from tests.board.mmu.bare import FETCH, Bare, Result
from tests.board.mmu.maps import (
    BIG,
    FULL,
    GLOBAL,
    LEVEL_2,
    NOT_GLOBAL_SMALL,
    NSTID,
    PAGE,
    SMALL,
    TABLE,
    TARGET_NS,
    lock,
    lock_next,
    mapped,
    walks,
)

PAGES = [page << 12 for page in range(512)]


@pytest.fixture(scope="module")
def shared() -> Bare:
    return Bare()


@pytest.fixture
def core(shared: Bare) -> Bare:
    shared.reset()
    return mapped(shared)


def test_micro_tlb_holds_32(core: Bare) -> None:
    for address in PAGES[:32] * 3:
        core.translate(address)
    assert core.micro_misses == 32
    for address in PAGES[:33]:
        core.translate(address)
    assert core.micro_misses == 33
    # In turn, one more than fits evicts each page just before it is wanted.
    for address in PAGES[:33]:
        core.translate(address)
    assert core.micro_misses == 33 + 33


def test_fetches_have_a_micro_tlb_of_their_own(core: Bare) -> None:
    core.translate(PAGES[0])
    assert (core.micro_entries(micro.DATA), core.micro_entries(micro.FETCH)) == (1, 0)
    core.translate(PAGES[0], FETCH)
    assert (core.micro_entries(micro.DATA), core.micro_entries(micro.FETCH)) == (1, 1)
    assert core.walks == 1


@pytest.mark.parametrize("entries", (32, 64))
def test_fetch_micro_tlb_has_the_size_asked_for(core: Bare, entries: int) -> None:
    core.parameter("micro_tlb_entries", entries)
    for address in PAGES[:80]:
        core.translate(address, FETCH)
    assert core.micro_entries(micro.FETCH) == entries


def test_main_tlb_holds_128_pages_in_a_row(core: Bare) -> None:
    assert walks(core, *PAGES[:128]) == 128
    assert walks(core, *PAGES[:128]) == 0
    assert core.valid() == list(range(128))
    assert walks(core, PAGES[128]) == 1
    # It replaced one of the two of its set: page 0, whose turn it was.
    assert walks(core, *PAGES[64:128]) == 0
    assert walks(core, PAGES[0]) == 1


def test_three_pages_of_one_set_thrash(core: Bare) -> None:
    three = (PAGES[0], PAGES[64], PAGES[128])
    assert walks(core, *three) == 3
    core.write("CONTEXTIDR", 0)
    assert walks(core, *three, *three) == 3


def test_lockable_entries_hold_ordinary_walks_while_none_is_locked(core: Bare) -> None:
    core.parameter("main_tlb_spare", 1)
    six = [PAGES[64 * number] for number in range(6)]
    assert walks(core, *six) == 6
    core.write("CONTEXTIDR", 0)
    assert walks(core, *six) == 0
    core.write("TLBIALL", 0)
    lock(core, 0, 0x3F_F000 | GLOBAL, 0x3F_F000 | PAGE | FULL)
    assert walks(core, *six) == 6
    core.write("CONTEXTIDR", 0)
    assert walks(core, *six) == 6


def test_pseudo_random_replacement_follows_from_the_seed(core: Bare) -> None:
    def victims(seed: int) -> list[int]:
        core.reset()
        mapped(core)
        core.parameter("main_tlb_random", 1)
        core.parameter("random_seed", seed)
        return [step_of(core, number) for number in range(60)]

    def step_of(core: Bare, number: int) -> int:
        core.write("CONTEXTIDR", 0)
        return walks(core, PAGES[64 * (number * 7 % 5)])

    assert victims(5) == victims(5)
    assert victims(5) != victims(77)


def test_pseudo_random_replacement_is_xorshift() -> None:
    """Marsaglia's generator with shifts 13, 17 and 5, whose first numbers from 1 are widely published."""
    found, value = [], u32(1)
    for _ in range(4):
        value = main.randomly(value)
        found.append(value)
    assert found == [270369, 67634689, 2647435461, 307599695]


def test_sections_take_one_entry(core: Bare) -> None:
    assert walks(core, *range(0x40_0000, 0x50_0000, 0x1_0000)) == 1
    assert core.micro_entries() == 1


def test_context_write_flushes_micro_tlbs_only(core: Bare) -> None:
    core.translate(PAGES[0])
    core.translate(PAGES[0], FETCH)
    core.write("CONTEXTIDR", 0)
    assert core.micro_entries(micro.DATA) == core.micro_entries(micro.FETCH) == 0
    assert walks(core, PAGES[0]) == 0


# Changes that take nothing from the page that the test looks at.
HARMLESS = {"DACR": 1 << 30, "TTBR1": 0x4000, "SCTLR": 1 << 11}


@pytest.mark.parametrize("register", ("DACR", "TTBR0", "TTBR1", "TTBCR", "SCTLR", "PRRR", "NMRR"))
def test_control_writes_flush_nothing(core: Bare, register: str) -> None:
    core.translate(PAGES[0])
    core.write(register, core.read(register) ^ HARMLESS.get(register, 0))
    assert core.micro_entries() == 1
    assert walks(core, PAGES[0]) == 0


def test_stale_entries_answer_until_they_are_invalidated(core: Bare) -> None:
    core.translate(PAGES[5])
    core.store(LEVEL_2 + 4 * 5, PAGES[9] | SMALL)
    assert core.translate(PAGES[5]).physical == PAGES[5]
    core.write("CONTEXTIDR", 0)
    assert core.translate(PAGES[5]).physical == PAGES[5]
    core.write("TLBIMVA", PAGES[5])
    assert core.translate(PAGES[5]).physical == PAGES[9]


def test_faults_of_translation_are_not_cached(core: Bare) -> None:
    core.store(LEVEL_2 + 4 * 5, 0)
    assert core.translate(PAGES[5]).fault == 0x7
    core.store(LEVEL_2 + 4 * 5, PAGES[5] | SMALL)
    assert core.translate(PAGES[5]).fault == 0


def test_entries_are_of_their_asid(core: Bare) -> None:
    core.store(LEVEL_2, PAGES[0] | SMALL | NOT_GLOBAL_SMALL)
    core.write("CONTEXTIDR", 0x101)
    assert walks(core, PAGES[0], PAGES[1]) == 2
    core.write("CONTEXTIDR", 0x202)
    assert walks(core, PAGES[1]) == 0
    assert walks(core, PAGES[0]) == 1
    core.write("CONTEXTIDR", 0x301)
    assert walks(core, PAGES[0]) == 0


def test_worlds_have_entries_of_their_own(core: Bare) -> None:
    assert walks(core, PAGES[0]) == 1
    mapped(core, ns=1)
    before = core.micro_misses
    assert walks(core, PAGES[0]) == 1
    core.enter(0x13, 0)
    assert walks(core, PAGES[0]) == 0
    # Both are in the micro-TLB at once.
    assert core.micro_misses == before + 1
    core.enter(0x16, 1)
    assert core.translate(PAGES[0]).ns == 0


def test_both_ways_of_locking_make_the_same_entry(core: Bare) -> None:
    core.write("TLB_SELECT_READ", 1)
    lock_next(core, 1, 0x40_0000)
    core.write("TLB_SELECT_READ", 1)
    shown = [core.read(name) for name in ("TLB_VA", "TLB_ATTRIBUTES", "TLB_PA")]
    assert shown == [0x40_0000 | GLOBAL, 0x1F & 0b001_110 | 0b001 << 3 | 0b11 << 1, 0x40_0000 | BIG | FULL | 1]
    lock(core, 2, 0x40_0000 | GLOBAL, 0x40_0000 | BIG | FULL, attributes=shown[1])
    assert core.entry(main.LOCKABLE + 1) == core.entry(main.LOCKABLE + 2)


def test_lock_entry_alone_translates(core: Bare) -> None:
    lock(core, 3, 0x1234_5000 | GLOBAL, 0x3000 | PAGE | FULL, attributes=0b001_11 << 1)
    assert core.translate(0x1234_5678) == Result(0x3678, 0, 0, 2, 1, 1, 0, 0)
    assert core.walks == 0
    lock(core, 3, 0x1234_5000 | GLOBAL, 0x3000 | PAGE | FULL, attributes=TARGET_NS)
    assert core.translate(0x1234_5678).ns == 1


def test_a_board_whose_entries_cannot_be_locked_takes_no_writes_of_them(core: Bare) -> None:
    """For `ovm measure lockdown`: the same image as if it locked nothing. What a walk put there stays."""
    core.parameter("main_tlb_spare", 1)
    core.parameter("main_tlb_unlockable", 1)
    six = [PAGES[64 * number] for number in range(6)]
    walks(core, *six)
    for index in range(4):
        lock(core, index, 0x3F_F000 | GLOBAL, 0x3F_F000 | PAGE | FULL)
    core.write("CONTEXTIDR", 0)
    assert walks(core, *six) == 0
    assert walks(core, 0x3F_F000) == 1


def test_lock_entry_of_the_other_world_does_not_answer(core: Bare) -> None:
    lock(core, 0, 0x40_0000 | GLOBAL | NSTID, BIG | FULL)
    assert walks(core, 0x40_0000) == 1
    mapped(core, ns=1)
    assert core.translate(0x40_0000).physical == 0


def test_walks_never_replace_what_is_locked(core: Bare) -> None:
    core.parameter("main_tlb_spare", 1)
    for index in range(4):
        lock_next(core, index, 0x40_0000 + (index << 20))
    assert core.valid() == [main.LOCKABLE + index for index in range(4)]
    walks(core, *PAGES, *(section << 20 for section in range(16, 300)))
    core.write("CONTEXTIDR", 0)
    assert walks(core, *(0x40_0000 + (index << 20) for index in range(4))) == 0


def test_preserve_takes_every_walk_to_the_victim(core: Bare) -> None:
    core.write("TLB_LOCKDOWN", 2 << 28 | 1)
    walks(core, PAGES[0], PAGES[1])
    assert core.valid() == [main.LOCKABLE + 2]
    assert core.read("TLB_LOCKDOWN") == 2 << 28 | 1
    core.write("TLB_LOCKDOWN", 0)
    assert walks(core, PAGES[1]) == 0
    core.write("CONTEXTIDR", 0)
    assert walks(core, PAGES[0]) == 1


def test_writing_a_lock_entry_flushes_micro_tlbs(core: Bare) -> None:
    core.translate(PAGES[0])
    lock(core, 0, 0x1234_5000, 0)
    assert core.micro_entries() == 0


def test_walk_reads_the_table_of_its_world(core: Bare) -> None:
    core.store(0x4_0000 + 4 * 0x400, 0x3300_0000 | 0xC02)
    core.enter(0x13, 1)
    core.write("TTBR0", 0x4_0000)
    core.write("DACR", 1)
    core.write("SCTLR", 1)
    assert core.translate(0x4000_0000).physical == 0x3300_0000
    assert core.translate(0x4000_0000).ns == 1
    core.enter(0x13, 0)
    assert core.translate(0x4000_0000).physical == 0x4000_0000
    assert core.read("TTBR0") == TABLE
