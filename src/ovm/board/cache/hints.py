# SPDX-License-Identifier: Apache-2.0
"""The links between lines that hit and the level 1 lines behind them.

A level 1 line knows up to two lines that stand for it; a third takes the place of one of them. They are found again,
and end, when the level 1 line is evicted, invalidated, cleaned or shared.
"""

from ovm.board.cache.level1 import AHEAD, DATA, DATA_HINTS, LINES, NONE, DataHints, find_data
from ovm.board.mapping import MAPPING
from ovm.board.parameters import PARAMETERS
from ovm.board.record import CODE_LINES, holds_code
from ovm.board.shortcuts.changes import data_line_dropped, data_line_shared
from ovm.board.shortcuts.lines import LINE_COUNT, NO_LINE, NO_TABLE, hit_of, line_of, note_entry, note_line, table_number
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
def _lives(hint: u32, home: u32) -> bool:
    """Return whether a hint of the running core is still valid for a level 1 line."""
    if hint == 0:
        return False
    line = hit_of(running(), hint)
    return (line.read != NO_LINE or line.write != NO_LINE) and line.owner & 0xFFFF == home


@fn
def _point_back(known: DataHints, hint: u16, home: u32) -> None:
    if known.hit == hint or known.other_hit == hint:
        return
    if not _lives(u32(known.hit), home):
        known.hit = hint
        return
    if _lives(u32(known.other_hit), home):
        data_line_dropped(running(), u32(known.other_hit), home)
    known.other_hit = hint


@fn(inline=True)
def drop_home(core: u32, home: u32) -> None:
    """Drop the lines that stand for a level 1 line."""
    known = DATA_HINTS[core * LINES + home]
    data_line_dropped(core, u32(known.hit), home)
    data_line_dropped(core, u32(known.other_hit), home)
    known.hit = 0
    known.other_hit = 0


@fn
def drop_home_writes(core: u32, home: u32) -> None:
    """Drop the hits of stores for a level 1 line."""
    known = DATA_HINTS[core * LINES + home]
    data_line_shared(core, u32(known.hit), home)
    data_line_shared(core, u32(known.other_hit), home)


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


@fn
def mark_code(physical: u32) -> None:
    """Have stores to the line of `physical` noticed from now on."""
    if not holds_code(physical):
        CODE_LINES[physical >> 10] |= 1 << ((physical >> 5) & 31)
        drop_line_writes(physical)
