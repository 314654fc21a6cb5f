# SPDX-License-Identifier: Apache-2.0
"""The data side of level 1: hits, fills, evictions, and coherency with the other core.

The data cache is physically addressed, write-back, and takes only write-back memory: the Cortex-A9 treats
write-through memory as non-cacheable, and shareable memory too unless ACTLR.SMP is set (A9 TRM 7.4.3).
"""

from ovm.arm.control import ACTLR_L1_PREFETCH, ACTLR_SMP, SCTLR_C
from ovm.board.cache.hints import drop_home, drop_home_writes
from ovm.board.cache.level1 import (
    AHEAD,
    DATA,
    DATA_HINTS,
    DIRTY,
    LINES,
    NAME,
    NON_SECURE,
    NONE,
    SHARED,
    VALID,
    data_victim,
    find_data,
    name_of,
)
from ovm.board.cache.level2_tags import LINES as LEVEL2_LINES
from ovm.board.cache.outstanding import FROM_MEMORY, MISSED, NOWHERE, memory_pace
from ovm.board.cache.prefetch import WANTED, is_coming, watch_hit, watch_miss
from ovm.board.cache.preloads import preloaded, preloaded_line_comes
from ovm.board.cache.source import (
    BROUGHT,
    bring,
    brought_ahead,
    brought_line_comes,
    eviction_is_free,
    eviction_waits,
    level2_holds,
    reachable,
    take_back,
)
from ovm.board.cache.stale import data_bytes, move, own_bytes
from ovm.board.cache.stores import store_joins, store_misses, stored_line_comes
from ovm.board.clock import now, stall
from ovm.board.events import COUNT_DATA_MISSES, COUNT_WRITE_BACKS, count
from ovm.board.mapping import (
    CACHE_WRITE_BACK,
    CACHE_WRITE_BACK_ALLOCATE,
    KIND_NORMAL,
    MAPPING,
)
from ovm.board.parameters import PARAMETERS
from ovm.board.ram import storage
from ovm.board.state import CORES, CPU, running
from ovm.metal import fn, static, u16, u32, u64

# The line number of the last access.
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
    """Bring a line into the cache for a load; return the byte's place, 0 if no RAM is there, 1 if it is refused."""
    core = running()
    index = find_data(core, physical, MAPPING.ns)
    if index != NONE:
        place = storage.backing(physical)
        if DATA[core * LINES + index] & AHEAD != 0:
            MISSED.place = place
            _load_comes_to(core, index)
    else:
        place = reachable(physical, MAPPING.ns, MAPPING.outer, 0)
        if place <= storage.REFUSED:
            return place
        index = fill(core, physical, place, False)
        _watch(physical)
    HOME.value = index
    return data_bytes(core, index, physical, place)


@fn(inline=False)
def read_line(physical: u32) -> u32:
    """Return the same, as a call."""
    return read_line_here(physical)


@fn(inline=False)
def write_line(physical: u32) -> u32:
    """Bring a line into the cache for a store and make it this core's own; results as of `read_line`."""
    core = running()
    index = find_data(core, physical, MAPPING.ns)
    if index != NONE:
        place = storage.backing(physical)
        if DATA[core * LINES + index] & (AHEAD | DIRTY) == AHEAD:
            _store_comes_to(core, index)
    else:
        place = reachable(physical, MAPPING.ns, MAPPING.outer, 1)
        if place <= storage.REFUSED:
            return place
        index = fill(core, physical, place, True)
        _watch(physical)
    tag = DATA[core * LINES + index]
    if tag & SHARED != 0:
        _take_from_other(core, physical)
    DATA[core * LINES + index] = (tag | DIRTY) & ~u32(SHARED)
    HOME.value = index
    return data_bytes(core, index, physical, place)


@fn(inline=True)
def fill(core: u32, physical: u32, place: u32, write: bool) -> u32:
    """Bring a missing line into the data cache, from `place` in RAM or a nearer copy; return its number."""
    index = data_victim(core, physical)
    count(COUNT_DATA_MISSES, 1)
    evict(core, index)
    MISSED.place = place
    state = u32(0)
    latency = PARAMETERS.core_to_core
    other = find_data(1 - core, physical, MAPPING.ns) if _snoops() else NONE
    if other != NONE:
        MISSED.source = NOWHERE
        state = _share(1 - core, other, write, own_bytes(core, index))
    else:
        latency = bring(physical, place, MAPPING.ns, MAPPING.outer, False, own_bytes(core, index))
        DATA_HINTS[core * LINES + index].level2 = u16(BROUGHT.value % LEVEL2_LINES)
    name = name_of(physical, MAPPING.ns)
    if write:
        DATA[core * LINES + index] = name | state | AHEAD
        store_misses(core, name, latency)
    else:
        DATA[core * LINES + index] = name | state
        stall(latency)
    return index


@fn(inline=True)
def _watch(physical: u32) -> None:
    """Show the prefetcher a miss that went to memory."""
    if MISSED.source == FROM_MEMORY and CPU.actlr & ACTLR_L1_PREFETCH != 0:
        watch_miss(name_of(physical, MAPPING.ns))


@fn
def _ahead_comes(core: u32, index: u32, line: u32) -> u64:
    """Return the time when a line comes that the prefetcher or a PLD has requested; for all but the last ones, level 2's time."""
    known = u32(DATA_HINTS[core * LINES + index].level2)
    from_level2 = brought_line_comes(known, line, u32(line & NON_SECURE != 0))
    return max(max(watch_hit(line), preloaded_line_comes(core, line)), from_level2)


@fn(inline=False)
def _load_comes_to(core: u32, index: u32) -> None:
    """Wait for a line that no load has requested yet, but the prefetcher, a PLD or a store has."""
    line = DATA[core * LINES + index] & NAME
    DATA[core * LINES + index] &= ~u32(AHEAD)
    arrives = max(_ahead_comes(core, index, line), stored_line_comes(core, line))
    if arrives > now():
        MISSED.arrives = arrives
        stall(u32(arrives - now()))


@fn(inline=False)
def _store_comes_to(core: u32, index: u32) -> None:
    """Store to a line that the prefetcher or a PLD has requested: the store waits behind the core."""
    line = DATA[core * LINES + index] & NAME
    store_joins(core, line, _ahead_comes(core, index, line))


@fn
def _bring_ahead(core: u32, line: u32) -> u32:
    """Bring a line for which no access waits, unless it is near already; return the time for that, 0 if it isn't done."""
    ns = u32(line & NON_SECURE != 0)
    if find_data(core, line, ns) != NONE or (_snoops() and find_data(1 - core, line, ns) != NONE):
        return 0
    place = reachable(line, ns, MAPPING.outer, 0)
    if place <= storage.REFUSED:
        return 0
    index = data_victim(core, line)
    evict(core, index)
    latency = bring(line & 0xFFFF_FFE0, place, ns, MAPPING.outer, False, own_bytes(core, index))
    DATA_HINTS[core * LINES + index].level2 = u16(BROUGHT.value % LEVEL2_LINES)
    DATA[core * LINES + index] = line | AHEAD
    return latency


@fn(inline=False)
def prefetch_wanted(sent: u64) -> None:
    """Bring the line that the prefetcher requested at a moment."""
    line = WANTED.value
    WANTED.value = 0
    core = running()
    if level2_holds(line, u32(line & NON_SECURE != 0)) or not eviction_is_free(core):
        return
    latency = _bring_ahead(core, line)
    if latency != 0:
        arrives = memory_pace(core, sent + u64(latency))
        is_coming(line, arrives)
        brought_ahead(arrives)


@fn
def preload_line(physical: u32) -> None:
    """Bring a line that a PLD requests."""
    core = running()
    line = name_of(physical, MAPPING.ns)
    latency = _bring_ahead(core, line)
    if latency != 0:
        done = now() + u64(latency)
        arrives = memory_pace(core, done) if MISSED.source == FROM_MEMORY else done
        preloaded(core, line, arrives)
        brought_ahead(arrives)


@fn(inline=False)
def _share(other: u32, index: u32, write: bool, target: u32) -> u32:
    """Take a line from the other core; return its state here. Dirty data moves (MPCore TRM 2.1)."""
    line = other * LINES + index
    move(target, own_bytes(other, index))
    if write or DATA[line] & DIRTY != 0:
        dirty = DATA[line] & DIRTY
        drop_home(other, index)
        DATA[line] = 0
        return dirty
    DATA[line] |= SHARED
    drop_home_writes(other, index)
    return SHARED


@fn(inline=False)
def _take_from_other(core: u32, physical: u32) -> None:
    """Invalidate the other core's copy of a line that this one is about to write."""
    other = find_data(1 - core, physical, MAPPING.ns)
    if other != NONE and MAPPING.shareable != 0 and CORES[1 - core].actlr & ACTLR_SMP != 0:
        drop_home(1 - core, other)
        DATA[(1 - core) * LINES + other] = 0
        stall(PARAMETERS.core_to_core)


@fn(inline=True)
def evict(core: u32, index: u32) -> None:
    """Empty a line, writing it back if it is dirty."""
    tag = DATA[core * LINES + index]
    if tag & VALID != 0:
        if tag & DIRTY != 0:
            _write_back(core, index, tag)
        drop_home(core, index)
        DATA[core * LINES + index] = 0


@fn
def clean(core: u32, index: u32) -> None:
    """Write a dirty line back; it stays valid, and the next store to it must be seen."""
    tag = DATA[core * LINES + index]
    if tag & DIRTY != 0:
        _write_back(core, index, tag)
        DATA[core * LINES + index] = tag & ~u32(DIRTY | AHEAD)
        drop_home_writes(core, index)


@fn(inline=True)
def _write_back(core: u32, index: u32, tag: u32) -> None:
    count(COUNT_WRITE_BACKS, 1)
    eviction_waits(core)
    known = u32(DATA_HINTS[core * LINES + index].level2)
    take_back(core, tag & 0xFFFF_FFE0, u32(tag & NON_SECURE != 0), known, own_bytes(core, index))


@fn(inline=False)
def invalidate(core: u32, index: u32) -> None:
    """Empty a line, without writing it back."""
    drop_home(core, index)
    DATA[core * LINES + index] = 0
