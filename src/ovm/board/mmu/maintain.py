# SPDX-License-Identifier: Apache-2.0
"""TLB maintenance (ARM B4.2.2; A9 table 4-26 for locked entries).

An operation acts on the entries of the security state that CP15 accesses reach, and flushes both micro-TLBs in any case. The
Inner Shareable forms reach the other core too, when its ACTLR.SMP and this core's SMP and FW are set.
"""

from typing import Final

from ovm.arm.control import ACTLR_FW, ACTLR_SMP
from ovm.board.mmu import micro
from ovm.board.mmu.entry import (
    PAGE_BITS,
    PHYSICAL_VALID,
    VIRTUAL_ASID,
    VIRTUAL_GLOBAL,
    VIRTUAL_NSTID,
    Entry,
    covers,
    owner,
)
from ovm.board.mmu.main import ENTRIES, MAIN, drop
from ovm.board.state import CORES, CPU
from ovm.board.worlds import world
from ovm.metal import fn, u32

# The selection of an operation: op2 of its encoding; IS forms add SHARED.
ALL: Final = 0
BY_ADDRESS: Final = 1  # with the ASID
BY_ASID: Final = 2
BY_ADDRESS_ANY_ASID: Final = 3
SHARED: Final = 4


@fn
def _selected(entry: Entry, which: u32, operand: u32, to: u32) -> bool:
    """Return whether an operation reaches an entry; `to` is the owner that it names."""
    if (entry.virtual ^ to) & VIRTUAL_NSTID != 0:
        return False
    if which == ALL or which == BY_ADDRESS_ANY_ASID:
        return entry.locked == 0 and (which == ALL or covers(entry, operand & PAGE_BITS))
    is_global = entry.virtual & VIRTUAL_GLOBAL != 0
    same = (entry.virtual ^ to) & VIRTUAL_ASID == 0
    if which == BY_ASID:
        return same and not is_global
    return (same or is_global) and covers(entry, operand & PAGE_BITS)


@fn
def _maintain(core: u32, which: u32, operand: u32, to: u32) -> None:
    """Maintain the TLBs of a core."""
    tlb = MAIN[core]
    for index in u32.range(ENTRIES):
        entry = tlb.entries[index]
        if entry.physical & PHYSICAL_VALID != 0 and _selected(entry, which, operand, to):
            drop(tlb, index)
    micro.flush(core)


@fn(inline=False)
def maintain(which: u32, operand: u32) -> None:
    """Do one operation; the operand is a virtual address, an ASID or both."""
    to = owner(world(), operand)
    _maintain(CPU.number, which & (SHARED - 1), operand, to)
    if which & SHARED == 0 or CPU.actlr & (ACTLR_FW | ACTLR_SMP) != ACTLR_FW | ACTLR_SMP:
        return
    other = 1 - CPU.number
    if CORES[other].actlr & ACTLR_SMP != 0:
        _maintain(other, which & (SHARED - 1), operand, to)
