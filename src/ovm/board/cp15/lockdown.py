# SPDX-License-Identifier: Apache-2.0
"""Both ways of locking entries of the main TLB: c10 for the next walks (A9 4.3.15), c15 entry by entry (A9 4.3.25)."""

from typing import Final

from ovm.board.mmu import micro
from ovm.board.mmu.entry import PHYSICAL_VALID, VIRTUAL_ASID, VIRTUAL_GLOBAL
from ovm.board.mmu.main import LOCKABLE, MAIN, MainTlb, put
from ovm.board.parameters import PARAMETERS
from ovm.board.state import CPU
from ovm.metal import copy, fn, u32

LOCK_WRITABLE: Final = 0x3000_0001
VIRTUAL_WRITABLE: Final = 0xFFFF_F7FF
PHYSICAL_WRITABLE: Final = 0xFFFF_F0CF
ATTRIBUTES_WRITABLE: Final = 0xFFF


@fn(inline=True)
def _tlb() -> MainTlb:
    return MAIN[CPU.number]


@fn
def read_lock(offset: u32, mask: u32) -> u32:
    """Return the c10 lockdown register, one for both worlds."""
    return _tlb().lock


@fn
def write_lock(offset: u32, mask: u32, value: u32) -> None:
    """Write Victim and P; Victim does not move by itself."""
    _tlb().lock = value & LOCK_WRITABLE


@fn
def select_read(offset: u32, mask: u32, value: u32) -> None:
    """Choose a lockable entry: the three registers then show it."""
    tlb = _tlb()
    tlb.select_read = value & 3
    copy(tlb.held, tlb.entries[LOCKABLE + (value & 3)])


@fn
def select_write(offset: u32, mask: u32, value: u32) -> None:
    """Choose the lockable entry that the next write of the PA register fills."""
    _tlb().select_write = value & 3


@fn
def read_virtual(offset: u32, mask: u32) -> u32:
    """Return the TLB VA register."""
    return _tlb().held.virtual


@fn
def write_virtual(offset: u32, mask: u32, value: u32) -> None:
    """Write the TLB VA register; a global entry has no ASID."""
    kept = value & VIRTUAL_WRITABLE
    if kept & VIRTUAL_GLOBAL != 0:
        kept &= 0xFFFF_FFFF ^ VIRTUAL_ASID
    _tlb().held.virtual = kept


@fn
def read_attributes(offset: u32, mask: u32) -> u32:
    """Return the TLB Attributes register."""
    return _tlb().held.attributes


@fn
def write_attributes(offset: u32, mask: u32, value: u32) -> None:
    """Write the TLB Attributes register."""
    _tlb().held.attributes = value & ATTRIBUTES_WRITABLE


@fn
def read_physical(offset: u32, mask: u32) -> u32:
    """Return the TLB PA register."""
    return _tlb().held.physical


@fn
def write_physical(offset: u32, mask: u32, value: u32) -> None:
    """Write the TLB PA register: all three go into the chosen entry, locked if valid."""
    if PARAMETERS.main_tlb_unlockable != 0:
        return
    tlb = _tlb()
    index = LOCKABLE + tlb.select_write
    tlb.held.physical = value & PHYSICAL_WRITABLE
    tlb.held.locked = value & PHYSICAL_VALID
    put(tlb, index, tlb.held)
    micro.flush(CPU.number)
