# SPDX-License-Identifier: Apache-2.0
"""The links between lines that hit and the level 1 lines behind them.

A level 1 line knows up to two lines that stand for it; a third takes the place of one of them. They are found again,
and end, when the level 1 line is evicted, invalidated, cleaned or shared.
"""

from ovm.board.cache.level1 import AHEAD, DATA, DATA_HINTS, LINES, NONE, DataHints, find_data
from ovm.board.lines import (
    LINE_COUNT,
    NO_LINE,
    NO_TABLE,
    TABLES,
    Line,
    line_of,
    note_entry,
    note_line,
    table_number,
)
from ovm.board.lines import LINES as HITS
from ovm.board.mmu.mapping import MAPPING
from ovm.board.parameters import PARAMETERS
from ovm.board.state import CPU, running
from ovm.metal import fn, u16, u32


@fn
def keep_line(where: u32, place: u32, home: u32, writable: bool) -> None:
    """Enter the line of virtual address `where`, whose bytes are at `place`, into the table of lines that hit."""
    if table_number() == NO_TABLE or PARAMETERS.long_way != 0:
        return
    note_entry(MAPPING.micro, 0)
    join_line(where, place, home, writable)


@fn(inline=True)
def join_line(where: u32, place: u32, home: u32, writable: bool) -> None:
    """Do the same if it is known that the table in force may have lines and the micro-TLB entry is noted."""
    line = line_of(where)
    tag = where & 0xFFFF_FFE0
    owner = (MAPPING.micro << 16) | home
    if line.owner != owner or (line.read != tag and line.write != tag):
        line.read = NO_LINE
        line.write = NO_LINE
        line.addend = place - where
        line.owner = owner
        index = (where >> 5) % LINE_COUNT
        note_line(index, CPU.context, MAPPING.micro)
        _point_back(
            DATA_HINTS[running() * LINES + home],
            u16(CPU.context * LINE_COUNT + index + 1),
            home,
        )
    if writable:
        line.write = tag
    # A line that a store brings may be under way: the first load has to check.
    if DATA[running() * LINES + home] & AHEAD == 0:
        line.read = tag


@fn
def _hit(core: u32, hint: u32) -> Line:
    return HITS[core * TABLES * LINE_COUNT + hint - 1]


@fn
def _lives(hint: u32, home: u32) -> bool:
    """Return whether a hint of the running core is still valid for a level 1 line."""
    if hint == 0:
        return False
    line = _hit(running(), hint)
    return (line.read != NO_LINE or line.write != NO_LINE) and line.owner & 0xFFFF == home


@fn
def _point_back(known: DataHints, hint: u16, home: u32) -> None:
    if known.hit == hint or known.other_hit == hint:
        return
    if not _lives(u32(known.hit), home):
        known.hit = hint
        return
    if _lives(u32(known.other_hit), home):
        _drop(running(), u32(known.other_hit), home)
    known.other_hit = hint


@fn(inline=True)
def _drop(core: u32, hint: u32, home: u32) -> None:
    if hint != 0:
        line = _hit(core, hint)
        if line.owner & 0xFFFF == home:
            line.read = NO_LINE
            line.write = NO_LINE


@fn
def _drop_write(core: u32, hint: u32, home: u32) -> None:
    if hint != 0:
        line = _hit(core, hint)
        if line.owner & 0xFFFF == home:
            line.write = NO_LINE


@fn(inline=True)
def drop_home(core: u32, home: u32) -> None:
    """Drop the lines that stand for a level 1 line."""
    known = DATA_HINTS[core * LINES + home]
    _drop(core, u32(known.hit), home)
    _drop(core, u32(known.other_hit), home)
    known.hit = 0
    known.other_hit = 0


@fn
def drop_home_writes(core: u32, home: u32) -> None:
    """Drop the hits of stores for a level 1 line."""
    known = DATA_HINTS[core * LINES + home]
    _drop_write(core, u32(known.hit), home)
    _drop_write(core, u32(known.other_hit), home)


@fn
def drop_core_writes(core: u32, physical: u32) -> None:
    """Drop the hits of a core's stores for the line of `physical`."""
    for ns in u32.range(2):
        home = find_data(core, physical, ns)
        if home != NONE:
            drop_home_writes(core, home)


@fn(inline=False)
def drop_line_writes(physical: u32) -> None:
    """Drop the hits of both cores' stores for the line of `physical`."""
    drop_core_writes(0, physical)
    drop_core_writes(1, physical)
