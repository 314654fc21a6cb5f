# SPDX-License-Identifier: Apache-2.0
"""Stores that miss: their lines come behind the core, up to four at once (A9 TRM 7.4).

The core waits only when all four are on the way. A load that wants such a line waits until it is there: whether the store
buffer could answer it instead is not documented, and assumed not to be.
"""

from typing import Final

from ovm.board.cache.outstanding import FROM_MEMORY, MISSED, memory_pace
from ovm.board.clock import now, stall
from ovm.board.parameters import PARAMETERS
from ovm.metal import Array, Struct, array, fn, static, u32, u64

BUFFERS: Final = 4


class Stores(Struct):
    """Of one core: when each line is there, and which it is."""

    done: Array[u64] = array(u64, BUFFERS)
    lines: Array[u32] = array(u32, BUFFERS)  # by their tags in level 1
    oldest: u32
    spare: u32


STORES = static(array(Stores, 2))


@fn
def stores_reset(core: u32) -> None:
    """Let nothing be under way."""
    for number in u32.range(BUFFERS):
        STORES[core].done[number] = u64(0)
        STORES[core].lines[number] = u32(0)
    STORES[core].oldest = u32(0)


@fn(inline=True)
def _wait_for_a_buffer(stores: Stores) -> None:
    if stores.done[stores.oldest] > now():
        stall(u32(stores.done[stores.oldest] - now()))


@fn(inline=True)
def _take(stores: Stores, line: u32, done: u64) -> None:
    stores.done[stores.oldest] = done
    stores.lines[stores.oldest] = line
    stores.oldest = (stores.oldest + 1) % BUFFERS


@fn(inline=False)
def store_misses(core: u32, line: u32, latency: u32) -> None:
    """Let a line come for a store, PARAMETERS.store_miss after the last one at the earliest."""
    stores = STORES[core]
    last = stores.done[(stores.oldest + BUFFERS - 1) % BUFFERS]
    _wait_for_a_buffer(stores)
    done = now() + u64(latency)
    if MISSED.source == FROM_MEMORY:
        done = memory_pace(core, done)
    _take(stores, line, max(done, last + u64(PARAMETERS.store_miss)))


@fn
def store_joins(core: u32, line: u32, arrives: u64) -> None:
    """Let a store wait behind the core for a line that is under way already."""
    _wait_for_a_buffer(STORES[core])
    if arrives > now():
        _take(STORES[core], line, arrives)


@fn
def stored_line_comes(core: u32, line: u32) -> u64:
    """Return when a line comes that a store brings, 0 if none does."""
    moment = u64(0)
    for number in u32.range(BUFFERS):
        if STORES[core].lines[number] == line:
            moment = max(moment, STORES[core].done[number])
    return moment
