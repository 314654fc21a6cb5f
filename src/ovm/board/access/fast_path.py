# SPDX-License-Identifier: Apache-2.0
"""The fast path of an aligned access that misses the table of lines, to a page that is known to be open.

A page is open to a context (User or privileged, world) in the directions that its rights allow, if the data cache takes
its memory. Until the lines of its micro-TLB entry are dropped, rights, memory type and all switches are unchanged, so only the
line is looked up. Programs can't see which path an access takes.
"""

from typing import Final

from ovm.board.cache import data
from ovm.board.cache.hints import join_line
from ovm.board.cache.level1 import DATA, DIRTY, LINES, SHARED
from ovm.board.mapping import ACCESS_READ, ACCESS_WRITE, CACHE_WRITE_BACK_ALLOCATE, MAPPING
from ovm.board.mmu import micro
from ovm.board.mmu.attributes import show
from ovm.board.mmu.entry import PAGE_BITS
from ovm.board.mmu.rights import denied
from ovm.board.mmu.translate import refill
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.debug import DEBUG
from ovm.board.ram import storage
from ovm.board.record import holds_code
from ovm.board.shortcuts.lines import ENTRY_LINES, MICRO_ENTRIES, NO_TABLE, line_of, note_entry, table_number
from ovm.board.state import CORES, CPU, running
from ovm.metal import fn, u32

NO_FAST_PATH: Final = u32(0)
GRANULE: Final = 0xFFFF_FFE0


@fn(inline=False)
def _refill(address: u32, write: u32) -> u32:
    """Return the data micro-TLB entry for an address, filled if needed, and open it; or micro.NONE.

    While a byte is watched no page is open, because accesses must reach the watchpoint. A fault is in CPU.fault.
    """
    if table_number() == NO_TABLE or PARAMETERS.long_way != 0 or DEBUG.watchpoints != 0:
        return micro.NONE
    world = CPU.context >> 1
    entry = micro.find(micro.micro_of(micro.DATA), address, world)
    if entry == micro.NONE:
        entry = refill(address, write, micro.DATA, world)
        if CPU.fault != 0:
            return micro.NONE
    note_entry(entry, _directions(entry) << (CPU.context * 2))
    return entry if _open(entry, write) else micro.NONE


@fn(inline=True)
def _directions(entry: u32) -> u32:
    """Return the accesses to the data cache that a page allows in the present context: 1 loads, 2 stores."""
    tlb = micro.micro_of(micro.DATA)
    show(tlb.memory[entry], entry)
    if not data.cacheable():
        return 0
    user = CPU.context & 1 != 0
    page = tlb.physical[entry]
    loads = denied(page, tlb.attributes[entry], ACCESS_READ, user, CPU.context >> 1) == 0
    stores = denied(page, tlb.attributes[entry], ACCESS_WRITE, user, CPU.context >> 1) == 0
    return u32(loads) | u32(stores) << 1


@fn(inline=True)
def _open(entry: u32, write: u32) -> bool:
    opens = ENTRY_LINES[running() * MICRO_ENTRIES + entry].opens
    return (opens >> (CPU.context * 2 + write)) & 1 != 0


@fn(inline=True)
def _open_page(address: u32, write: u32) -> u32:
    """Return the data micro-TLB entry that is known to let the access through, or micro.NONE."""
    tlb = micro.micro_of(micro.DATA)
    entry = micro.recent(tlb, address, CPU.context >> 1)
    if entry != micro.NONE and _open(entry, write) and CPU.big_endian == 0:
        return entry
    return _refill(address, write)


@fn(inline=True)
def _physical(address: u32, entry: u32) -> u32:
    """Translate an address by an entry; MAPPING gets the other results."""
    tlb = micro.micro_of(micro.DATA)
    show(tlb.memory[entry], entry)
    mask = tlb.masks[entry] & PAGE_BITS
    return (tlb.physical[entry] & mask) | (address & ~mask)


@fn(inline=True)
def fast_read(address: u32) -> u32:
    """Bring the line of a load to the table of lines; return the byte's place, or NO_FAST_PATH, with a fault or without."""
    entry = _open_page(address, 0)
    if entry == micro.NONE:
        return NO_FAST_PATH
    place = data.read_line_here(_physical(address, entry))
    if place <= storage.REFUSED:
        return NO_FAST_PATH
    join_line(address, place, data.HOME.value, False)
    return place


@fn(inline=True)
def fast_write(address: u32) -> u32:
    """Bring the line of a store to the table of lines; results as of `fast_read`."""
    line = line_of(address)
    if line.read == address & GRANULE:
        return _own(address)
    entry = _open_page(address, 1)
    if entry == micro.NONE:
        return NO_FAST_PATH
    physical = _physical(address, entry)
    if MAPPING.inner != CACHE_WRITE_BACK_ALLOCATE or holds_code(physical):
        return NO_FAST_PATH
    end_exclusive(physical)
    place = data.write_line(physical)
    if place <= storage.REFUSED:
        return NO_FAST_PATH
    join_line(address, place, data.HOME.value, True)
    return place


@fn(inline=True)
def _own(address: u32) -> u32:
    """Let stores hit a line that loads hit, if its page may be written and this core alone has it."""
    line = line_of(address)
    home = running() * LINES + (line.owner & 0xFFFF)
    physical = DATA[home] & GRANULE
    if DATA[home] & SHARED != 0 or holds_code(physical):
        return NO_FAST_PATH
    if not _open(line.owner >> 16, 1) and _refill(address, 1) != line.owner >> 16:
        return NO_FAST_PATH
    end_exclusive(physical)
    DATA[home] |= DIRTY
    line.write = line.read
    return address + line.addend


@fn(inline=True)
def end_exclusive(physical: u32) -> None:
    """Clear the exclusive monitor of the other core if it watches a line that is written (ARM A3.4)."""
    other = CORES[1 - running()]
    if other.exclusive != 0 and other.exclusive_address == physical & GRANULE:
        other.exclusive = 0
