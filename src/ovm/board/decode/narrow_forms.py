# SPDX-License-Identifier: Apache-2.0
"""Operand forms of 16-bit T32 (ARM A6.2)."""

from typing import Final

from ovm.board.decode import arm_forms, forms
from ovm.board.decode.forms import BY_REGISTER, bits, registers
from ovm.board.decode.pattern import GOOD, PLACE, UNPREDICTABLE
from ovm.board.execute import branch, multiple, single
from ovm.board.execute.alu import ADD, CMP, MOV, RSB, SETS_FLAGS
from ovm.board.execute.table import number_of
from ovm.board.record import Record
from ovm.board.state import ATTEND_IT_SHIFT, CPU
from ovm.metal import fn, u8, u16, u32

BRANCH: Final = number_of(branch.branch)
LAST_IN_IT: Final = 8


@fn
def it_now() -> u32:
    """Return the ITSTATE with which the instruction being decoded is executed."""
    return CPU.attention >> ATTEND_IT_SHIFT


@fn
def flags_outside_it(variant: u32) -> u32:
    """Let an operation set flags unless it is in an IT block."""
    return variant if it_now() != 0 else variant | SETS_FLAGS


@fn
def breaks_it() -> bool:
    """Tell whether a branch here is UNPREDICTABLE: in an IT block, but not its last instruction."""
    return it_now() & 15 != 0 and it_now() & 15 != LAST_IN_IT


@fn(inline=False)
def shift_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LSL, LSR, ASR by an immediate; `extra` is the kind."""
    amount = bits(word, 6, 5)
    if extra == 0 and amount == 0 and it_now() != 0:
        return UNPREDICTABLE
    return forms.set_shifted(record, flags_outside_it(MOV), word & 7, 0, bits(word, 3, 3), extra, amount)


@fn(inline=False)
def add_three(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode ADD, SUB with three registers or (extra bit 8) a 3-bit immediate."""
    variant = flags_outside_it(extra & 31)
    n = bits(word, 3, 3)
    last = bits(word, 6, 3)
    if extra & 256 != 0:
        return forms.set_immediate(record, variant, word & 7, n, last, 2)
    return forms.set_shifted(record, variant, word & 7, n, last, 0, 0)


@fn(inline=False)
def immediate_eight(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode MOV, CMP, ADD, SUB of a low register with 8 bits."""
    d = bits(word, 8, 3)
    variant = u32(CMP | SETS_FLAGS) if extra == CMP else flags_outside_it(extra)
    return forms.set_immediate(record, variant, d, d, word & 0xFF, 2)


@fn(inline=False)
def low_registers(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode data processing of two low registers: `extra` is the operation, | 256 a shift kind, | 512 RSB, | 1024 MUL."""
    d = word & 7
    m = bits(word, 3, 3)
    if extra & 256 != 0:
        registers(record, d, 0, d)
        record.ra = u8(m)
        record.aux = u16(extra & 3)
        record.handler = BY_REGISTER[flags_outside_it(MOV)]
        return GOOD
    if extra & 512 != 0:
        return forms.set_immediate(record, flags_outside_it(RSB), d, m, 0, 2)
    if extra & 1024 != 0:
        registers(record, d, m, d)
        record.handler = u16(handler) + u16(u32(it_now() == 0))
        return GOOD
    variant = extra | SETS_FLAGS if forms.is_compare(extra) else flags_outside_it(extra)
    return forms.set_shifted(record, variant, d, d, m, 0, 0)


@fn(inline=False)
def high_registers(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode ADD, CMP, MOV with any registers, no flags but of CMP."""
    d = (word & 7) | ((word >> 4) & 8)
    m = bits(word, 3, 4)
    if extra == CMP:
        if (d < 8 and m < 8) or d == 15 or m == 15:
            return UNPREDICTABLE
        return forms.set_shifted(record, CMP | SETS_FLAGS, 0, d, m, 0, 0)
    if d == 15 and (breaks_it() or (extra == ADD and m == 15)):
        return UNPREDICTABLE
    return forms.set_shifted(record, extra, d, d, m, 0, 0)


@fn(inline=False)
def exchange(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode BX, BLX (extra 1)."""
    m = bits(word, 3, 4)
    if breaks_it() or (extra != 0 and m == 15):
        return UNPREDICTABLE
    registers(record, 0, 0, m)
    record.aux = 2
    record.handler = u16(handler)
    return GOOD


@fn
def aligned_pc() -> u32:
    """Return the correction that makes r15 of this instruction word-aligned."""
    return 0 - (PLACE.value & 2)


@fn(inline=False)
def literal(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDR from the PC."""
    registers(record, bits(word, 8, 3), 15, 0)
    record.imm = (word & 0xFF) * 4 + aligned_pc()
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def register_offset(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode loads and stores with a register offset."""
    registers(record, word & 7, bits(word, 3, 3), bits(word, 6, 3))
    record.aux = single.INDEX | single.OFFSET_REGISTER
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def immediate_offset(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode loads and stores with a 5-bit offset in units of 1 << extra."""
    registers(record, word & 7, bits(word, 3, 3), 0)
    record.imm = bits(word, 6, 5) << extra
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def stack_offset(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode loads and stores relative to SP."""
    registers(record, bits(word, 8, 3), 13, 0)
    record.imm = (word & 0xFF) * 4
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def address_of(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode ADR (extra 15), ADD Rd, SP (13)."""
    value = (word & 0xFF) * 4
    if extra == 15:
        value += aligned_pc()
    return forms.set_immediate(record, ADD, bits(word, 8, 3), extra, value, 2)


@fn(inline=False)
def adjust_stack(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode ADD, SUB SP."""
    return forms.set_immediate(record, extra, 13, 13, (word & 0x7F) * 4, 2)


@fn(inline=False)
def compare_and_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode CBZ, CBNZ: not in an IT block."""
    record.rn = u8(word & 7)
    record.imm = ((word >> 3) & 0x1F) * 2 + ((word >> 9) & 1) * 64 + 4
    record.handler = u16(handler)
    return UNPREDICTABLE if it_now() != 0 else GOOD


@fn(inline=False)
def low_pair(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode extensions and reversals of low registers."""
    registers(record, word & 7, 16, bits(word, 3, 3))
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def push_pop(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode PUSH (extra 14), POP (15): the extra register of the list."""
    chosen = (word & 0xFF) | (((word >> 8) & 1) << extra)
    record.rn = 13
    record.imm = chosen
    record.aux = multiple.WRITE_BACK if extra == 15 else multiple.WRITE_BACK | multiple.BEFORE | multiple.DOWN
    record.handler = u16(handler)
    return UNPREDICTABLE if chosen == 0 or (chosen & 0x8000 != 0 and breaks_it()) else GOOD


@fn(inline=False)
def low_list(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDM (extra 1: write back unless the base is loaded), STM."""
    n = bits(word, 8, 3)
    chosen = word & 0xFF
    held = (chosen >> n) & 1 != 0
    record.rn = u8(n)
    record.imm = chosen
    record.aux = 0 if extra != 0 and held else multiple.WRITE_BACK
    record.handler = u16(handler)
    if chosen == 0 or (extra == 0 and held and chosen & ((1 << n) - 1) != 0):
        return UNPREDICTABLE
    return GOOD


@fn(inline=False)
def conditional_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode B<c> with 8 bits: not in an IT block."""
    record.imm = (((word & 0xFF) ^ 0x80) - 0x80) * 2 + 4
    record.handler = u16(BRANCH + 1 + bits(word, 8, 4))
    return UNPREDICTABLE if it_now() != 0 else GOOD


@fn(inline=False)
def plain_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode B with 11 bits."""
    record.imm = (((word & 0x7FF) ^ 0x400) - 0x400) * 2 + 4
    record.handler = u16(handler)
    return UNPREDICTABLE if breaks_it() else GOOD


@fn(inline=False)
def processor_state(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode CPSIE, CPSID: not in an IT block."""
    record.handler = u16(handler)
    if it_now() != 0:
        return UNPREDICTABLE
    return arm_forms.set_processor_state(record, 2 + ((word >> 4) & 1), 0, (word & 7) << 6, 0)


@fn(inline=False)
def endianness(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SETEND: not in an IT block."""
    record.aux = u16((word >> 3) & 1)
    record.handler = u16(handler)
    return UNPREDICTABLE if it_now() != 0 else GOOD


@fn(inline=False)
def if_then(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode IT: condition 15, or 14 with an else, is UNPREDICTABLE; so is IT in an IT block."""
    state = word & 0xFF
    mask = state & 15
    first = state >> 4
    record.imm = state
    record.handler = u16(handler)
    if first == 15 or (first == 14 and mask & (mask - 1) != 0) or it_now() != 0:
        return UNPREDICTABLE
    return GOOD


@fn(inline=False)
def always(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode an instruction without operands."""
    record.handler = u16(handler)
    record.imm = word
    return GOOD
