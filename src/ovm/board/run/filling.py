# SPDX-License-Identifier: Apache-2.0
"""The decoding of an instruction that is executed for the first time."""

from typing import Final

from ovm.board.arena.drop import cold
from ovm.board.cache.fetch import cached_fetch, fetch_line
from ovm.board.cache.hints import mark_code
from ovm.board.decode.branches import settle_branch
from ovm.board.decode.instruction import decode_arm, decode_narrow, decode_wide
from ovm.board.decode.pattern import PLACE
from ovm.board.issue.window import slots_of
from ovm.board.mapping import ACCESS_FETCH
from ovm.board.mmu.translate import translate
from ovm.board.parameters import PARAMETERS
from ovm.board.processor.debug import breakpoint_here
from ovm.board.processor.exceptions import prefetch_abort
from ovm.board.processor.flow import goto_page, pc_of
from ovm.board.ram.storage import REFUSED
from ovm.board.record import (
    CARE_CROSSING,
    CARE_FETCH,
    RECORD_BYTES,
    SLOT_BASE,
    Record,
    record_at,
)
from ovm.board.state import CPU
from ovm.metal import VirtAddr, fn, pointer, u8, u16, u32

FAULT_EXTERNAL: Final = 0x8000_0008


@fn(inline=False)
def fill(at: u32) -> u32:
    """Decode the instruction of record `at`; return `at`, or the record to which its Prefetch Abort leads."""
    pc = pc_of(at)
    physical = translate(pc, ACCESS_FETCH)
    if CPU.fault != 0:
        return prefetch_abort(at)
    if CPU.page_records == SLOT_BASE:
        return goto_page(pc)
    if breakpoint_here(at, pc, physical):
        return at
    place = fetch_line(physical)
    if place <= REFUSED:
        return external_abort(at, pc)
    record = record_at(at)
    PLACE.value = pc
    mark_code(physical)
    if CPU.thumb == 0:
        decode_arm(record, pointer(u32, VirtAddr(place))[0])
    else:
        first = u32(pointer(u16, VirtAddr(place))[0])
        if first >> 11 >= 0b11101:
            return _fill_wide(record, at, pc, place)
        decode_narrow(record, first)
    size = u32(4 if CPU.thumb == 0 else 2)
    record.cost = u8(slots_of(record, pc + size, physical + size, place + size))
    settle_branch(record)
    if PARAMETERS.long_way != 0 or not cached_fetch():
        record.condition |= CARE_FETCH
    cold(record)
    return at


@fn
def _fill_wide(record: Record, at: u32, pc: u32, begin: u32) -> u32:
    physical = translate(pc + 2, ACCESS_FETCH)
    if CPU.fault != 0:
        return prefetch_abort(at)
    place = fetch_line(physical)
    if place <= REFUSED:
        return external_abort(at, pc + 2)
    mark_code(physical)
    first = u32(pointer(u16, VirtAddr(begin))[0])
    decode_wide(record, (first << 16) | u32(pointer(u16, VirtAddr(place))[0]))
    record.cost = u8(slots_of(record, pc + 4, physical + 2, place + 2))
    settle_branch(record)
    if pc & 0xFFF == 0xFFE:
        record.condition |= CARE_CROSSING
    if PARAMETERS.long_way != 0 or not cached_fetch():
        record.condition |= CARE_FETCH
    cold(record)
    return at


@fn
def external_abort(at: u32, address: u32) -> u32:
    """Take the Prefetch Abort of a fetch that no memory answers."""
    CPU.fault = FAULT_EXTERNAL
    CPU.fault_address = address
    return prefetch_abort(at)


@fn(inline=False)
def fetch_again(at: u32) -> u32:
    """Bring the line of a decoded instruction back; return `at`, or the record to which its Prefetch Abort leads."""
    pc = pc_of(at)
    record = record_at(at)
    wide = CPU.thumb != 0 and record.step == 2 * RECORD_BYTES
    for half in u32.range(2):
        if half == 0 or wide:
            physical = translate(pc + half * 2, ACCESS_FETCH)
            if CPU.fault != 0:
                return prefetch_abort(at)
            if fetch_line(physical) <= REFUSED:
                return external_abort(at, pc + half * 2)
    return at
