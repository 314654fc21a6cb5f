# SPDX-License-Identifier: Apache-2.0
"""Stores that miss, whose lines come behind the core, up to four at once (A9 TRM 7.4).

The core waits only when all four are on the way. A load that needs such a line waits until it is there: whether the store
buffer could answer it instead is not documented; it is assumed that it can't.

A line of level 2 that is stored as a whole needs no bytes from there: 7CPU and lmbench on a Cortex-A9 r3p0 measured a cycle a
word, as in level 1. The stored bytes are not tracked, so a line is assumed to be stored as a whole if the next store that
misses is to its
neighbour and the store buffer, which takes 64 bits a cycle, could have taken all of it in between. Lines of memory keep their
time, since the time of their write-back to DDR is not in the model.
"""

from typing import Final

from ovm.board.cache.outstanding import FROM_LEVEL2, FROM_MEMORY, MISSED, memory_pace
from ovm.board.clock import SLOTS_PER_CYCLE, now, stall
from ovm.board.parameters import PARAMETERS
from ovm.board.state import CPU
from ovm.metal import Array, Struct, array, fn, static, u32, u64

BUFFERS: Final = 4
LINE_BYTES: Final = 32
WHOLE_LINE: Final = 4 * SLOTS_PER_CYCLE  # that its stores take at least


class Stores(Struct):
    """The lines under way for one core's stores, and their arrival times."""

    done: Array[u64] = array(u64, BUFFERS)
    lines: Array[u32] = array(u32, BUFFERS)  # by their tags in level 1
    oldest: u32
    from_level2: u32  # whether the last one comes from there
    begun: u64  # the slots at which the store to that one missed


STORES = static(array(Stores, 2))


@fn
def stores_reset(core: u32) -> None:
    """Clear all lines under way."""
    for number in u32.range(BUFFERS):
        STORES[core].done[number] = 0
        STORES[core].lines[number] = 0
    STORES[core].oldest = 0
    STORES[core].from_level2 = 0


@fn(inline=True)
def _wait_for_a_buffer(stores: Stores) -> None:
    if stores.done[stores.oldest] > now():
        stall(u32(stores.done[stores.oldest] - now()))


@fn(inline=True)
def _take(stores: Stores, line: u32, done: u64) -> None:
    stores.done[stores.oldest] = done
    stores.lines[stores.oldest] = line
    stores.oldest = (stores.oldest + 1) % BUFFERS


@fn(inline=True)
def _end_whole_line(stores: Stores, line: u32) -> u64:
    """Return the time when the last line is there: at once if it was stored as a whole before `line`."""
    number = (stores.oldest + BUFFERS - 1) % BUFFERS
    apart = line - stores.lines[number]
    neighbours = apart == LINE_BYTES or apart + LINE_BYTES == 0
    if neighbours and stores.from_level2 != 0 and CPU.slots - stores.begun >= WHOLE_LINE:
        stores.done[number] = min(stores.done[number], now())
    return stores.done[number]


@fn(inline=False)
def store_misses(core: u32, line: u32, latency: u32) -> None:
    """Request a line for a store; it comes PARAMETERS.store_miss after the last one at the earliest."""
    stores = STORES[core]
    last = _end_whole_line(stores, line)
    _wait_for_a_buffer(stores)
    stores.begun = CPU.slots
    stores.from_level2 = u32(MISSED.source == FROM_LEVEL2)
    done = now() + u64(latency)
    if MISSED.source == FROM_MEMORY:
        done = memory_pace(core, done)
    _take(stores, line, max(done, last + u64(PARAMETERS.store_miss)))


@fn
def store_joins(core: u32, line: u32, arrives: u64) -> None:
    """Join a store to a line that is under way already; it waits behind the core."""
    _wait_for_a_buffer(STORES[core])
    if arrives > now():
        _take(STORES[core], line, arrives)


@fn
def stored_line_comes(core: u32, line: u32) -> u64:
    """Return the time when a line comes that a store brings, 0 if none does."""
    moment = u64(0)
    for number in u32.range(BUFFERS):
        if STORES[core].lines[number] == line:
            moment = max(moment, STORES[core].done[number])
    return moment
