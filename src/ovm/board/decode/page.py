# SPDX-License-Identifier: Apache-2.0
"""Make the record of an instruction that is executed for the first time."""

from typing import Final

from ovm.board.blocks.drop import cold
from ovm.board.bus import REFUSED
from ovm.board.cache.fetch import cached_fetch, fetch_line
from ovm.board.clock import SLOTS_PER_CYCLE
from ovm.board.code import mark_code
from ovm.board.debug import breakpoint_here
from ovm.board.decode.arm import CONDITIONAL, UNCONDITIONAL
from ovm.board.decode.narrow import NARROW
from ovm.board.decode.narrow_forms import it_now
from ovm.board.decode.pattern import GOOD, PLACE, UNDEFINED, UNPREDICTABLE
from ovm.board.decode.use import waiting
from ovm.board.decode.wide import WIDE
from ovm.board.exceptions import prefetch_abort
from ovm.board.execute import system
from ovm.board.execute.table import number_of
from ovm.board.flow import goto_page, pc_of
from ovm.board.parameters import PARAMETERS
from ovm.board.record import (
    CARE_CROSSING,
    CARE_FETCH,
    CARE_IT,
    RECORD_BYTES,
    SLOT_BASE,
    Record,
    record_at,
)
from ovm.board.state import CPU
from ovm.board.timing import cost_of
from ovm.board.translate import ACCESS_FETCH, translate
from ovm.board.vfp.timing import floating_cycles, is_floating
from ovm.metal import VirtAddr, fn, pointer, u8, u16, u32, unroll

FAULT_EXTERNAL: Final = 0x8000_0008
MOST_COST: Final = 255
IS_UNDEFINED: Final = number_of(system.undefined_instruction)
IS_UNPREDICTABLE: Final = number_of(system.unpredictable_instruction)


@fn(inline=False)
def fill(at: u32) -> u32:
    """Decode the instruction of record `at`; return `at`, or where its Prefetch Abort leads."""
    pc = pc_of(at)
    physical = translate(pc, u32(ACCESS_FETCH))
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
        _decode_arm(record, pointer(u32, VirtAddr(place))[0])
    else:
        first = u32(pointer(u16, VirtAddr(place))[0])
        if first >> 11 >= 0b11101:
            return _fill_wide(record, at, pc, place)
        _decode_narrow(record, first)
    record.cost = u8(min(u32(record.cost) + waiting(record, place) * SLOTS_PER_CYCLE, u32(MOST_COST)))
    if PARAMETERS.long_way != 0 or not cached_fetch():
        record.condition |= CARE_FETCH
    cold(record)
    return at


@fn
def _fill_wide(record: Record, at: u32, pc: u32, begin: u32) -> u32:
    physical = translate(pc + 2, u32(ACCESS_FETCH))
    if CPU.fault != 0:
        return prefetch_abort(at)
    place = fetch_line(physical)
    if place <= REFUSED:
        return external_abort(at, pc + 2)
    mark_code(physical)
    first = u32(pointer(u16, VirtAddr(begin))[0])
    _decode_wide(record, (first << 16) | u32(pointer(u16, VirtAddr(place))[0]))
    record.cost = u8(min(u32(record.cost) + waiting(record, begin) * SLOTS_PER_CYCLE, u32(MOST_COST)))
    if pc & 0xFFF == 0xFFE:
        record.condition |= CARE_CROSSING
    if PARAMETERS.long_way != 0 or not cached_fetch():
        record.condition |= CARE_FETCH
    cold(record)
    return at


@fn
def external_abort(at: u32, address: u32) -> u32:
    """Take the Prefetch Abort of a fetch that nothing answers."""
    CPU.fault = u32(FAULT_EXTERNAL)
    CPU.fault_address = address
    return prefetch_abort(at)


@fn(inline=False)
def fetch_again(at: u32) -> u32:
    """Bring the line of a decoded instruction back; return `at`, or where its Prefetch Abort leads."""
    pc = pc_of(at)
    record = record_at(at)
    wide = CPU.thumb != 0 and record.step == 2 * RECORD_BYTES
    for half in u32.range(2):
        if half == 0 or wide:
            physical = translate(pc + half * 2, u32(ACCESS_FETCH))
            if CPU.fault != 0:
                return prefetch_abort(at)
            if fetch_line(physical) <= REFUSED:
                return external_abort(at, pc + half * 2)
    return at


@fn
def _clear(record: Record, step: u32) -> None:
    record.condition = u16(0)
    record.imm = u32(0)
    record.step = u8(step)
    record.rd = u8(0)
    record.rn = u8(0)
    record.rm = u8(0)
    record.ra = u8(0)
    record.imm = u32(0)
    record.aux = u16(0)


@fn
def _decode_narrow(record: Record, word: u32) -> None:
    _clear(record, u32(RECORD_BYTES))
    _settle(record, word, _narrow(record, word))
    if it_now() != 0:
        record.condition |= CARE_IT


@fn
def _decode_wide(record: Record, word: u32) -> None:
    _clear(record, u32(2 * RECORD_BYTES))
    _settle(record, word, _wide(record, word))
    if it_now() != 0:
        record.condition |= CARE_IT


@fn
def _decode_arm(record: Record, word: u32) -> None:
    _clear(record, u32(RECORD_BYTES))
    condition = word >> 28
    if condition == 15:
        _settle(record, word, _unconditional(record, word))
    else:
        record.condition = u16(condition ^ 14)
        _settle(record, word, _conditional(record, word))


@fn
def _settle(record: Record, word: u32, outcome: u32) -> None:
    if outcome != GOOD:
        record.condition &= 15
        record.imm = word
        record.handler = u16(IS_UNDEFINED) if outcome == UNDEFINED else u16(IS_UNPREDICTABLE)
    if is_floating(u32(record.handler)):
        record.cost = u8(floating_cycles(record) * SLOTS_PER_CYCLE)
    else:
        record.cost = u8(cost_of(u32(record.handler), record.imm) * SLOTS_PER_CYCLE)


@fn(inline=False)
def _conditional(record: Record, word: u32) -> u32:
    for each in unroll(CONDITIONAL):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return u32(UNPREDICTABLE)
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return u32(UNDEFINED)


@fn(inline=False)
def _unconditional(record: Record, word: u32) -> u32:
    for each in unroll(UNCONDITIONAL):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return u32(UNPREDICTABLE)
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return u32(UNDEFINED)


@fn(inline=False)
def _narrow(record: Record, word: u32) -> u32:
    for each in unroll(NARROW):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return u32(UNPREDICTABLE)
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return u32(UNDEFINED)


@fn(inline=False)
def _wide(record: Record, word: u32) -> u32:
    for each in unroll(WIDE):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return u32(UNPREDICTABLE)
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return u32(UNDEFINED)
