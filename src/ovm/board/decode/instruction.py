# SPDX-License-Identifier: Apache-2.0
"""The decoder from an instruction's bits to its record."""

from typing import Final

from ovm.board.decode.narrow_forms import it_now
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.decode.tables import CONDITIONAL, NARROW, UNCONDITIONAL, WIDE
from ovm.board.execute import system
from ovm.board.execute.table import number_of
from ovm.board.record import CARE_IT, RECORD_BYTES, Record
from ovm.metal import fn, u8, u16, u32, unroll

IS_UNDEFINED: Final = number_of(system.undefined_instruction)
IS_UNPREDICTABLE: Final = number_of(system.unpredictable_instruction)


@fn
def _clear(record: Record, step: u32) -> None:
    record.condition = 0
    record.imm = 0
    record.step = u8(step)
    record.rd = 0
    record.rn = 0
    record.rm = 0
    record.ra = 0
    record.imm = 0
    record.aux = 0


@fn
def decode_narrow(record: Record, word: u32) -> None:
    """Decode a 16-bit T32 instruction."""
    _clear(record, RECORD_BYTES)
    _settle(record, word, _narrow(record, word))
    if it_now() != 0:
        record.condition |= CARE_IT


@fn
def decode_wide(record: Record, word: u32) -> None:
    """Decode a 32-bit T32 instruction, its first halfword the high one."""
    _clear(record, 2 * RECORD_BYTES)
    _settle(record, word, _wide(record, word))
    if it_now() != 0:
        record.condition |= CARE_IT


@fn
def decode_arm(record: Record, word: u32) -> None:
    """Decode an A32 instruction."""
    _clear(record, RECORD_BYTES)
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
        record.handler = IS_UNDEFINED if outcome == UNDEFINED else IS_UNPREDICTABLE


@fn(inline=False)
def _conditional(record: Record, word: u32) -> u32:
    for each in unroll(CONDITIONAL):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return UNPREDICTABLE
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return UNDEFINED


@fn(inline=False)
def _unconditional(record: Record, word: u32) -> u32:
    for each in unroll(UNCONDITIONAL):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return UNPREDICTABLE
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return UNDEFINED


@fn(inline=False)
def _narrow(record: Record, word: u32) -> u32:
    for each in unroll(NARROW):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return UNPREDICTABLE
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return UNDEFINED


@fn(inline=False)
def _wide(record: Record, word: u32) -> u32:
    for each in unroll(WIDE):
        if word & each.mask == each.value:
            if word & each.should != each.should_value:
                return UNPREDICTABLE
            return each.form(record, word, u32(each.handler), u32(each.extra))
    return UNDEFINED
