# SPDX-License-Identifier: Apache-2.0
"""The reset of all caches, which power-on leaves off and empty here.

On silicon their content is undefined, and software invalidates it before it turns them on.
"""

from ovm.board.cache import level1, level2, level2_tags
from ovm.board.cache.data import invalidate
from ovm.board.cache.fetch import BUFFER, drop_instructions
from ovm.board.cache.level2_ahead import ahead_reset
from ovm.board.cache.outstanding import outstanding_reset
from ovm.board.cache.prefetch import prefetch_stop
from ovm.board.cache.preloads import preloads_reset
from ovm.board.cache.source import EVICTED
from ovm.board.cache.stores import stores_reset
from ovm.metal import fn, u32


@fn(inline=False)
def caches_reset() -> None:
    """Empty both cores' caches and level 2, and set its registers to their reset values."""
    for core in u32.range(2):
        for index in u32.range(level1.LINES):
            invalidate(core, index)
            drop_instructions(core, index)
        stores_reset(core)
        preloads_reset(core)
        EVICTED[core] = 0
        prefetch_stop(core)
        BUFFER[core] = 0
        level1.RANDOM[core] = 0
        level1.TURN[core] = 0
    for index in u32.range(level2_tags.LINES):
        level2_tags.TAGS[index] = 0
    level2.level2_reset()
    outstanding_reset()
    ahead_reset()
