# SPDX-License-Identifier: Apache-2.0
"""From program counter to record and back.

A record stands for its address as long as `CPU.page_*` describe the page in progress. Fetches that fail lead into the
empty slot 0, whose records make the failure come true only when they are executed.
"""

from typing import Final

from ovm.board.lines import LINE_COUNT, LINES, NO_LINE
from ovm.board.record import PAGE_SLOT, RECORD_BYTES, SLOT_BASE, SLOT_BYTES, SLOTS, USED_SLOTS, Record, record_at
from ovm.board.state import ATTEND_STOP, CPU, STOP_UNPREDICTABLE
from ovm.board.translate import ACCESS_FETCH, translate
from ovm.metal import VirtAddr, fn, pointer, u16, u32

HANDLER_UNDECODED: Final = 0
HANDLER_PAGE_END: Final = 1


@fn(inline=True)
def pc_of(at: u32) -> u32:
    """Return the virtual address of the instruction whose record is at `at`."""
    return CPU.page_virtual + ((at - CPU.page_records) >> CPU.page_shift)


@fn(inline=True)
def goto(target: u32) -> u32:
    """Return the record of `target`, in the present instruction set."""
    if (target ^ CPU.page_virtual) >> 12 == 0:
        return CPU.page_records + ((target & 0xFFF) << CPU.page_shift)
    return goto_page(target)


@fn(inline=False)
def goto_page(target: u32) -> u32:
    """Enter another page, or the same in the other instruction set."""
    CPU.page_shift = u32(2) + CPU.thumb
    CPU.page_virtual = target & 0xFFFF_F000
    physical = translate(target, u32(ACCESS_FETCH))
    if CPU.fault != 0:
        CPU.fault = u32(0)
        CPU.page_records = u32(SLOT_BASE)
    else:
        CPU.page_records = SLOT_BASE + slot_of(physical) * SLOT_BYTES
    return CPU.page_records + ((target & 0xFFF) << CPU.page_shift)


@fn
def slot_of(physical: u32) -> u32:
    """Return the slot of a physical page in the present instruction set, a fresh one if it has none."""
    page = (physical >> 12) * 2 + CPU.thumb
    slot = u32(PAGE_SLOT[page])
    if slot != 0:
        return slot
    if USED_SLOTS.value + 1 >= SLOTS:
        _drop_all_slots()
    USED_SLOTS.value += 1
    slot = USED_SLOTS.value
    PAGE_SLOT[page] = u16(slot)
    _end_slot(SLOT_BASE + slot * SLOT_BYTES)
    # Writes to this page must be seen from now on.
    for index in u32.range(LINE_COUNT):
        LINES[index].write = u32(NO_LINE)
    return slot


@fn
def _end_slot(base: u32) -> None:
    """Write the two records behind the last one."""
    for number in u32.range(2):
        record = record_at(base + ((u32(4096) << CPU.page_shift) + number * RECORD_BYTES))
        record.handler = u16(HANDLER_PAGE_END)


@fn
def _drop_all_slots() -> None:
    for page in u32.range(2 << 20):
        PAGE_SLOT[page] = u16(0)
    for slot in u32.range(SLOTS):
        if slot <= USED_SLOTS.value:
            _clear_slot(SLOT_BASE + slot * SLOT_BYTES)
    USED_SLOTS.value = u32(0)


@fn
def _clear_slot(base: u32) -> None:
    words = pointer(u32, VirtAddr(base))
    for index in u32.range(SLOT_BYTES // 4):
        words[index] = u32(0)


@fn(inline=True)
def after(record: Record, at: u32) -> u32:
    """Return the record that follows in memory.

    A branch, which the host predicts, and not a sum with what is loaded: else each record would wait for the last.
    """
    if record.step == RECORD_BYTES:
        return at + RECORD_BYTES
    if record.step == 2 * RECORD_BYTES:
        return at + 2 * RECORD_BYTES
    return _far_after(record, at)


@fn(inline=False)
def _far_after(record: Record, at: u32) -> u32:
    return at + u32(record.step)


@fn(inline=True)
def interwork(target: u32) -> u32:
    """Branch as BX does: bit 0 chooses the instruction set (ARM A2.3.1, BXWritePC)."""
    if target & 1 == CPU.thumb and target & 3 != 2:
        return goto(target & 0xFFFF_FFFE)
    return switch_set(target)


@fn(inline=False)
def switch_set(target: u32) -> u32:
    """Branch to the other instruction set, or to an A32 address that is not aligned, which is UNPREDICTABLE."""
    CPU.thumb = target & 1
    if target & 3 == 2:
        CPU.event_pc = target
        CPU.event_word = u32(0)
        CPU.stopped = u32(STOP_UNPREDICTABLE)
        CPU.attention |= ATTEND_STOP
    return goto_page(target & (u32(0xFFFF_FFFE) if CPU.thumb != 0 else u32(0xFFFF_FFFC)))
