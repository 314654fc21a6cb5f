# SPDX-License-Identifier: Apache-2.0
"""The memory behind level 1: level 2, DDR, on-chip memory, and their latencies.

The on-chip memory is not behind level 2 (UG585 29.1). With level 2 off, or where memory is not outer
cacheable, lines come from DDR and go there.
"""

from typing import Final

from ovm.board.cache.level2_ahead import ARRIVES, latency_of, look_ahead, under_way
from ovm.board.cache.level2_state import (
    EVENT_DATA_HIT,
    EVENT_DATA_REQUEST,
    EVENT_FETCH_HIT,
    EVENT_FETCH_REQUEST,
    EVENT_WRITE_ALLOCATE,
    EVENT_WRITE_HIT,
    EVENT_WRITE_REQUEST,
    L2,
    PREFETCH_DATA,
    PREFETCH_FETCHES,
    hit_latency,
    note_event,
)
from ovm.board.cache.level2_tags import DIRTY, NONE, TAGS, allocate, enabled, find, holds
from ovm.board.cache.outstanding import FROM_LEVEL2, FROM_MEMORY, MISSED, NOWHERE, from_memory
from ovm.board.cache.stale import level2_bytes, move
from ovm.board.clock import now, stall
from ovm.board.events import COUNT_LEVEL2_HITS, COUNT_LEVEL2_MISSES, count
from ovm.board.mapping import CACHE_NONE
from ovm.board.parameters import PARAMETERS
from ovm.board.ram import storage
from ovm.board.ram.contention import LEVEL2, moves_and_waits
from ovm.board.ram.dram import dram_read, dram_write
from ovm.board.state import CPU, running
from ovm.metal import array, fn, static, u32, u64

ON_CHIP_HOST: Final = 0x8000_0000  # the simulator's address of the on-chip memory: above all DDR

# The line of level 2 from which `bring` brought data last, if it did.
BROUGHT = static(u32)
# The time when the line in each core's eviction buffer is gone.
EVICTED = static(array(u64, 2))


@fn(inline=True)
def reachable(physical: u32, ns: u32, outer: u32, write: u32) -> u32:
    """Return the place of RAM from which a line may come, 0 if none is there, 1 if it is refused.

    Lines in level 2 are not checked again: TrustZone's checks lie behind it (UG1019).
    """
    place = storage.ram(physical, ns, write)
    if place == storage.REFUSED and outer != CACHE_NONE and enabled() and find(physical, ns) != NONE:
        return storage.backing(physical)
    return place


@fn(inline=True)
def _locked_ways(fetch: bool) -> u32:
    return L2.fetch_ways[CPU.number] if fetch else L2.data_ways[CPU.number]


@fn
def _look_ahead(physical: u32, place: u32, ns: u32, fetch: bool, missed: u32) -> None:
    look_ahead(physical, place, ns, _locked_ways(fetch), PREFETCH_FETCHES if fetch else PREFETCH_DATA, missed)


@fn(inline=True)
def _miss(physical: u32, place: u32, ns: u32, fetch: bool, target: u32, until: u32) -> u32:
    """Bring a line of DDR to level 2, which has searched for it `until` then, and to `target`."""
    count(COUNT_LEVEL2_MISSES, 1)
    latency = from_memory(until + dram_read(place - storage.DDR_HOST, now() + u64(until)))
    index = allocate(physical, ns, _locked_ways(fetch))
    BROUGHT.value = index
    move(target, place)
    if index != NONE:
        ARRIVES[index] = 0
        move(level2_bytes(index), place)
    if L2.prefetch != 0:
        _look_ahead(physical, place, ns, fetch, latency)
    return latency


@fn(inline=False)
def bring(physical: u32, place: u32, ns: u32, outer: u32, fetch: bool, target: u32) -> u32:
    """Bring a line of RAM, at `place`, to `target`; return the time for that."""
    if place >= ON_CHIP_HOST:
        move(target, place)
        MISSED.source = NOWHERE
        return PARAMETERS.on_chip_read
    waits = moves_and_waits(running(), LEVEL2)
    if outer == CACHE_NONE or not enabled():
        BROUGHT.value = NONE
        move(target, place)
        return from_memory(waits + dram_read(place - storage.DDR_HOST, now() + u64(waits)))
    note_event(EVENT_FETCH_REQUEST if fetch else EVENT_DATA_REQUEST)
    index = find(physical, ns)
    BROUGHT.value = index
    if index != NONE:
        MISSED.source = FROM_LEVEL2
        note_event(EVENT_FETCH_HIT if fetch else EVENT_DATA_HIT)
        count(COUNT_LEVEL2_HITS, 1)
        move(target, level2_bytes(index))
        latency = latency_of(index, waits + hit_latency())
        if L2.prefetch != 0:
            _look_ahead(physical, place, ns, fetch, 0)
        return latency
    return _miss(physical, place, ns, fetch, target, waits + hit_latency())


@fn
def _write_back(physical: u32, ns: u32, source: u32) -> None:
    """Write a line to RAM, unless TrustZone refuses it: the memory may have been closed since the line came (UG1019)."""
    place = storage.ram(physical, ns, 1)
    if place > storage.REFUSED:
        if place < ON_CHIP_HOST:
            dram_write(place - storage.DDR_HOST, now())
        move(place, source)


@fn(inline=False)
def take_back(core: u32, physical: u32, ns: u32, known: u32, source: u32) -> None:
    """Write a dirty line of a core's data cache to level 2, or to RAM. `known` is the place where level 2 may hold it."""
    place = storage.backing(physical)
    if place == 0:
        return
    if place >= ON_CHIP_HOST or not enabled():
        _write_back(physical, ns, source)
        return
    EVICTED[core] += u64(moves_and_waits(core, LEVEL2))
    note_event(EVENT_WRITE_REQUEST)
    index = known if holds(known, physical, ns) else find(physical, ns)
    if index != NONE:
        note_event(EVENT_WRITE_HIT)
    else:
        note_event(EVENT_WRITE_ALLOCATE)
        index = allocate(physical, ns, L2.data_ways[core])
    if index == NONE:
        _write_back(physical, ns, source)
        return
    TAGS[index] |= DIRTY
    move(level2_bytes(index), source)


@fn
def brought_ahead(arrives: u64) -> None:
    """Note the time of the line that was brought last, and for which no access waits."""
    if MISSED.source == FROM_MEMORY and BROUGHT.value != NONE:
        under_way(BROUGHT.value, arrives)


@fn
def brought_line_comes(known: u32, physical: u32, ns: u32) -> u64:
    """Return the time when a line comes to level 2, where `known` may hold it; a past moment if it isn't under way."""
    return ARRIVES[known] if holds(known, physical, ns) else 0


@fn
def level2_holds(physical: u32, ns: u32) -> bool:
    """Tell whether level 2 has a line."""
    return enabled() and find(physical, ns) != NONE


@fn
def eviction_is_free(core: u32) -> bool:
    """Tell whether a dirty line can leave at once."""
    return EVICTED[core] <= now()


@fn(inline=True)
def eviction_waits(core: u32) -> None:
    """Evict a dirty line behind the core, which waits only while the previous one is still in the buffer (7CPU: one)."""
    if EVICTED[core] > now():
        stall(u32(EVICTED[core] - now()))
    EVICTED[core] = now() + u64(PARAMETERS.write_back)
