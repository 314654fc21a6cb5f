# SPDX-License-Identifier: Apache-2.0
"""The instruction side of level 1.

A resident line costs nothing: its records carry no CARE_FETCH. A fill takes the mark off the records of the line, and
an eviction or an invalidation puts it on again, so the next execution comes by `fetch_line`. While the cache is off, all
records carry it.
"""

from typing import Final

from ovm.arm.control import SCTLR_I, SCTLR_RR
from ovm.board import storage
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
from ovm.board.cache.stale import instruction_bytes, stale
from ovm.board.clock import stall
from ovm.board.code import forget_line
from ovm.board.events import COUNT_FETCH_MISSES, COUNT_UNCACHED, count
from ovm.board.mmu.mapping import CACHE_NONE, KIND_NORMAL, MAPPING
from ovm.board.parameters import PARAMETERS
from ovm.board.record import (
    CARE_FETCH,
    PAGE_SLOT,
    RECORD_BYTES,
    SLOT_BASE,
    SLOT_BYTES,
    SLOT_OWNER,
    SLOTS,
    SLOTS_OF_PAGE,
    USED_SLOTS,
    record_at,
)
from ovm.board.sizes import PAGE_BYTES
from ovm.board.state import CPU
from ovm.metal import array, fn, static, u16, u32

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
            forget_line(core, physical, MAPPING.ns)
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
        forget_line(core, physical, MAPPING.ns)
    mark_line(core, physical, MAPPING.ns, 0)
    return target


@fn
def drop_instructions(core: u32, index: u32) -> None:
    """Empty a line of an instruction cache."""
    tag = INSTRUCTIONS[core * LINES + index]
    if tag & VALID != 0:
        INSTRUCTIONS[core * LINES + index] = 0
        mark_line(core, tag & 0xFFFF_FFE0, u32(tag & NON_SECURE != 0), CARE_FETCH)


@fn
def mark_line(core: u32, physical: u32, ns: u32, care: u32) -> None:
    """Put CARE_FETCH on the decoded records of a line, or take it off."""
    page = (physical >> 12) * SLOTS_OF_PAGE + ns * 2 + core * 4
    offset = physical & 0xFE0
    words = u32(PAGE_SLOT[page])
    if words != 0:
        for number in u32.range(8):
            _mark(
                SLOT_BASE + words * SLOT_BYTES + ((offset >> 2) + number) * RECORD_BYTES,
                care,
            )
    halves = u32(PAGE_SLOT[page + 1])
    if halves != 0:
        base = SLOT_BASE + halves * SLOT_BYTES + (offset >> 1) * RECORD_BYTES
        for number in u32.range(16):
            _mark(base + number * RECORD_BYTES, care)
        _mark_crossing(core, physical, ns, base - RECORD_BYTES, physical - 32)
        _mark_crossing(core, physical, ns, base + 15 * RECORD_BYTES, physical + 32)


@fn(inline=False)
def switch_instructions(world: u32, on: bool) -> None:
    """Mark all records of the running core: SCTLR.I of a world has changed.

    An unnecessary mark costs only the simulator's time, so those of the other world's lines may stay.
    """
    core = CPU.number
    if on:
        for index in u32.range(LINES):
            tag = INSTRUCTIONS[core * LINES + index]
            if tag & VALID != 0 and u32(tag & NON_SECURE != 0) == world:
                mark_line(core, tag & 0xFFFF_FFE0, world, 0)
        return
    for slot in u32.range(1, SLOTS):
        if slot <= USED_SLOTS.value and (SLOT_OWNER[slot] >> 2) & 1 == core:
            for number in u32.range(1024 << (SLOT_OWNER[slot] & 1), bound=PAGE_BYTES // 2):
                _mark(SLOT_BASE + slot * SLOT_BYTES + number * RECORD_BYTES, CARE_FETCH)


@fn
def _mark(at: u32, care: u32) -> None:
    record = record_at(at)
    if record.handler > 1 and PARAMETERS.long_way == 0:
        record.condition = u16(u32(record.condition) & (0xFFFF ^ CARE_FETCH) | care)


@fn
def _mark_crossing(core: u32, physical: u32, ns: u32, at: u32, neighbour: u32) -> None:
    """Mark an instruction whose halves lie in two lines, unless both lines are there."""
    if (physical ^ neighbour) >> 12 != 0:
        return
    record = record_at(at)
    if record.handler > 1 and record.step == 2 * RECORD_BYTES:
        here = find_instructions(core, physical, ns) != NONE and find_instructions(core, neighbour, ns) != NONE
        _mark(at, u32(0) if here else u32(CARE_FETCH))
