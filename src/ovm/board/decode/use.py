# SPDX-License-Identifier: Apache-2.0
"""How long the next instruction waits for the address that a load gives it.

A load that hits takes PARAMETERS.level1_load cycles until its result can be the address of another access; the load
itself takes one of them to issue. So a load costs the rest when the next instruction in memory uses its result as a base
or an offset. Other uses wait less, and the core finds other work more often (A9 TRM B.3): they cost nothing here.
"""

from typing import Final

from ovm.board.cache.stale import stale
from ovm.board.decode.pattern import PLACE
from ovm.board.execute import single
from ovm.board.execute.table import HANDLERS
from ovm.board.parameters import PARAMETERS
from ovm.board.record import RECORD_BYTES, Record
from ovm.board.state import CPU
from ovm.metal import VirtAddr, fn, pointer, table, u8, u16, u32

_LOADS: Final = (single.load_offset, single.load_indexed, single.load_any)
IS_LOAD = table(u8, [int(each.function in _LOADS) for each in HANDLERS])
LINE_LAST: Final = 31
PAGE_LAST: Final = 0xFFF


@fn(inline=False)
def waiting(record: Record, place: u32) -> u32:
    """Return the cycles that a decoded instruction, whose bytes are at `place`, holds up the next one in its page."""
    if IS_LOAD[record.handler] == 0 or PARAMETERS.level1_load < 2:
        return u32(0)
    size = u32(4) if CPU.thumb == 0 else u32(record.step) // RECORD_BYTES * 2
    # Where lines have bytes of their own, `place` leads no further than to the end of one.
    last = u32(LINE_LAST) if stale() else u32(PAGE_LAST)
    left = last + 1 - (PLACE.value & last)
    if left < size + (u32(2) if CPU.thumb != 0 else u32(4)):
        return u32(0)
    uses = _uses_narrow(place + size, left - size, u32(record.rd)) if CPU.thumb != 0 else _uses(place + size, u32(record.rd))
    return PARAMETERS.level1_load - 1 if uses else u32(0)


@fn
def _uses(place: u32, register: u32) -> bool:
    """Tell whether the A32 instruction at `place` has a register in its address (ARM A5.2.8, A5.3, A5.4)."""
    word = pointer(u32, VirtAddr(place))[0]
    base = (word >> 16) & 15 == register
    indexed = word & 15 == register
    match (word >> 25) & 7:
        case 0:
            extra = word & 0x90 == 0x90 and word & 0x60 != 0
            return extra and (base or (word & (1 << 22) == 0 and indexed))
        case 2 | 4:
            return base
        case 3:
            return word & 0x10 == 0 and (base or indexed)
        case _:
            return False


@fn
def _uses_narrow(place: u32, left: u32, register: u32) -> bool:
    """The same for the T32 instruction at `place` (ARM A6.2.4, A6.3.5 to A6.3.10)."""
    word = u32(pointer(u16, VirtAddr(place))[0])
    low = (word >> 3) & 7 == register
    match word >> 12:
        case 5:
            return low or (word >> 6) & 7 == register
        case 6 | 7 | 8:
            return low
        case 9:
            return register == 13
        case 12:
            return (word >> 8) & 7 == register
        case 14 | 15:
            if word & 0xFE00 == 0xF800 and word & 0x80 == 0 and left >= 4:
                second = u32(pointer(u16, VirtAddr(place + 2))[0])
                if second & 0xFC0 == 0 and second & 15 == register:
                    return True
            return (word & 0xFE00 == 0xF800 or word & 0xFE00 == 0xE800) and word & 15 == register
        case _:
            return False
