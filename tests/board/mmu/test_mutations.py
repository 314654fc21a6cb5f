# SPDX-License-Identifier: Apache-2.0
"""Errors planted in MMU, TLBs and CP15, each of which a named test must notice."""

import pytest

from tests.board.mutating import Planted

WALK = "mmu/test_walk_random.py::test_translations[secure]"
NORMAL_WALK = "mmu/test_walk_random.py::test_translations[non-secure]"
TLBS, UPKEEP = "mmu/test_tlbs.py::", "mmu/test_maintenance.py::"
REGISTERS, MEMORY = "cp15/test_registers.py::", "mmu/test_memory.py::"
# File below src/ovm/board, what to replace (its first occurrence), by what, and the test that fails then.
SETTINGS = {"OVM_WALK_CASES": "1500"}
MUTATIONS = {
    "wrong domain check": ("mmu/rights.py", "(domain * 2)) & 3", "(domain * 2)) & 1", WALK),
    "domain of a supersection": (
        "mmu/table_walk.py",
        "u32(0) if section.supersection else section.domain",
        "section.domain",
        MEMORY + "test_supersections_are_in_domain_0",
    ),
    "AP bit": ("mmu/table_walk.py", "page.access | (page.access_2 << 2)", "page.access | (page.access_2 << 1)", WALK),
    "TTBCR.N off by one": ("mmu/table_walk.py", "address >> (32 - control.n)", "address >> (31 - control.n)", WALK),
    "size of the first table": ("mmu/table_walk.py", "TTBR0_BITS - control.n if low", "TTBR0_BITS + 1 - control.n if low", WALK),
    "NS bit ignored": ("mmu/table_walk.py", "world != 0 or table.non_secure", "world != 0", WALK),
    "NS bit in the Non-secure state": (
        "mmu/table_walk.py",
        "world != 0 or section.non_secure",
        "section.non_secure",
        NORMAL_WALK,
    ),
    "execute-never of large pages": (
        "mmu/table_walk.py",
        "large.execute_never if kind == TYPE_LARGE else page.execute_never",
        "page.execute_never",
        WALK,
    ),
    "user rights": ("mmu/rights.py", "rights >>= _USER", "rights >>= 1", WALK),
    "nG ignored": ("mmu/table_walk.py", "not page.not_global", "page.not_global", TLBS + "test_entries_are_of_their_asid"),
    "ASID ignored": (
        "mmu/entry.py",
        "else VIRTUAL_NSTID | VIRTUAL_ASID)",
        "else VIRTUAL_NSTID)",
        TLBS + "test_entries_are_of_their_asid",
    ),
    "NSTID ignored": (
        "mmu/entry.py",
        "return (world * VIRTUAL_NSTID) | ",
        "return ",
        TLBS + "test_lock_entry_of_the_other_world_does_not_answer",
    ),
    "world ignored by the micro-TLB": (
        "mmu/micro.py",
        "| world * TAG_WORLD | TAG_VALID",
        "| TAG_VALID",
        TLBS + "test_worlds_have_entries_of_their_own",
    ),
    "lockable entry replaced": (
        "mmu/main.py",
        "if tlb.entries[index].locked != 0:",
        "if tlb.entries[index].locked > 1:",
        TLBS + "test_lockable_entries_hold_ordinary_walks_while_none_is_locked",
    ),
    "lock entry not locked": (
        "mmu/main.py",
        "FOUND.locked = 1",
        "pass",
        TLBS + "test_both_ways_of_locking_make_the_same_entry",
    ),
    "hidden flush by DACR": (
        "cp15/control.py",
        "        rights_changed()",
        "        micro.flush(CPU.number)",
        TLBS + "test_control_writes_flush_nothing",
    ),
    "micro-TLB entry surviving a flush": (
        "mmu/micro.py",
        "for index in u32.range(MOST_ENTRIES):\n            micro.tags",
        "for index in u32.range(1, MOST_ENTRIES):\n            micro.tags",
        TLBS + "test_context_write_flushes_micro_tlbs_only",
    ),
    "TLB entry surviving a flush": ("mmu/maintain.py", "u32.range(ENTRIES)", "u32.range(2, ENTRIES)", UPKEEP + "test_operations"),
    "locked entry flushed by TLBIALL": (
        "mmu/maintain.py",
        "entry.locked == 0 and (which == ALL",
        "(which == ALL",
        UPKEEP + "test_operations",
    ),
    "global entry flushed by TLBIASID": (
        "mmu/maintain.py",
        "return same and not is_global",
        "return same or is_global",
        UPKEEP + "test_operations",
    ),
    "maintenance reaches the other world": (
        "mmu/maintain.py",
        "if (entry.virtual ^ to) & VIRTUAL_NSTID != 0:",
        "if to == 0xFFFF_FFFF:",
        UPKEEP + "test_operations_reach_their_world_only",
    ),
    "broadcast without SMP": (
        "mmu/maintain.py",
        "if CORES[other].actlr & ACTLR_SMP != 0:",
        "if CORES[other].actlr & ACTLR_SMP != 1:",
        UPKEEP + "test_broadcast_needs_smp_and_fw",
    ),
    "wrong bank": (
        "cp15/fields.py",
        "address(CPU.world[world()])",
        "address(CPU.world[0])",
        REGISTERS + "test_banked_registers_follow_ns",
    ),
    "NSACR.TL ignored": (
        "cp15/access.py",
        "rules & LOCKDOWN != 0 and",
        "rules & LOCKDOWN == 0 and",
        REGISTERS + "test_access_rights",
    ),
    "User reads what it may not": (
        "cp15/access.py",
        "CPU.mode == MODE_USR and",
        "CPU.mode == 0 and",
        REGISTERS + "test_access_rights",
    ),
    "NMFI writable": (
        "cp15/control.py",
        "SCTLR_AFE | SCTLR_TE)\n",
        "SCTLR_AFE | SCTLR_TE | SCTLR_NMFI)\n",
        REGISTERS + "test_nmfi_cannot_be_cleared",
    ),
    "memory type": (
        "mmu/attributes.py",
        "code & 3, code >> 2 & 3",
        "code >> 2 & 3, code & 3",
        MEMORY + "test_without_remap",
    ),
    "lines outlive their micro-TLB entry": (
        "mmu/micro.py",
        "data_entry_dropped(index)",
        "pass",
        "mmu/test_tlb_model.py::test_lines_that_hit_hide_no_miss",
    ),
    "lines outlive a flush": (
        "mmu/micro.py",
        "entries_dropped(core)",
        "pass",
        "mmu/test_tlb_model.py::test_lines_that_hit_hide_no_miss",
    ),
    "replacement out of turn": (
        "mmu/main.py",
        "tlb.turn[place] = u8((turn + 1) % WAYS)",
        "tlb.turn[place] = u8(0)",
        "mmu/test_tlb_model.py::test_step_by_step",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
