# SPDX-License-Identifier: Apache-2.0
"""Conversions from program counter to record and back.

A record stands for its address as long as `CPU.page_*` describe the page in progress. Fetches that fail lead into the empty
slot 0, whose records cause the failure only when they are executed.
"""

from ovm.arm.psr import MODE_USR
from ovm.board.events import COUNT_UNPREDICTABLE, UNPREDICTABLE, count, happened
from ovm.board.mapping import ACCESS_FETCH, MAPPING
from ovm.board.mmu.translate import translate
from ovm.board.parameters import PARAMETERS
from ovm.board.record import RECORD_BYTES, SLOT_BASE, SLOT_BYTES, Record
from ovm.board.shortcuts.lines import PAGE_VALID, Page, page_of
from ovm.board.shortcuts.slots import slot_of
from ovm.board.state import ATTEND_FETCH, ATTEND_STOP, CPU, STOP_UNPREDICTABLE
from ovm.metal import fn, u32


@fn(inline=True)
def pc_of(at: u32) -> u32:
    """Return the virtual address of the instruction whose record is at `at`."""
    return CPU.page_virtual + ((at - CPU.page_records) >> (CPU.page_shift & 31))


@fn(inline=True)
def goto(target: u32) -> u32:
    """Return the record of `target`, in the present instruction set."""
    if (target ^ CPU.page_virtual) >> 12 == 0:
        return CPU.page_records + ((target & 0xFFF) << (CPU.page_shift & 31))
    return goto_page(target)


@fn(inline=False)
def goto_page(target: u32) -> u32:
    """Enter another page, or the same in the other instruction set."""
    CPU.page_shift = 2 + CPU.thumb
    CPU.page_virtual = target & 0xFFFF_F000
    page = page_of(target)
    key = CPU.page_virtual | PAGE_VALID | (CPU.context << 1) | CPU.thumb
    if page.key != key:
        _translate_page(target, page, key)
    else:
        CPU.page_records = page.records
    CPU.attention &= 0xFFFF_FFFF ^ ATTEND_FETCH
    return CPU.page_records + ((target & 0xFFF) << CPU.page_shift)


@fn
def _translate_page(target: u32, page: Page, key: u32) -> None:
    physical = translate(target, ACCESS_FETCH)
    if CPU.fault != 0:
        CPU.fault = 0
        CPU.page_records = SLOT_BASE
        return
    CPU.page_records = SLOT_BASE + slot_of(physical, MAPPING.ns) * SLOT_BYTES
    page.key = key if PARAMETERS.long_way == 0 else 0
    page.records = CPU.page_records
    page.micro = MAPPING.micro


@fn(inline=True)
def after(record: Record, at: u32) -> u32:
    """Return the record that follows in memory.

    This is a branch, which the host predicts, and not a sum with a loaded value: otherwise each record would wait for the last.
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
    """Branch to the other instruction set, or to an A32 address that is not aligned, which is UNPREDICTABLE.

    In User mode, if that parameter is set, such a branch goes to the word of the address.
    """
    CPU.thumb = target & 1
    if target & 3 == 2 and CPU.mode == MODE_USR and PARAMETERS.unpredictable_user != 0:
        count(COUNT_UNPREDICTABLE, 1)
        happened(UNPREDICTABLE, target, 0)
    elif target & 3 == 2:
        CPU.event_pc = target
        CPU.event_word = 0
        CPU.stopped = STOP_UNPREDICTABLE
        CPU.attention |= ATTEND_STOP
    return goto_page(target & (0xFFFF_FFFE if CPU.thumb != 0 else 0xFFFF_FFFC))
