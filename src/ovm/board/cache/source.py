# SPDX-License-Identifier: Apache-2.0
"""What lies behind level 1: level 2, DDR, on-chip memory, and how long each takes."""

from typing import Final

from ovm.board import bus
from ovm.board.clock import now, stall
from ovm.board.parameters import PARAMETERS
from ovm.metal import array, fn, static, u32, u64

ON_CHIP_HOST: Final = 0x8000_0000  # where the simulator keeps it: above all DDR
STORE_BUFFERS: Final = 4  # write misses under way at once (A9 TRM 7.4)

# When each write miss of a core that is under way is done, and which is the oldest.
STORES_DONE = static(array(u64, 2 * STORE_BUFFERS))
OLDEST_STORE = static(array(u32, 2))


@fn(inline=True)
def is_on_chip(physical: u32) -> bool:
    """Tell whether an address is the on-chip memory's, which level 2 is not in front of."""
    return bus.backing(physical) >= ON_CHIP_HOST


@fn
def read_latency(physical: u32) -> u32:
    """Return how long a line or a word takes to come."""
    if is_on_chip(physical):
        return PARAMETERS.on_chip_read
    return PARAMETERS.level2_hit + PARAMETERS.memory_read


@fn
def store_waits(core: u32, latency: u32) -> None:
    """Let a store miss take its time behind the core, which waits only for the oldest when all buffers are in use."""
    oldest = core * STORE_BUFFERS + OLDEST_STORE[core]
    if STORES_DONE[oldest] > now():
        stall(u32(STORES_DONE[oldest] - now()))
    STORES_DONE[oldest] = now() + u64(latency)
    OLDEST_STORE[core] = (OLDEST_STORE[core] + 1) % STORE_BUFFERS
