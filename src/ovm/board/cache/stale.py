# SPDX-License-Identifier: Apache-2.0
"""Bytes of cache lines, for the mode in which caches hold data of their own.

Without `PARAMETERS.stale_lines` the bytes of every line are in RAM, so data is right even where a program forgets
maintenance. With it each line has storage here; fills, evictions and cleans move bytes as the hardware does, and bytes that are
not cleaned or invalidated don't change.
"""

from typing import Final

from ovm.board.cache.level1 import LINES
from ovm.board.parameters import PARAMETERS
from ovm.metal import VirtAddr, fn, pointer, u32, u64

LINE_BYTES: Final = 32
DATA_BASE: Final = 0xA000_0000
INSTRUCTION_BASE: Final = 0xA010_0000
LEVEL2_BASE: Final = 0xA020_0000


@fn(inline=True)
def stale() -> bool:
    """Tell whether lines hold bytes of their own."""
    return PARAMETERS.stale_lines != 0


@fn(inline=True)
def own_bytes(core: u32, index: u32) -> u32:
    """Return the place of a data line's bytes, if lines have any: for `move`."""
    return DATA_BASE + (core * LINES + index) * LINE_BYTES


@fn(inline=True)
def data_bytes(core: u32, index: u32, physical: u32, place: u32) -> u32:
    """Return the place of a byte of a data line; `place` is its place in RAM."""
    return own_bytes(core, index) + (physical & 31) if stale() else place


@fn
def instruction_bytes(core: u32, index: u32, physical: u32, place: u32) -> u32:
    """Return the place of a byte of an instruction line; `place` is its place in RAM."""
    return INSTRUCTION_BASE + (core * LINES + index) * LINE_BYTES + (physical & 31) if stale() else place


@fn
def level2_bytes(index: u32) -> u32:
    """Return the place of a line of level 2."""
    return LEVEL2_BASE + index * LINE_BYTES


@fn(inline=True)
def move(target: u32, source: u32) -> None:
    """Copy the bytes of a line, if lines have any; each place may be that of any byte of the line."""
    if stale():
        to = pointer(u64, VirtAddr(target & 0xFFFF_FFE0))
        origin = pointer(u64, VirtAddr(source & 0xFFFF_FFE0))
        for number in u32.range(4):
            to[number] = origin[number]
