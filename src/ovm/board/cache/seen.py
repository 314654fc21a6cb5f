# SPDX-License-Identifier: Apache-2.0
"""The place where a core's load would find a byte, looked up without any effect.

Reads from outside use this module, and so return what the core would load: with `PARAMETERS.stale_lines` the bytes of the line
that a load would hit, else RAM. Rights are not checked.
"""

from typing import Final

from ovm.arm.control import ACTLR_SMP, SCTLR_C
from ovm.board.cache.level1 import LINES, NONE, find_data, find_instructions
from ovm.board.cache.level2_tags import NONE as NOT_IN_LEVEL2
from ovm.board.cache.level2_tags import enabled, find
from ovm.board.cache.stale import INSTRUCTION_BASE, LINE_BYTES, level2_bytes, own_bytes, stale
from ovm.board.mapping import (
    CACHE_NONE,
    CACHE_WRITE_BACK,
    CACHE_WRITE_BACK_ALLOCATE,
    KIND_NORMAL,
    MEMORY_INNER,
    MEMORY_NS,
    MEMORY_OUTER,
    MEMORY_SHAREABLE,
)
from ovm.board.ram import storage
from ovm.board.state import Cpu, core_of
from ovm.metal import fn, u32, unroll

DATA_COPY: Final = 0
INSTRUCTION_COPY: Final = 4
LEVEL2_COPY: Final = 8
COPIES: Final = 10  # numbers that `copy_at` takes


@fn
def _uses_level1(core: Cpu, memory: u32) -> bool:
    """Tell whether a core's data cache takes such memory (`data.cacheable`)."""
    inner = (memory >> MEMORY_INNER) & 3
    if inner != CACHE_WRITE_BACK_ALLOCATE and inner != CACHE_WRITE_BACK:
        return False
    if core.world[core.context >> 1].sctlr & SCTLR_C == 0:
        return False
    return memory & MEMORY_SHAREABLE == 0 or core.actlr & ACTLR_SMP != 0


@fn
def _in_level1(number: u32, physical: u32, ns: u32, shareable: u32) -> u32:
    """Return the place of the line that a load would hit or take from the other core, or 0."""
    index = find_data(number, physical, ns)
    if index != NONE:
        return own_bytes(number, index)
    if shareable == 0 or core_of(number).actlr & core_of(number ^ 1).actlr & ACTLR_SMP == 0:
        return 0
    index = find_data(number ^ 1, physical, ns)
    return own_bytes(number ^ 1, index) if index != NONE else 0


@fn(inline=False)
def seen_at(number: u32, physical: u32, memory: u32) -> u32:
    """Return the simulator's address of the byte that a core loads from such memory (`mmu.attributes`), 0 if it is no RAM."""
    place = storage.backing(physical)
    if place == 0 or not stale() or memory & 3 != KIND_NORMAL:
        return place
    ns = u32(memory & MEMORY_NS != 0)
    line = u32(0)
    if _uses_level1(core_of(number), memory):
        line = _in_level1(number, physical, ns, memory & MEMORY_SHAREABLE)
    if line == 0 and (memory >> MEMORY_OUTER) & 3 != CACHE_NONE and enabled() and place < storage.OCM_HOST:
        index = find(physical, ns)
        line = level2_bytes(index) if index != NOT_IN_LEVEL2 else u32(0)
    return line + (physical & 31) if line != 0 else place


@fn(inline=False)
def copy_at(number: u32, physical: u32) -> u32:
    """Return the place of one of the COPIES of a byte in lines, 0 if there is none.

    The number is 0, 4 or 8 for data caches, instruction caches and level 2, + 2 for core 1, + 1 for Non-secure.
    """
    if not stale():
        return 0
    core = (number >> 1) & 1
    index = NONE
    line = u32(0)
    if number & 0xC == DATA_COPY:
        index = find_data(core, physical, number & 1)
        line = own_bytes(core, index)
    elif number & 0xC == INSTRUCTION_COPY:
        index = find_instructions(core, physical, number & 1)
        line = INSTRUCTION_BASE + (core * LINES + index) * LINE_BYTES
    elif enabled():
        index = find(physical, number & 1)
        line = level2_bytes(index)
    return line + (physical & 31) if index != NONE else 0


@fn(inline=False)
def seen_by_all(number: u32, physical: u32) -> u32:
    """Return the same as `seen_at` without a mapping: any line that holds the byte, beginning with the core's own.

    There are lines of both address spaces only for memory that both worlds use by mappings of their own: the Non-secure one is
    then taken.
    """
    for space in u32.range(2):
        ns = 1 - space
        for each in unroll((0, 1)):
            place = copy_at((number ^ each) * 2 | ns, physical)
            if place != 0:
                return place
        place = copy_at(LEVEL2_COPY | ns, physical)
        if place != 0:
            return place
    return storage.backing(physical)
