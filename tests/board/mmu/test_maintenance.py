# SPDX-License-Identifier: Apache-2.0
"""Tests of what TLB maintenance does to ordinary and to locked entries (ARM B4.2.2; A9 table 4-26)."""

import pytest

from ovm.arm.control import ACTLR_FW, ACTLR_SMP
from ovm.board import state
from ovm.board.mmu import main
from ovm.metal import offsetof, sizeof
from tests.board.mmu.bare import Bare
from tests.board.mmu.maps import BIG, FULL, GLOBAL, LEVEL_2, NOT_GLOBAL_SMALL, NSTID, SMALL, lock, mapped, walks

OWN, GLOBAL_PAGE, LOCKED, LOCKED_OWN = 0x1000, 0x2000, 0x50_0000, 0x60_0000
ASID = 7
ORDINARY = 2


@pytest.fixture(scope="module")
def shared() -> Bare:
    return Bare()


@pytest.fixture
def core(shared: Bare) -> Bare:
    """Return a core with one page of an ASID and one global page cached, and one section locked for each."""
    shared.reset()
    fill(mapped(shared))
    return shared


def fill(core: Bare, ns: int = 0) -> None:
    core.store(LEVEL_2 + (OWN >> 10), OWN | SMALL | NOT_GLOBAL_SMALL)
    core.write("CONTEXTIDR", ASID)
    lock(core, 2 * ns, LOCKED | GLOBAL | ns * NSTID, LOCKED | BIG | FULL)
    lock(core, 2 * ns + 1, LOCKED_OWN | ASID | ns * NSTID, LOCKED_OWN | BIG | FULL)
    assert walks(core, OWN, GLOBAL_PAGE, LOCKED, LOCKED_OWN) == 2


def gone(core: Bare, core_number: int = 0) -> set[int]:
    """Return those of the four entries that the main TLB has lost."""
    held = {core.entry(index, core_number)[0] & 0xFFFF_F000 for index in core.valid(core_number)}
    return {OWN, GLOBAL_PAGE, LOCKED, LOCKED_OWN} - held


NAMED = {
    "TLBIALL": (0, {OWN, GLOBAL_PAGE}),
    "TLBIMVA own": (OWN | ASID, {OWN}),
    "TLBIMVA other ASID": (OWN | 8, set()),
    "TLBIMVA global": (GLOBAL_PAGE | 8, {GLOBAL_PAGE}),
    "TLBIMVA locked": (LOCKED | 0xF_0000 | 8, {LOCKED}),
    "TLBIMVA locked own": (LOCKED_OWN | ASID, {LOCKED_OWN}),
    "TLBIMVA locked other": (LOCKED_OWN | 8, set()),
    "TLBIASID": (ASID, {OWN, LOCKED_OWN}),
    "TLBIASID other": (8, set()),
    "TLBIMVAA own": (OWN, {OWN}),
    "TLBIMVAA global": (GLOBAL_PAGE, {GLOBAL_PAGE}),
    "TLBIMVAA locked": (LOCKED, set()),
    "TLBIMVAA locked own": (LOCKED_OWN, set()),
}


@pytest.mark.parametrize("ending", ("", "IS", "I", "D"))
@pytest.mark.parametrize("what", NAMED)
def test_operations(core: Bare, what: str, ending: str) -> None:
    operand, expected = NAMED[what]
    name = what.split()[0]
    core.write(name + ending if ending in ("", "IS") else ending + name, operand)
    assert gone(core) == expected
    assert core.micro_entries() == 0


def test_operations_reach_their_world_only(core: Bare) -> None:
    mapped(core, ns=1)
    fill(core, 1)
    count = len(core.valid())
    core.write("TLBIALL", 0)
    core.write("TLBIASID", ASID)
    left = [core.entry(index)[0] for index in core.valid()]
    assert len(left) == count - 3
    assert [virtual & NSTID for virtual in left] == [0, 0, 0, 0, NSTID]
    # Monitor mode: SCR.NS says whose entries.
    core.enter(0x16, 0)
    core.write("TLBIALL", 0)
    assert len(core.valid()) == 3


def test_unlocking(core: Bare) -> None:
    lock_index = main.LOCKABLE
    core.write("TLB_SELECT_WRITE", 0)
    core.write("TLB_PA", 0)
    assert lock_index not in core.valid()
    assert walks(core, LOCKED) == 1
    core.write("TLBIALL", 0)
    assert core.valid() == [main.LOCKABLE + 1]


def both(core: Bare, own: int, other: int) -> None:
    """Give the other core the same TLB contents, and both an ACTLR."""
    core.set("number", 1)
    fill(mapped(core))
    core.set("number", 0)
    core.set("actlr", own)
    core.memory.store(place_of(core, "actlr"), 4, other)


def place_of(core: Bare, field: str) -> int:
    """Return where a register of core 1 is while it does not run."""
    return core.program.address_of("ovm.board.state.CORES") + sizeof(state.Cpu) + offsetof(state.Cpu, field)


def parked(core: Bare, field: str) -> int:
    return int(core.memory.load(place_of(core, field), 4))


BROADCAST = ACTLR_SMP | ACTLR_FW


@pytest.mark.parametrize("name", ("TLBIALLIS", "TLBIMVAIS", "TLBIASIDIS", "TLBIMVAAIS"))
def test_shared_operations_reach_the_other_core(core: Bare, name: str) -> None:
    both(core, BROADCAST, ACTLR_SMP)
    core.write(name, OWN | ASID)
    assert OWN in gone(core, 1)
    assert gone(core, 1) == gone(core, 0)
    assert core.micro_entries(core=1) == 0
    # The page that it is executing is looked up again too.
    assert parked(core, "attention") & state.ATTEND_FETCH


@pytest.mark.parametrize("own, other", ((ACTLR_SMP, ACTLR_SMP), (ACTLR_FW, ACTLR_SMP), (BROADCAST, 0)))
def test_broadcast_needs_smp_and_fw(core: Bare, own: int, other: int) -> None:
    both(core, own, other)
    core.write("TLBIALLIS", 0)
    assert gone(core, 0) == {OWN, GLOBAL_PAGE}
    assert gone(core, 1) == set()


def test_plain_operations_stay_here(core: Bare) -> None:
    both(core, BROADCAST, BROADCAST)
    core.write("TLBIALL", 0)
    assert gone(core, 1) == set()
    assert core.get("number") == 0
