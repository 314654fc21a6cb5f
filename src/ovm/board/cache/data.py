# SPDX-License-Identifier: Apache-2.0
"""The data side of level 1: hits, fills, evictions, and coherency with the other core.

The data cache is physically addressed, write-back, and takes only write-back memory: the Cortex-A9 treats
write-through memory as non-cacheable, and shareable memory too unless ACTLR.SMP is set (A9 TRM 7.4.3).
"""

from ovm.arm.control import ACTLR_SMP, SCTLR_C
from ovm.board import bus
from ovm.board.cache.hints import drop_home, drop_home_writes
from ovm.board.cache.level1 import (
    DATA,
    DATA_HINTS,
    DIRTY,
    LINES,
    NON_SECURE,
    NONE,
    SHARED,
    VALID,
    data_victim,
    find_data,
    name_of,
)
from ovm.board.cache.level2_tags import LINES as LEVEL2_LINES
from ovm.board.cache.outstanding import MISSED, NOWHERE
from ovm.board.cache.source import BROUGHT, bring, eviction_waits, reachable, store_waits, take_back
from ovm.board.cache.stale import data_bytes, move, own_bytes
from ovm.board.clock import stall
from ovm.board.events import COUNT_DATA_MISSES, COUNT_WRITE_BACKS, count
from ovm.board.mmu.mapping import (
    CACHE_WRITE_BACK,
    CACHE_WRITE_BACK_ALLOCATE,
    KIND_NORMAL,
    MAPPING,
)
from ovm.board.parameters import PARAMETERS
from ovm.board.state import CORES, CPU, running
from ovm.metal import fn, static, u16, u32

# Of the last access: the number of its line.
HOME = static(u32)


@fn
def cacheable() -> bool:
    """Tell whether an access to what MAPPING describes goes through the data cache."""
    if MAPPING.kind != KIND_NORMAL or CPU.world[CPU.context >> 1].sctlr & SCTLR_C == 0:
        return False
    if MAPPING.inner != CACHE_WRITE_BACK_ALLOCATE and MAPPING.inner != CACHE_WRITE_BACK:
        return False
    return MAPPING.shareable == 0 or CPU.actlr & ACTLR_SMP != 0


@fn
def allocates(physical: u32) -> bool:
    """Tell whether a store goes into the cache: it holds the line, or may allocate it."""
    return MAPPING.inner == CACHE_WRITE_BACK_ALLOCATE or find_data(running(), physical, MAPPING.ns) != NONE


@fn(inline=True)
def _snoops() -> bool:
    """Tell whether the SCU keeps the line that MAPPING describes equal in both cores."""
    return MAPPING.shareable != 0 and CPU.actlr & CORES[1 - running()].actlr & ACTLR_SMP != 0


@fn(inline=True)
def read_line_here(physical: u32) -> u32:
    """Bring a line into the cache for a load; return where the byte is, 0 if no RAM is there, 1 if it is refused."""
    core = running()
    index = find_data(core, physical, MAPPING.ns)
    if index != NONE:
        place = bus.backing(physical)
    else:
        place = reachable(physical, MAPPING.ns, MAPPING.outer, u32(0))
        if place <= bus.REFUSED:
            return place
        index = fill(core, physical, place, False)
    HOME.value = index
    return data_bytes(core, index, physical, place)


@fn(inline=False)
def read_line(physical: u32) -> u32:
    """The same, as a call."""
    return read_line_here(physical)


@fn(inline=False)
def write_line(physical: u32) -> u32:
    """Bring a line into the cache for a store and make it this core's own; results as of `read_line`."""
    core = running()
    index = find_data(core, physical, MAPPING.ns)
    if index != NONE:
        place = bus.backing(physical)
    else:
        place = reachable(physical, MAPPING.ns, MAPPING.outer, u32(1))
        if place <= bus.REFUSED:
            return place
        index = fill(core, physical, place, True)
    tag = DATA[core * LINES + index]
    if tag & SHARED != 0:
        _take_from_other(core, physical)
    DATA[core * LINES + index] = (tag | DIRTY) & ~u32(SHARED)
    HOME.value = index
    return data_bytes(core, index, physical, place)


@fn(inline=True)
def fill(core: u32, physical: u32, place: u32, write: bool) -> u32:
    """Bring a line that is not there into the data cache, from `place` in RAM or nearer; return its number."""
    index = data_victim(core, physical)
    count(u32(COUNT_DATA_MISSES), u32(1))
    evict(core, index)
    MISSED.place = place
    state = u32(0)
    latency = PARAMETERS.core_to_core
    other = find_data(1 - core, physical, MAPPING.ns) if _snoops() else u32(NONE)
    if other != NONE:
        MISSED.source = u32(NOWHERE)
        state = _share(1 - core, other, write, own_bytes(core, index))
    else:
        latency = bring(physical, place, MAPPING.ns, MAPPING.outer, False, own_bytes(core, index))
        DATA_HINTS[core * LINES + index].level2 = u16(BROUGHT.value % LEVEL2_LINES)
    DATA[core * LINES + index] = name_of(physical, MAPPING.ns) | state
    if write:
        store_waits(core, latency)
    else:
        stall(latency)
    return index


@fn(inline=False)
def _share(other: u32, index: u32, write: bool, target: u32) -> u32:
    """Take a line from the other core; return the state that it has here. What is dirty moves (MPCore TRM 2.1)."""
    line = other * LINES + index
    move(target, own_bytes(other, index))
    if write or DATA[line] & DIRTY != 0:
        dirty = DATA[line] & DIRTY
        drop_home(other, index)
        DATA[line] = u32(0)
        return dirty
    DATA[line] |= SHARED
    drop_home_writes(other, index)
    return u32(SHARED)


@fn(inline=False)
def _take_from_other(core: u32, physical: u32) -> None:
    """Invalidate the other core's copy of a line that this one is about to write."""
    other = find_data(1 - core, physical, MAPPING.ns)
    if other != NONE and MAPPING.shareable != 0 and CORES[1 - core].actlr & ACTLR_SMP != 0:
        drop_home(1 - core, other)
        DATA[(1 - core) * LINES + other] = u32(0)
        stall(PARAMETERS.core_to_core)


@fn(inline=True)
def evict(core: u32, index: u32) -> None:
    """Empty a line, writing it back if it is dirty."""
    tag = DATA[core * LINES + index]
    if tag & VALID != 0:
        if tag & DIRTY != 0:
            _write_back(core, index, tag)
        drop_home(core, index)
        DATA[core * LINES + index] = u32(0)


@fn
def clean(core: u32, index: u32) -> None:
    """Write a dirty line back; it stays valid, and the next store to it must be seen."""
    tag = DATA[core * LINES + index]
    if tag & DIRTY != 0:
        _write_back(core, index, tag)
        DATA[core * LINES + index] = tag & ~u32(DIRTY)
        drop_home_writes(core, index)


@fn(inline=True)
def _write_back(core: u32, index: u32, tag: u32) -> None:
    count(u32(COUNT_WRITE_BACKS), u32(1))
    eviction_waits(core)
    known = u32(DATA_HINTS[core * LINES + index].level2)
    take_back(core, tag & 0xFFFF_FFE0, u32(tag & NON_SECURE != 0), known, own_bytes(core, index))


@fn(inline=False)
def invalidate(core: u32, index: u32) -> None:
    """Empty a line, and lose what was written to it."""
    drop_home(core, index)
    DATA[core * LINES + index] = u32(0)
