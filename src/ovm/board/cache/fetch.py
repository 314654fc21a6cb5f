# SPDX-License-Identifier: Apache-2.0
"""The instruction side of level 1.

A resident line costs nothing. When a line leaves, the next execution of an instruction in it comes by `fetch_line`; while the
cache is off, each execution does.
"""

from typing import Final

from ovm.arm.control import SCTLR_I, SCTLR_RR
from ovm.board.cache.level1 import (
    INSTRUCTIONS,
    LINES,
    NON_SECURE,
    NONE,
    VALID,
    find_instructions,
    instruction_victim,
    name_of,
)
from ovm.board.cache.source import bring, reachable
from ovm.board.cache.stale import LINE_BYTES, instruction_bytes, stale
from ovm.board.clock import stall
from ovm.board.events import COUNT_FETCH_MISSES, COUNT_UNCACHED, count
from ovm.board.mapping import CACHE_NONE, KIND_NORMAL, MAPPING
from ovm.board.ram import storage
from ovm.board.shortcuts.changes import (
    instruction_cache_off,
    instruction_line_came,
    instruction_line_differs,
    instruction_line_dropped,
)
from ovm.board.state import CPU
from ovm.metal import array, fn, static, u32

SCRATCH: Final = 0xA008_0000  # for each core the bytes of that line, with lines that hold bytes of their own
# The line fetched last by a core whose instruction cache is off, + 1; its buffer holds no more.
BUFFER = static(array(u32, 2))


@fn
def cached_fetch() -> bool:
    """Tell whether fetches from what MAPPING describes go through the instruction cache."""
    on = CPU.world[CPU.context >> 1].sctlr & SCTLR_I != 0
    return on and MAPPING.kind == KIND_NORMAL and MAPPING.inner != CACHE_NONE


@fn(inline=False)
def fetch_line(physical: u32) -> u32:
    """Bring a line to the instruction side; return the byte's place, 0 if no RAM is there, 1 if it is refused."""
    core = CPU.number
    index = find_instructions(core, physical, MAPPING.ns) if cached_fetch() else NONE
    if index != NONE:
        return instruction_bytes(core, index, physical, storage.backing(physical))
    place = reachable(physical, MAPPING.ns, MAPPING.outer, 0)
    if place <= storage.REFUSED:
        return place
    if not cached_fetch():
        return _fetch_uncached(core, physical, place)
    return _fill(core, physical, place)


@fn
def _fetch_uncached(core: u32, physical: u32, place: u32) -> u32:
    """Fetch without the cache: a buffer holds the line fetched last. Level 2 may hold it (A9 TRM 7.3)."""
    if BUFFER[core] != (physical | 31):
        BUFFER[core] = physical | 31
        count(COUNT_UNCACHED, 1)
        stall(bring(physical, place, MAPPING.ns, MAPPING.outer, True, SCRATCH + core * 32))
        if stale():
            instruction_line_differs(core, physical, MAPPING.ns)
    return SCRATCH + core * 32 + (physical & 31) if stale() else place


@fn
def _fill(core: u32, physical: u32, place: u32) -> u32:
    count(COUNT_FETCH_MISSES, 1)
    index = instruction_victim(core, physical, CPU.world[CPU.context >> 1].sctlr & SCTLR_RR != 0)
    drop_instructions(core, index)
    INSTRUCTIONS[core * LINES + index] = name_of(physical, MAPPING.ns)
    target = instruction_bytes(core, index, physical, place)
    stall(bring(physical, place, MAPPING.ns, MAPPING.outer, True, target))
    if stale():
        instruction_line_differs(core, physical, MAPPING.ns)
    _line_came(core, physical, MAPPING.ns)
    return target


@fn
def drop_instructions(core: u32, index: u32) -> None:
    """Empty a line of an instruction cache."""
    tag = INSTRUCTIONS[core * LINES + index]
    if tag & VALID != 0:
        INSTRUCTIONS[core * LINES + index] = 0
        instruction_line_dropped(core, tag & 0xFFFF_FFE0, u32(tag & NON_SECURE != 0))


@fn
def _line_came(core: u32, physical: u32, ns: u32) -> None:
    before = find_instructions(core, physical - LINE_BYTES, ns) != NONE
    behind = find_instructions(core, physical + LINE_BYTES, ns) != NONE
    instruction_line_came(core, physical, ns, before, behind)


@fn(inline=False)
def switch_instructions(world: u32, on: bool) -> None:
    """Follow a change of a world's SCTLR.I in the running core.

    An unnecessary check costs only the simulator's time, so those of the other world's lines may stay.
    """
    core = CPU.number
    if on:
        for index in u32.range(LINES):
            tag = INSTRUCTIONS[core * LINES + index]
            if tag & VALID != 0 and u32(tag & NON_SECURE != 0) == world:
                _line_came(core, tag & 0xFFFF_FFE0, world)
        return
    instruction_cache_off(core)
