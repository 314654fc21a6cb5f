# SPDX-License-Identifier: Apache-2.0
"""Accesses that level 1 does not cache: RAM, through level 2 where that may hold it, and devices."""

from typing import Final

from ovm.board.cache.level2_state import hit_latency
from ovm.board.cache.level2_tags import DIRTY, NONE, TAGS, enabled, find
from ovm.board.cache.source import ON_CHIP_HOST, bring
from ovm.board.cache.stale import level2_bytes, stale
from ovm.board.clock import stall
from ovm.board.events import COUNT_UNCACHED, count
from ovm.board.interconnect import bus
from ovm.board.mapping import CACHE_NONE, CACHE_WRITE_THROUGH, KIND_NORMAL, MAPPING
from ovm.board.ram import storage
from ovm.board.ram.contention import LEVEL2, moves_and_waits
from ovm.board.state import CPU, running
from ovm.metal import fn, u32, u64

SCRATCH: Final = 0xA008_0080


@fn
def _in_level2(physical: u32) -> bool:
    """Tell whether level 2 is in front of what MAPPING describes."""
    if MAPPING.kind != KIND_NORMAL or MAPPING.outer == CACHE_NONE or not enabled():
        return False
    place = storage.ram(physical, MAPPING.ns, 0)
    return place > storage.REFUSED and place < ON_CHIP_HOST


@fn
def read(physical: u32, size: u32) -> u64:
    """Read what MAPPING describes; bus.FAULT is an external abort."""
    count(COUNT_UNCACHED, 1)
    if not _in_level2(physical):
        return bus.read(physical, size, MAPPING.ns, CPU.number)
    place = storage.backing(physical)
    stall(bring(physical, place, MAPPING.ns, MAPPING.outer, False, SCRATCH))
    return u64(storage.peek(SCRATCH + (physical & 31) if stale() else place, size))


@fn
def write(physical: u32, value: u32, size: u32) -> bool:
    """Write what MAPPING describes; return True for an external abort."""
    count(COUNT_UNCACHED, 1)
    index = find(physical, MAPPING.ns) if _in_level2(physical) else NONE
    if index == NONE:
        return bus.write(physical, value, size, MAPPING.ns, CPU.number)
    stall(moves_and_waits(running(), LEVEL2) + hit_latency())
    if stale():
        storage.poke(level2_bytes(index) + (physical & 31), value, size)
    else:
        storage.poke(storage.backing(physical), value, size)
    if MAPPING.outer != CACHE_WRITE_THROUGH:
        TAGS[index] |= DIRTY
        return False
    return stale() and bus.write(physical, value, size, MAPPING.ns, CPU.number)
