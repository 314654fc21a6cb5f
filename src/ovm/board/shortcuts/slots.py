# SPDX-License-Identifier: Apache-2.0
"""The records of memory: slots of pages, the records that are dropped when memory is written, and those whose lines left.

An instruction carries CARE_FETCH while its line isn't in the instruction cache, so that its next execution brings the line.
"""

from typing import Final

from ovm.board.arena.drop import forget_blocks, forget_blocks_at
from ovm.board.parameters import PARAMETERS
from ovm.board.record import (
    CARE_FETCH,
    CODE_LINES,
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
from ovm.board.shortcuts.lines import drop_core_lines, drop_core_pages
from ovm.board.state import CPU
from ovm.metal import VirtAddr, fn, pointer, u16, u32

HANDLER_PAGE_END: Final = 1
LINE_BYTES: Final = u32(32)
PAGE_BYTES: Final = u32(4096)
REACH: Final = 256  # bytes to either side of an instruction's end, within which `issue` reads others
WIDEST: Final = 4


@fn
def slot_of(physical: u32, ns: u32) -> u32:
    """Return the slot of a physical page for this core in the present instruction set, a fresh one if it has none."""
    page = (physical >> 12) * SLOTS_OF_PAGE + CPU.thumb + ns * 2 + CPU.number * 4
    slot = u32(PAGE_SLOT[page])
    if slot != 0:
        return slot
    if USED_SLOTS.value + 1 >= SLOTS:
        drop_all_slots()
    USED_SLOTS.value += 1
    slot = USED_SLOTS.value
    PAGE_SLOT[page] = u16(slot)
    SLOT_OWNER[slot] = page
    _end_slot(SLOT_BASE + slot * SLOT_BYTES)
    return slot


@fn
def _end_slot(base: u32) -> None:
    """Write the two records behind the last one."""
    for number in u32.range(2):
        record = record_at(base + ((4096 << (2 + CPU.thumb)) + number * RECORD_BYTES))
        record.handler = HANDLER_PAGE_END


@fn(inline=False)
def drop_all_slots() -> None:
    """Drop all decoded instructions, for both cores."""
    forget_blocks()
    for slot in u32.range(1, SLOTS):
        if slot <= USED_SLOTS.value:
            page = SLOT_OWNER[slot]
            PAGE_SLOT[page] = 0
            _clear_slot(SLOT_BASE + slot * SLOT_BYTES)
            for word in u32.range(4):
                CODE_LINES[(page // SLOTS_OF_PAGE) * 4 + word] = 0
    USED_SLOTS.value = 0
    drop_core_pages(0)
    drop_core_pages(1)


@fn(inline=False)
def drop_short_cuts() -> None:
    """Drop whatever leads to memory without asking where it is.

    Slots stay, and so do operands in them: the store that moves memory is still in progress.
    """
    drop_core_lines(0)
    drop_core_lines(1)
    for slot in u32.range(1, SLOTS):
        if slot <= USED_SLOTS.value:
            _drop_in_slot(SLOT_BASE + slot * SLOT_BYTES, SLOT_OWNER[slot] & 1, 0, PAGE_BYTES, 0)
    drop_core_pages(0)
    drop_core_pages(1)


@fn
def _clear_slot(base: u32) -> None:
    words = pointer(u32, VirtAddr(base))
    for index in u32.range(SLOT_BYTES // 4):
        words[index] = 0


@fn(inline=False)
def drop_records(physical: u32, size: u32) -> None:
    """Drop the instructions that contain any of `size` bytes at `physical`; the bytes lie in one page."""
    page = (physical >> 12) * SLOTS_OF_PAGE
    for which in u32.range(SLOTS_OF_PAGE):
        slot = u32(PAGE_SLOT[page + which])
        if slot != 0:
            _drop_in_slot(SLOT_BASE + slot * SLOT_BYTES, which & 1, physical & 0xFFF, size, REACH)


@fn
def _drop_in_slot(base: u32, thumb: u32, offset: u32, size: u32, reach: u32) -> None:
    # The cost of an instruction depends on others as far away as `reach`.
    first = offset - min(offset, reach + 2 * WIDEST)
    end = min(offset + size + reach, PAGE_BYTES)
    if thumb == 0:
        for word in u32.range(first >> 2, ((end - 1) >> 2) + 1, bound=PAGE_BYTES // 4):
            _forget(base + word * RECORD_BYTES)
        return
    for half in u32.range(first >> 1, (end + 1) >> 1, bound=PAGE_BYTES // 2 + 8):
        _forget(base + half * RECORD_BYTES)


@fn
def forget_line(core: u32, physical: u32, ns: u32) -> None:
    """Drop the instructions of a core's line in one world: it may have other bytes now."""
    page = (physical >> 12) * SLOTS_OF_PAGE + ns * 2 + core * 4
    for thumb in u32.range(2):
        slot = u32(PAGE_SLOT[page + thumb])
        if slot != 0:
            _drop_in_slot(SLOT_BASE + slot * SLOT_BYTES, thumb, physical & 0xFE0, LINE_BYTES, 0)


@fn
def _forget(at: u32) -> None:
    """Mark a record as not decoded. Its operands stay: it may be the store in progress, which writes to itself."""
    words = pointer(u32, VirtAddr(at))
    if words[0] != 0:
        forget_blocks_at(at)
    words[0] = 0


@fn
def check_fetches(core: u32, physical: u32, ns: u32, care: u32, before: u32, behind: u32) -> None:
    """Put CARE_FETCH on the decoded instructions of a line, or take it off, as `care` says.

    `before` and `behind` say it for those whose other half lies in the line before this one or behind it.
    """
    page = (physical >> 12) * SLOTS_OF_PAGE + ns * 2 + core * 4
    offset = physical & 0xFE0
    words = u32(PAGE_SLOT[page])
    if words != 0:
        for number in u32.range(8):
            _mark(SLOT_BASE + words * SLOT_BYTES + ((offset >> 2) + number) * RECORD_BYTES, care)
    halves = u32(PAGE_SLOT[page + 1])
    if halves != 0:
        base = SLOT_BASE + halves * SLOT_BYTES + (offset >> 1) * RECORD_BYTES
        for number in u32.range(16):
            _mark(base + number * RECORD_BYTES, care)
        _mark_crossing(base - RECORD_BYTES, physical, physical - LINE_BYTES, before)
        _mark_crossing(base + 15 * RECORD_BYTES, physical, physical + LINE_BYTES, behind)


@fn
def check_all_fetches(core: u32) -> None:
    """Put CARE_FETCH on all decoded instructions of a core."""
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
def _mark_crossing(at: u32, physical: u32, neighbour: u32, care: u32) -> None:
    """Mark an instruction whose halves lie in two lines."""
    if (physical ^ neighbour) >> 12 != 0:
        return
    record = record_at(at)
    if record.handler > 1 and record.step == 2 * RECORD_BYTES:
        _mark(at, care)
