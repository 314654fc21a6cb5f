# SPDX-License-Identifier: Apache-2.0
"""What level 2 brings before it is asked: prefetch and double linefill (L2C-310 TRM 2.5.7, 3.3.14).

Off after reset. With prefetch, whatever a core reads makes level 2 look for a line some way behind it within 4 KB; with double
linefill, a line that misses brings the other half of its 64 bytes, which comes with it. Nobody waits for these lines, unless
they are wanted while they are under way.
"""

from typing import Final

from ovm.board import bus
from ovm.board.cache.level2_state import L2, PREFETCH_DOUBLE, PREFETCH_OFFSET, hit_latency
from ovm.board.cache.level2_tags import NONE, allocate, find
from ovm.board.cache.stale import level2_bytes, move
from ovm.board.clock import now
from ovm.board.dram import dram_read
from ovm.metal import Array, Struct, array, fn, static, u32, u64

LINE_BYTES: Final = 32
REMEMBERED: Final = 8


class Ahead(Struct):
    """The last lines that were brought so, by their places in level 2, and when they come."""

    arrives: Array[u64] = array(u64, REMEMBERED)
    lines: Array[u32] = array(u32, REMEMBERED)
    physical: Array[u32] = array(u32, REMEMBERED)
    oldest: u32
    spare: u32


AHEAD = static(Ahead)


@fn
def ahead_reset() -> None:
    """Let nothing be under way."""
    for number in u32.range(REMEMBERED):
        AHEAD.arrives[number] = u64(0)
    AHEAD.oldest = u32(0)


@fn
def _take(physical: u32, place: u32, ns: u32, locked_ways: u32, arrives: u64) -> None:
    index = allocate(physical, ns, locked_ways)
    if index == NONE:
        return
    move(level2_bytes(index), place)
    AHEAD.arrives[AHEAD.oldest] = arrives
    AHEAD.lines[AHEAD.oldest] = index
    AHEAD.physical[AHEAD.oldest] = physical
    AHEAD.oldest = (AHEAD.oldest + 1) % REMEMBERED


@fn
def _prefetch(physical: u32, place: u32, ns: u32, locked_ways: u32) -> None:
    distance = ((L2.prefetch & PREFETCH_OFFSET) + 1) * LINE_BYTES
    following = physical + distance
    if (following ^ physical) >> 12 == 0 and find(following, ns) == NONE:
        latency = hit_latency()
        latency += dram_read(place + distance - bus.DDR_HOST, now() + u64(latency))
        _take(following, place + distance, ns, locked_ways, now() + u64(latency))


@fn(inline=False)
def look_ahead(physical: u32, place: u32, ns: u32, locked_ways: u32, enable: u32, missed: u32) -> None:
    """Bring what lies beside or behind a line that a core reads; `enable` is its prefetch bit, `missed` its latency or 0."""
    line = physical & 0xFFFF_FFE0
    where = place & 0xFFFF_FFE0
    if missed != 0 and L2.prefetch & PREFETCH_DOUBLE != 0 and find(line ^ LINE_BYTES, ns) == NONE:
        _take(line ^ LINE_BYTES, where ^ LINE_BYTES, ns, locked_ways, now() + u64(missed))
    if L2.prefetch & enable != 0:
        _prefetch(line, where, ns, locked_ways)


@fn(inline=False)
def latency_of(index: u32, physical: u32, latency: u32) -> u32:
    """Return how long a hit takes: longer than `latency` if its line is under way."""
    for number in u32.range(REMEMBERED):
        same = AHEAD.lines[number] == index and AHEAD.physical[number] == physical & 0xFFFF_FFE0
        if same and AHEAD.arrives[number] > now() + u64(latency):
            return u32(AHEAD.arrives[number] - now())
    return latency
