# SPDX-License-Identifier: Apache-2.0
"""Tags of the L2C-310: 512 KB, eight ways, lines of 32 bytes (UG585 3.4), with its replacement and lockdown.

A way that the lockdown registers lock for a master takes no new line of it; hits in it stay hits (DDI0246 3.3.11).
"""

from typing import Final

from ovm.board.cache import stale
from ovm.board.cache.level1 import FOUND
from ovm.board.cache.level2_state import (
    AUX_ROUND_ROBIN,
    CONTROL_ENABLE,
    EVENT_EVICTION,
    L2,
    note_event,
)
from ovm.board.clock import now
from ovm.board.parameters import PARAMETERS
from ovm.board.ram import storage
from ovm.board.ram.dram import dram_write
from ovm.board.xorshift import following
from ovm.metal import array, fn, static, u32

WAYS: Final = 8
SETS: Final = 2048
LINES: Final = WAYS * SETS
NONE: Final = u32(0xFFFF_FFFF)
ALL_WAYS: Final = 0xFF

VALID: Final = 1 << 0
NON_SECURE: Final = 1 << 1
DIRTY: Final = 1 << 2
LOCKED: Final = u32(1 << 3)  # lock by line: no replacement takes it
NAME: Final = 0xFFFF_FFE3

TAGS = static(array(u32, LINES), align=64)


@fn(inline=True)
def enabled() -> bool:
    """Tell whether level 2 is on."""
    return L2.control & CONTROL_ENABLE != 0


@fn(inline=True)
def holds(index: u32, physical: u32, ns: u32) -> bool:
    """Tell whether a line holds `physical`."""
    return TAGS[index] & NAME == (physical & 0xFFFF_FFE0) | (ns << 1) | VALID


@fn(inline=True)
def find(physical: u32, ns: u32) -> u32:
    """Return the number of the line that holds `physical`, or NONE."""
    first = ((physical >> 5) % SETS) * WAYS
    name = (physical & 0xFFFF_FFE0) | (ns << 1) | VALID
    # No early exit: the host cannot predict which way holds a line.
    found = u32(0)
    for way in u32.range(WAYS):
        found |= way | FOUND if TAGS[first + way] & NAME == name else 0
    return first | (found & (WAYS - 1)) if found != 0 else NONE


@fn
def _next() -> u32:
    """Return the way at which the search for a victim begins: each way in turn, or a random one (auxiliary control, bit 25)."""
    if L2.auxiliary & AUX_ROUND_ROBIN != 0:
        L2.turn = (L2.turn + 1) % WAYS
        return L2.turn
    L2.random = following(L2.random, PARAMETERS.random_seed * 0x85EB_CA6B | 1)
    return (L2.random >> 8) % WAYS


@fn
def _victim(first: u32, open_ways: u32) -> u32:
    for way in u32.range(WAYS):
        if (open_ways >> way) & 1 != 0 and TAGS[first + way] & VALID == 0:
            return first + way
    begin = _next()
    for step in u32.range(WAYS):
        way = (begin + step) % WAYS
        if (open_ways >> way) & 1 != 0 and TAGS[first + way] & LOCKED == 0:
            return first + way
    return NONE


@fn
def allocate(physical: u32, ns: u32, locked_ways: u32) -> u32:
    """Take a line for `physical`, and evict its content; return its number, or NONE if lockdown leaves no way."""
    first = ((physical >> 5) % SETS) * WAYS
    index = _victim(first, ALL_WAYS & ~locked_ways)
    if index != NONE:
        evict(index)
        locked = LOCKED if L2.lock_lines & 1 != 0 else u32(0)
        TAGS[index] = (physical & 0xFFFF_FFE0) | (ns << 1) | VALID | locked
    return index


@fn
def evict(index: u32) -> None:
    """Empty a line, writing it back if it is dirty."""
    tag = TAGS[index]
    if tag & DIRTY != 0:
        note_event(EVENT_EVICTION)
        clean(index)
    TAGS[index] = 0


@fn
def clean(index: u32) -> None:
    """Write a dirty line back, unless TrustZone refuses it now; it stays valid."""
    tag = TAGS[index]
    if tag & DIRTY != 0:
        TAGS[index] = tag & ~u32(DIRTY)
        place = storage.ram(tag & 0xFFFF_FFE0, u32(tag & NON_SECURE != 0), 1)
        if place > storage.REFUSED:
            dram_write(place - storage.DDR_HOST, now())
            stale.move(place, stale.level2_bytes(index))
