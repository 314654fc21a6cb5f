# SPDX-License-Identifier: Apache-2.0
"""The main TLB (A9 6.2.2): 2 ways of 64 sets for every walk, and 4 fully associative entries that can be locked.

The manuals name neither the set that a page size selects nor the replacement. Here the lowest bits of the page number
select the set, so a look-up probes one set for each page size in use; replacement is a parameter.
"""

from typing import Final

from ovm.arm.descriptors import LOCK_ENTRIES
from ovm.board.events import TLB_FILL, happened
from ovm.board.mmu.entry import PAGE_BITS, PAGE_SHIFT, PHYSICAL_VALID, Entry, belongs, covers, size_of
from ovm.board.mmu.table_walk import FOUND
from ovm.board.parameters import PARAMETERS
from ovm.board.state import running
from ovm.board.xorshift import following
from ovm.metal import Array, Struct, array, copy, fn, static, u8, u32, unroll

SETS: Final = 64
WAYS: Final = 2
LOCKABLE: Final = SETS * WAYS  # first of the entries that can be locked
ENTRIES: Final = LOCKABLE + LOCK_ENTRIES
LOCKABLE_COUNT: Final = u32(4)  # in MainTlb.sizes, behind the page sizes
NO_ENTRY: Final = u32(0xFFFF_FFFF)
# The lockdown register c10,c0,0 (A9 4.3.15).
LOCK_PRESERVE: Final = 1
LOCK_VICTIM: Final = 28


class MainTlb(Struct):
    """Main TLB of one core; the entries of way w are w * SETS and on."""

    entries: Array[Entry] = array(Entry, ENTRIES)
    turn: Array[u8] = array(u8, SETS)  # the way that round robin replaces next
    sizes: Array[u32] = array(u32, 5)  # numbers of valid set-associative entries of each page size, and of lockable ones
    random: u32
    lock: u32  # c10 lockdown register
    select_read: u32  # c15 access to the lockable entries
    select_write: u32
    held: Entry


MAIN = static(array(MainTlb, 2))


@fn(inline=True)
def randomly(state: u32) -> u32:
    """Return the state of the TLBs' pseudo-random sequence that follows `state`."""
    return following(state, PARAMETERS.random_seed | 1)


@fn
def find(address: u32, to: u32) -> u32:
    """Return the entry of the running core that translates an address for an `owner`, or NO_ENTRY."""
    tlb = MAIN[running()]
    if tlb.sizes[LOCKABLE_COUNT] != 0:
        for index in unroll(range(LOCKABLE, ENTRIES)):
            if covers(tlb.entries[index], address) and belongs(tlb.entries[index], to):
                return u32(index)
    for size in unroll(range(4)):
        if tlb.sizes[size] != 0:
            place = (address >> PAGE_SHIFT[size]) % SETS
            for way in unroll(range(WAYS)):
                entry = tlb.entries[place + way * SETS]
                if covers(entry, address) and belongs(entry, to):
                    return place + way * SETS
    return NO_ENTRY


@fn
def drop(tlb: MainTlb, index: u32) -> None:
    """Invalidate an entry."""
    entry = tlb.entries[index]
    if entry.physical & PHYSICAL_VALID != 0:
        tlb.sizes[size_of(entry) if index < LOCKABLE else LOCKABLE_COUNT] -= 1
    entry.physical &= 0xFFFF_FFFF ^ PHYSICAL_VALID
    entry.locked = 0


@fn
def put(tlb: MainTlb, index: u32, entry: Entry) -> None:
    """Replace an entry by another."""
    drop(tlb, index)
    copy(tlb.entries[index], entry)
    if entry.physical & PHYSICAL_VALID != 0:
        tlb.sizes[size_of(entry) if index < LOCKABLE else LOCKABLE_COUNT] += 1


@fn
def _spare_lockable(tlb: MainTlb) -> u32:
    """Return a lockable entry for an ordinary walk: only while none is locked (A9 6.2.2)."""
    spare = NO_ENTRY
    for index in unroll(range(LOCKABLE, ENTRIES)):
        if tlb.entries[index].locked != 0:
            return NO_ENTRY
        if tlb.entries[index].physical & PHYSICAL_VALID == 0 and spare == NO_ENTRY:
            spare = u32(index)
    return spare


@fn
def _victim(tlb: MainTlb, place: u32) -> u32:
    """Choose the entry that a walk for a set replaces."""
    for way in unroll(range(WAYS)):
        if tlb.entries[place + way * SETS].physical & PHYSICAL_VALID == 0:
            return place + way * SETS
    if PARAMETERS.main_tlb_spare != 0:
        spare = _spare_lockable(tlb)
        if spare != NO_ENTRY:
            return spare
    if PARAMETERS.main_tlb_random != 0:
        tlb.random = randomly(tlb.random)
        return place + (tlb.random >> 16) % WAYS * SETS
    turn = u32(tlb.turn[place])
    tlb.turn[place] = u8((turn + 1) % WAYS)
    return place + turn * SETS


@fn
def fill() -> u32:
    """Put the walk's result FOUND into the main TLB of the running core; return the entry."""
    tlb = MAIN[running()]
    size = size_of(FOUND)
    if tlb.lock & LOCK_PRESERVE != 0:
        index = LOCKABLE + ((tlb.lock >> LOCK_VICTIM) & 3)
        FOUND.locked = 1
    else:
        index = _victim(tlb, (FOUND.virtual >> PAGE_SHIFT[size]) % SETS)
    put(tlb, index, FOUND)
    happened(TLB_FILL, FOUND.virtual & PAGE_BITS, (FOUND.physical & PAGE_BITS) | index)
    return index
