# SPDX-License-Identifier: Apache-2.0
"""The micro-TLBs (A9 6.2.1): fully associative, one for data and one for fetches, in front of the main TLB.

An entry keeps the page size of its entry in the main TLB (assumed) and the security state it serves; the ASID need not be
kept, because every write of CONTEXTIDR flushes both. They are replaced in turn or at random, as SCTLR.RR says.
"""

from typing import Final

from ovm.arm.control import SCTLR_RR
from ovm.board.mmu.attributes import memory_of
from ovm.board.mmu.entry import PAGE_MASK, Entry, size_of
from ovm.board.mmu.main import randomly
from ovm.board.parameters import PARAMETERS
from ovm.board.shortcuts.changes import data_entry_dropped, entries_dropped, fetch_entry_dropped
from ovm.board.state import CPU, running
from ovm.metal import Array, Struct, array, clz, fn, static, u8, u32

DATA_ENTRIES: Final = u32(32)
MOST_ENTRIES: Final = 64
DATA: Final = 0
FETCH: Final = 1
TAG_VALID: Final = 1
TAG_WORLD: Final = 2
NONE: Final = u32(MOST_ENTRIES)
_RECENT: Final = 64


class MicroTlb(Struct):
    """One micro-TLB, entry by entry in parallel arrays: the search compares tags only."""

    tags: Array[u32] = array(u32, MOST_ENTRIES)  # virtual page, TAG_*; 0 is invalid
    masks: Array[u32] = array(u32, MOST_ENTRIES)  # of the tag, by page size
    physical: Array[u32] = array(u32, MOST_ENTRIES)  # as in the main TLB
    attributes: Array[u32] = array(u32, MOST_ENTRIES)
    memory: Array[u32] = array(u32, MOST_ENTRIES)  # what they mean
    next: u32
    random: u32
    # The place where a page was found last, to save a search; it may be out of date.
    recent: Array[u8] = array(u8, _RECENT)


MICRO = static(array(MicroTlb, 4))  # core * 2 + side


@fn(inline=True)
def micro_of(side: u32) -> MicroTlb:
    """Return a micro-TLB of the running core."""
    return MICRO[running() * 2 + side]


@fn(inline=True)
def _wanted(address: u32, world: u32) -> u32:
    return (address & 0xFFFF_F000) | world * TAG_WORLD | TAG_VALID


@fn(inline=True)
def recent(micro: MicroTlb, address: u32, world: u32) -> u32:
    """Return the entry for an address in a world if it is at the place where such a page was found last, or NONE."""
    hint = u32(micro.recent[(address >> 12) % _RECENT])
    same = (micro.tags[hint] ^ _wanted(address, world)) & (micro.masks[hint] | TAG_VALID) == 0
    return hint if same else NONE


@fn(inline=True)
def find(micro: MicroTlb, address: u32, world: u32) -> u32:
    """Return the entry for an address in a world, or NONE."""
    hint = recent(micro, address, world)
    return hint if hint != NONE else _search(micro, _wanted(address, world))


@fn(inline=False)
def _search(micro: MicroTlb, wanted: u32) -> u32:
    # Without an early exit, each half as a whole, so that the host compares many entries at once.
    begin = u32(0)
    found = _among(micro, wanted, 0)
    if found == 0 and PARAMETERS.micro_tlb_entries == MOST_ENTRIES:
        begin = DATA_ENTRIES
        found = _among(micro, wanted, DATA_ENTRIES)
    if found == 0:
        return NONE
    last = begin + 31 - clz(found)
    micro.recent[(wanted >> 12) % _RECENT] = u8(last)
    return last


@fn(inline=True)
def _among(micro: MicroTlb, wanted: u32, begin: u32) -> u32:
    """Return a bit for each of 32 entries from `begin` that matches."""
    found = u32(0)
    for index in u32.range(DATA_ENTRIES):
        place = index + begin
        matches = (micro.tags[place] ^ wanted) & (micro.masks[place] | TAG_VALID) == 0
        found |= u32(matches) << index
    return found


@fn
def _victim(micro: MicroTlb, entries: u32) -> u32:
    if CPU.world[0].sctlr & SCTLR_RR != 0:
        victim = micro.next
        micro.next = (victim + 1) % entries
        return victim
    micro.random = randomly(micro.random)
    return (micro.random >> 8) % entries


@fn
def fill(side: u32, address: u32, world: u32, entry: Entry) -> u32:
    """Take an entry of the main TLB into a micro-TLB of the running core; return its index."""
    micro = micro_of(side)
    entries = DATA_ENTRIES
    if side == FETCH and PARAMETERS.micro_tlb_entries == MOST_ENTRIES:
        entries = u32(MOST_ENTRIES)
    index = _victim(micro, entries)
    if micro.tags[index] != 0:
        if side == FETCH:
            fetch_entry_dropped(index)
        else:
            data_entry_dropped(index)
    mask = PAGE_MASK[size_of(entry)]
    micro.masks[index] = mask | TAG_WORLD | TAG_VALID
    micro.tags[index] = _wanted(address & mask, world)
    micro.physical[index] = entry.physical
    micro.attributes[index] = entry.attributes
    micro.memory[index] = memory_of(entry.attributes, world)
    micro.recent[(address >> 12) % _RECENT] = u8(index)
    return index


@fn(inline=False)
def flush(core: u32) -> None:
    """Invalidate both micro-TLBs of a core: its CONTEXTIDR or main TLB has changed (A9 6.2.1)."""
    for side in u32.range(2):
        micro = MICRO[core * 2 + side]
        for index in u32.range(MOST_ENTRIES):
            micro.tags[index] = 0
    entries_dropped(core)
