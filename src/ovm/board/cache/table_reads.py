# SPDX-License-Identifier: Apache-2.0
"""Reads of translation tables by the walk (A9 6.3), through the caches that the walk's attributes name.

A walk whose inner attributes are write-back looks up the data cache and fills it; any other goes to level 2 or memory.
"""

from typing import Final

from ovm.arm.control import ACTLR_SMP, SCTLR_C
from ovm.board.cache.data import fill
from ovm.board.cache.level1 import NONE, find_data
from ovm.board.cache.source import bring, reachable
from ovm.board.cache.stale import data_bytes, stale
from ovm.board.clock import stall
from ovm.board.mapping import CACHE_NONE, CACHE_WRITE_THROUGH, MAPPING
from ovm.board.ram import storage
from ovm.board.state import CPU
from ovm.metal import VirtAddr, fn, pointer, u32, u64

FAULT: Final = u64(1 << 32)
SCRATCH: Final = 0xA008_0040


@fn(inline=False)
def walk_read(physical: u32, ns: u32, inner: u32, outer: u32, shareable: u32) -> u64:
    """Return the word at a physical address, or FAULT: external abort."""
    core = CPU.number
    cached = inner != CACHE_NONE and inner != CACHE_WRITE_THROUGH
    if shareable != 0 and CPU.actlr & ACTLR_SMP == 0 or CPU.world[CPU.context >> 1].sctlr & SCTLR_C == 0:
        cached = False
    index = find_data(core, physical, ns) if cached else NONE
    if index == NONE:
        place = reachable(physical, ns, outer, 0)
        if place <= storage.REFUSED:
            return FAULT
        if not cached:
            stall(bring(physical, place, ns, outer, False, SCRATCH))
            return _word(SCRATCH + (physical & 31) if stale() else place)
        MAPPING.ns = ns
        MAPPING.outer = outer
        MAPPING.shareable = shareable
        return _word(data_bytes(core, fill(core, physical, place, False), physical, place))
    return _word(data_bytes(core, index, physical, storage.backing(physical)))


@fn
def _word(place: u32) -> u64:
    return u64(pointer(u32, VirtAddr(place))[0])
