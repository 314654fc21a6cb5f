# SPDX-License-Identifier: Apache-2.0
"""Tags of the level 1 caches: 32 KB, four ways, lines of 32 bytes, for data and instructions of each core.

Lines are tagged with the physical address and its security (A9 TRM 7.1; UG585 3.2.4). Tags alone are kept here: the
bytes lie in RAM, or, with `PARAMETERS.stale_lines`, in `stale`.
"""

from typing import Final

from ovm.board.parameters import PARAMETERS
from ovm.board.xorshift import following
from ovm.metal import Struct, array, fn, static, u16, u32

WAYS: Final = 4
SETS: Final = 256
LINES: Final = WAYS * SETS
NONE: Final = u32(0xFFFF_FFFF)
FOUND: Final = 0x30  # besides the way that a search without branches found: two bits, so that all ways compile alike

VALID: Final = 1 << 0
NON_SECURE: Final = 1 << 1
DIRTY: Final = 1 << 2
SHARED: Final = 1 << 3  # the other core may hold it too
AHEAD: Final = 1 << 4  # the prefetcher, a preload or a store brought it, and no load has come to it yet
NAME: Final = 0xFFFF_FFE3  # the bits that two tags of the same line have in common


class DataHints(Struct):
    """Hints about a line of a data cache, which may be out of date.

    `hit` and `other_hit` are lines of `lines.LINES` that stand for it, of this core, + 1; `level2` is the line it came from.
    """

    hit: u16
    other_hit: u16
    level2: u16
    spare: u16


DATA = static(array(u32, 2 * LINES), align=64)
DATA_HINTS = static(array(DataHints, 2 * LINES), align=64)
INSTRUCTIONS = static(array(u32, 2 * LINES), align=64)
RANDOM = static(array(u32, 2))  # state of the pseudo-random victim of each core, never 0
TURN = static(array(u32, 2))  # next victim of an instruction cache whose replacement is round robin


@fn(inline=True)
def name_of(physical: u32, ns: u32) -> u32:
    """Return the tag that a clean line of `physical` has."""
    return (physical & 0xFFFF_FFE0) | (ns << 1) | VALID


@fn(inline=True)
def find_data(core: u32, physical: u32, ns: u32) -> u32:
    """Return the number of the line of a core's data cache that holds `physical`, or NONE."""
    first = ((physical >> 5) % SETS) * WAYS
    name = name_of(physical, ns)
    # No early exit: the host cannot predict which way holds a line.
    found = u32(0)
    for way in u32.range(WAYS):
        found |= way | FOUND if DATA[core * LINES + first + way] & NAME == name else 0
    return first | (found & (WAYS - 1)) if found != 0 else NONE


@fn
def find_instructions(core: u32, physical: u32, ns: u32) -> u32:
    """Return the number of the line of a core's instruction cache that holds `physical`, or NONE."""
    first = ((physical >> 5) % SETS) * WAYS
    name = name_of(physical, ns)
    for way in u32.range(WAYS):
        if INSTRUCTIONS[core * LINES + first + way] == name:
            return first + way
    return NONE


@fn(inline=True)
def random_way(core: u32) -> u32:
    """Return a pseudo-random way."""
    RANDOM[core] = following(RANDOM[core], (PARAMETERS.random_seed * 2 + core) * 0x9E37_79B9 | 1)
    return (RANDOM[core] >> 8) % WAYS


@fn(inline=True)
def data_victim(core: u32, physical: u32) -> u32:
    """Return the line that a fill of `physical` takes: an empty one, else pseudo-random (A9 TRM 7.1)."""
    first = ((physical >> 5) % SETS) * WAYS
    everywhere = u32(VALID)
    for way in u32.range(WAYS):
        everywhere &= DATA[core * LINES + first + way]
    return first + random_way(core) if everywhere != 0 else _empty(core, first)


@fn(inline=False)
def _empty(core: u32, first: u32) -> u32:
    """Return the first line of a set that is empty, if any is."""
    for way in u32.range(WAYS):
        if DATA[core * LINES + first + way] & VALID == 0:
            return first + way
    return first


@fn
def instruction_victim(core: u32, physical: u32, round_robin: bool) -> u32:
    """Return the line that a fill of `physical` takes: an empty one, else by SCTLR.RR."""
    first = ((physical >> 5) % SETS) * WAYS
    for way in u32.range(WAYS):
        if INSTRUCTIONS[core * LINES + first + way] & VALID == 0:
            return first + way
    if round_robin:
        TURN[core] = (TURN[core] + 1) % WAYS
        return first + TURN[core]
    return first + random_way(core)
