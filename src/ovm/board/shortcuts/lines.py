# SPDX-License-Identifier: Apache-2.0
"""The tables of lines that hit: one comparison proves that an access needs no model of caches or TLBs.

A hit says that the data micro-TLB holds the page with the rights that the access needs, that L1 holds the line (dirty
and owned, for a write), and it gives the simulator's address of the bytes. It is exact because no replacement here changes its
state on a hit. Every event that ends one of these facts drops the lines concerned.

Each core has a table for each world and for User and privileged rights. `CPU.table` is the one in force; where no
access may hit (caches off, big-endian data) it is a table that stays empty. So a change of mode or world drops nothing.
A line has a link to its home (the L1 line behind it) and to the micro-TLB entry that allowed it; both have a link back.
"""

from typing import Final

from ovm.board.predictor import select_predictor
from ovm.board.sizes import WORD_BITS
from ovm.board.state import ATTEND_FETCH, CORES, CPU, running
from ovm.metal import (
    Array,
    Struct,
    VirtAddr,
    address,
    array,
    bound,
    ctz,
    fn,
    overlay,
    static,
    u32,
)

LINE_COUNT: Final = 1024
LINE_SHIFT: Final = 5
TABLE_BYTES: Final = LINE_COUNT * 16
TABLES: Final = 4  # of each core: user | Non-secure << 1
NO_TABLE: Final = 2 * TABLES
NO_LINE: Final = 0x10  # a tag never has bit 4
MICRO_ENTRIES: Final = 32
WORDS: Final = LINE_COUNT // 32

MODE_USER: Final = 0x10
MODE_MONITOR: Final = 0x16
PAGE_COUNT: Final = 64
PAGE_VALID: Final = 0x800

SCTLR_MMU_AND_CACHE: Final = 1 << 0 | 1 << 2


class Line(Struct):
    """One line of 32 bytes. `addend` leads from its virtual address to the simulator's."""

    read: u32
    write: u32
    addend: u32
    owner: u32  # micro-TLB entry << 16 | L1 line


class Page(Struct):
    """A page that may be fetched from. `key` is its virtual address, context and instruction set; 0 is none."""

    key: u32
    records: u32
    micro: u32  # the entry of the instruction micro-TLB that allowed it
    spare: u32


class EntryLines(Struct):
    """The lines that one micro-TLB entry may have allowed: a bit each, and a bit for each word that is not 0.

    `opens`: further accesses that it allows (`fast_path`): bit context * 2 + 1 for stores.
    """

    words: Array[u32] = array(u32, TABLES * WORDS)
    summary: Array[u32] = array(u32, TABLES)
    opens: u32


LINES = static(array(Line, LINE_COUNT * (NO_TABLE + 1)), align=TABLE_BYTES)
ENTRY_LINES = static(array(EntryLines, 2 * MICRO_ENTRIES))
PAGES = static(array(Page, 2 * PAGE_COUNT))
ENTRIES_USED = static(array(u32, 2))  # for each core, a bit for each micro-TLB entry that allowed anything


@fn(inline=True)
def line_of(where: u32) -> Line:
    """Return the line that stands for a virtual address in the table in force."""
    return overlay(Line, VirtAddr(CPU.table + ((where >> 1) & 0x3FF0)))


@fn
def select_table() -> None:
    """Choose the table for the mode, the world, CPSR.E and SCTLR, and switch branch prediction.

    Call it when one of them changes.
    """
    other_world = CPU.scr & 1 != 0 and CPU.mode != MODE_MONITOR
    context = (u32(other_world) << 1) | u32(CPU.mode == MODE_USER)
    control = CPU.world[u32(other_world)].sctlr
    select_predictor(control)
    number = CPU.number * TABLES + context
    if CPU.big_endian != 0 or control & SCTLR_MMU_AND_CACHE != SCTLR_MMU_AND_CACHE:
        number = u32(NO_TABLE)
    CPU.table = u32(address(LINES)) + number * TABLE_BYTES
    first = LINES[number * LINE_COUNT]
    if first.addend == 0:
        # Fresh memory is 0, which is the tag of address 0.
        first.read = NO_LINE
        first.write = NO_LINE
    if context != CPU.context:
        CPU.context = context
        CPU.attention |= ATTEND_FETCH


@fn
def table_number() -> u32:
    """Return the number of the table in force among all."""
    return (CPU.table - u32(address(LINES))) // TABLE_BYTES


@fn
def note_entry(entry: u32, opens: u32) -> None:
    """Note that a micro-TLB entry of the running core allowed a line, and the accesses in `opens`."""
    ENTRY_LINES[running() * MICRO_ENTRIES + entry].opens |= opens
    ENTRIES_USED[running()] |= 1 << entry


@fn(inline=True)
def note_line(index: u32, table: u32, entry: u32) -> None:
    """Note that a micro-TLB entry of the running core, which is noted already, allowed a line."""
    lines = ENTRY_LINES[running() * MICRO_ENTRIES + entry]
    word = table * WORDS + index // 32
    lines.words[word] |= 1 << (index % 32)
    lines.summary[table] |= 1 << (index // 32)


@fn
def drop_lines() -> None:
    """Drop every line of the running core, and choose the table again."""
    drop_core_lines(CPU.number)
    select_table()


@fn
def drop_data_entry(entry: u32) -> None:
    """Drop the lines that one entry of the running core's data micro-TLB allowed."""
    drop_core_entry(running(), entry)


@fn(inline=False)
def drop_core_lines(core: u32) -> None:
    """Drop every line of a core."""
    while ENTRIES_USED[core] != 0:
        bound(MICRO_ENTRIES)
        drop_core_entry(core, ctz(ENTRIES_USED[core]))


@fn(inline=False)
def drop_core_entry(core: u32, entry: u32) -> None:
    """Drop the lines that one entry of a core's data micro-TLB allowed."""
    if (ENTRIES_USED[core] >> entry) & 1 == 0:
        return
    ENTRIES_USED[core] &= ~(1 << entry)
    lines = ENTRY_LINES[core * MICRO_ENTRIES + entry]
    lines.opens = 0
    for table in u32.range(TABLES):
        left = lines.summary[table]
        if left != 0:
            lines.summary[table] = 0
            while left != 0:
                bound(WORDS)
                _drop_word(lines, table * WORDS + ctz(left), core, entry)
                left &= left - 1


@fn(inline=True)
def _drop_word(lines: EntryLines, word: u32, core: u32, entry: u32) -> None:
    left = lines.words[word]
    lines.words[word] = 0
    while left != 0:
        bound(WORD_BITS)
        line = LINES[core * TABLES * LINE_COUNT + word * 32 + ctz(left)]
        left &= left - 1
        if line.owner >> 16 == entry:
            line.read = NO_LINE
            line.write = NO_LINE


@fn(inline=True)
def hit_of(core: u32, hit: u32) -> Line:
    """Return the line of a core that level 1 knows by the number `hit`, which isn't 0 (`cache.hints`)."""
    return LINES[core * TABLES * LINE_COUNT + hit - 1]


@fn(inline=True)
def drop_hit(core: u32, hit: u32, home: u32) -> None:
    """Drop the line `hit`, if there is one and it stands for the level 1 line `home`."""
    if hit != 0:
        line = hit_of(core, hit)
        if line.owner & 0xFFFF == home:
            line.read = NO_LINE
            line.write = NO_LINE


@fn(inline=True)
def drop_hit_of_stores(core: u32, hit: u32, home: u32) -> None:
    """Do the same, for stores alone."""
    if hit != 0:
        line = hit_of(core, hit)
        if line.owner & 0xFFFF == home:
            line.write = NO_LINE


@fn
def page_of(target: u32) -> Page:
    """Return the place where the page of `target` would be noted."""
    return PAGES[CPU.number * PAGE_COUNT + (((target >> 12) ^ (target >> 18)) % PAGE_COUNT)]


@fn
def drop_pages() -> None:
    """Drop the running core's list of pages from which it may fetch without the instruction micro-TLB."""
    drop_core_pages(CPU.number)


@fn
def drop_fetch_entry(entry: u32) -> None:
    """Drop the pages that one entry of the running core's instruction micro-TLB allowed."""
    for index in u32.range(PAGE_COUNT):
        page = PAGES[CPU.number * PAGE_COUNT + index]
        if page.micro == entry:
            page.key = 0
    CPU.attention |= ATTEND_FETCH


@fn(inline=False)
def drop_core_pages(core: u32) -> None:
    """Drop a core's list of pages from which it may fetch, including the page in progress."""
    for index in u32.range(PAGE_COUNT):
        PAGES[core * PAGE_COUNT + index].key = 0
    if core == CPU.number:
        CPU.attention |= ATTEND_FETCH
    else:
        CORES[core].attention |= ATTEND_FETCH
