# SPDX-License-Identifier: Apache-2.0
"""Lines on their way to level 2 for which no access waits, and level 2's own prefetches (L2C-310 TRM 2.5.7, 3.3.14).

Prefetch and double linefill are off after reset. With prefetch, every read of a core makes level 2 look for a line some way
behind it within 4 KB; with double linefill, a line that misses brings the other half of its 64 bytes, which comes with it.
Lines that a core requests ahead, by PLD or its prefetcher, are noted here too. An access that needs one of them while it is
under way waits for the rest, for instance a fetch of code that a PLD has just requested.
"""

from typing import Final

from ovm.board.cache.level2_state import L2, PREFETCH_DOUBLE, PREFETCH_OFFSET, hit_latency
from ovm.board.cache.level2_tags import LINES, NONE, allocate, find
from ovm.board.cache.stale import level2_bytes, move
from ovm.board.clock import now
from ovm.board.ram import storage
from ovm.board.ram.dram import dram_read
from ovm.metal import array, fn, static, u32, u64

LINE_BYTES: Final = 32

# The times when lines of level 2 come for which no access waited, and the time of the last of them.
ARRIVES = static(array(u64, LINES))
LAST_ARRIVES = static(u64)


@fn
def ahead_reset() -> None:
    """Clear all lines under way."""
    LAST_ARRIVES.value = 0


@fn
def under_way(index: u32, arrives: u64) -> None:
    """Note when a line of level 2 comes."""
    ARRIVES[index] = arrives
    LAST_ARRIVES.value = max(LAST_ARRIVES.value, arrives)


@fn
def _take(physical: u32, place: u32, ns: u32, locked_ways: u32, arrives: u64) -> None:
    index = allocate(physical, ns, locked_ways)
    if index == NONE:
        return
    move(level2_bytes(index), place)
    under_way(index, arrives)


@fn
def _prefetch(physical: u32, place: u32, ns: u32, locked_ways: u32) -> None:
    distance = ((L2.prefetch & PREFETCH_OFFSET) + 1) * LINE_BYTES
    following = physical + distance
    if (following ^ physical) >> 12 == 0 and find(following, ns) == NONE:
        latency = hit_latency()
        latency += dram_read(place + distance - storage.DDR_HOST, now() + u64(latency))
        _take(following, place + distance, ns, locked_ways, now() + u64(latency))


@fn(inline=False)
def look_ahead(physical: u32, place: u32, ns: u32, locked_ways: u32, enable: u32, missed: u32) -> None:
    """Bring the neighbour of a line that a core reads, and the line ahead.

    `enable` is its prefetch bit, `missed` its latency or 0.
    """
    if missed != 0 and L2.prefetch & PREFETCH_DOUBLE != 0 and find(physical ^ LINE_BYTES, ns) == NONE:
        _take(physical ^ LINE_BYTES, place ^ LINE_BYTES, ns, locked_ways, now() + u64(missed))
    if L2.prefetch & enable != 0:
        _prefetch(physical, place, ns, locked_ways)


@fn(inline=True)
def latency_of(index: u32, latency: u32) -> u32:
    """Return the latency of a hit: longer than `latency` if its line is under way."""
    if LAST_ARRIVES.value > now() + u64(latency) and ARRIVES[index] > now() + u64(latency):
        return u32(ARRIVES[index] - now())
    return latency
