# SPDX-License-Identifier: Apache-2.0
"""Operand forms of 32-bit T32 (ARM A6.3). The first halfword is the high one.

Where only the places of fields differ from A32, the word is rearranged and passed to A32's form.
"""

from ovm.board.decode import arm_forms, forms
from ovm.board.decode.forms import bits, registers, shift_of
from ovm.board.decode.narrow_forms import BRANCH, aligned_pc, breaks_it, it_now
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.execute.alu import ADD, AND, CMN, CMP, EOR, MOV, MVN, OPERATION, ORN, ORR, SETS_FLAGS, SUB, TEQ, TST
from ovm.board.record import Record
from ovm.metal import fn, rotate_right, u8, u16, u32


@fn
def is_bad(register: u32) -> bool:
    """Tell whether a register number is SP or PC (ARM A6.1, BadReg)."""
    return register == 13 or register == 15


@fn
def expand(immediate: u32) -> u32:
    """Return the value of a T32 modified immediate (ARM A6.3.2)."""
    low = immediate & 0xFF
    if immediate >> 10 == 0:
        kind = immediate >> 8
        if kind == 0:
            return low
        if kind == 1:
            return low * 0x0001_0001
        if kind == 2:
            return low * 0x0100_0100
        return low * 0x0101_0101
    return rotate_right((immediate & 0x7F) | 0x80, immediate >> 7)


@fn
def _immediate(word: u32) -> u32:
    """Return i:imm3:imm8."""
    return ((word >> 15) & 0x800) | ((word >> 4) & 0x700) | (word & 0xFF)


@fn
def _operation(extra: u32, d: u32, n: u32, flags: bool) -> u32:
    """Return the variant of an encoding whose Rd or Rn 15 mean another operation."""
    if d == 15 and flags:
        if extra == AND:
            return TST | SETS_FLAGS
        if extra == EOR:
            return TEQ | SETS_FLAGS
        if extra == ADD:
            return CMN | SETS_FLAGS
        if extra == SUB:
            return CMP | SETS_FLAGS
    operation = extra
    if n == 15 and extra == ORR:
        operation = u32(MOV)
    if n == 15 and extra == ORN:
        operation = u32(MVN)
    return operation | SETS_FLAGS if flags else operation


@fn
def _allowed(variant: u32, d: u32, n: u32, m: u32) -> bool:
    """Return whether a wide data-processing instruction may have these registers; SP only in ADD, SUB, CMP and MOV."""
    operation = variant & OPERATION
    stack = n == 13 and (operation == ADD or operation == SUB or operation == CMP or operation == CMN)
    if not forms.ignores_n(operation) and is_bad(n) and not stack:
        return False
    if m == 15:
        return False
    if not forms.is_compare(operation) and is_bad(d):
        return d == 13 and n == 13 and (operation == ADD or operation == SUB) and m != 13
    return m != 13


@fn(inline=False)
def data_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode data processing with a modified immediate."""
    d = bits(word, 8, 4)
    n = bits(word, 16, 4)
    flags = word & (1 << 20) != 0
    variant = _operation(extra, d, n, flags)
    immediate = _immediate(word)
    if not _allowed(variant, d, n, 0):
        return UNPREDICTABLE
    if immediate >> 10 == 0 and immediate & 0x300 != 0 and immediate & 0xFF == 0:
        return UNPREDICTABLE
    value = expand(immediate)
    return forms.set_immediate(record, variant, d, n, value, 2 if immediate >> 10 == 0 else value >> 31)


@fn(inline=False)
def data_shifted(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode data processing with a shifted register."""
    d = bits(word, 8, 4)
    n = bits(word, 16, 4)
    m = word & 15
    flags = word & (1 << 20) != 0
    kind = bits(word, 4, 2)
    amount = (bits(word, 12, 3) << 2) | bits(word, 6, 2)
    variant = _operation(extra, d, n, flags)
    operation = variant & OPERATION
    if operation == MOV and kind == 0 and amount == 0 and not flags:
        if d == 15 or m == 15 or (d == 13 and m == 13):
            return UNPREDICTABLE
    elif not _allowed(variant, d, n, m):
        return UNPREDICTABLE
    if d == 13 and operation != MOV and (kind != 0 or amount > 3):
        return UNPREDICTABLE
    return forms.set_shifted(record, variant, d, n, m, kind, amount)


@fn(inline=False)
def packing(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode PKH."""
    amount = (bits(word, 12, 3) << 2) | bits(word, 6, 2)
    if is_bad(bits(word, 8, 4)) or is_bad(bits(word, 16, 4)) or is_bad(word & 15):
        return UNPREDICTABLE
    moved = (word & 0x000F_000F) | (bits(word, 8, 4) << 12) | (amount << 7)
    return arm_forms.packing(record, moved, handler, extra)


@fn(inline=False)
def plain_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode ADDW, SUBW, and ADR where Rn is the PC."""
    d = bits(word, 8, 4)
    n = bits(word, 16, 4)
    if d == 15 or (d == 13 and n != 13):
        return UNPREDICTABLE
    value = _immediate(word)
    if n == 15:
        value += aligned_pc() if extra == ADD else 0 - aligned_pc()
    return forms.set_immediate(record, extra, d, n, value, 2)


@fn(inline=False)
def wide_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode MOVW, MOVT."""
    d = bits(word, 8, 4)
    if is_bad(d):
        return UNPREDICTABLE
    return arm_forms.wide_immediate(record, (word & 0x000F_0000) | (d << 12) | _immediate(word), handler, extra)


@fn(inline=False)
def three(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd [11:8], Rn [19:16], Rm [3:0]; SP and PC are UNPREDICTABLE."""
    d = bits(word, 8, 4)
    if is_bad(d) or bits(word, 16, 4) == 13 or word & 15 == 13:
        return UNPREDICTABLE
    return arm_forms.three(record, (word & 0x000F_000F) | (d << 12), handler, extra)


@fn(inline=False)
def two(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd [11:8], Rm twice."""
    d = bits(word, 8, 4)
    if is_bad(d) or is_bad(word & 15) or word & 15 != bits(word, 16, 4):
        return UNPREDICTABLE
    return arm_forms.two(record, (word & 15) | (d << 12), handler, extra)


@fn(inline=False)
def extension(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode extensions."""
    d = bits(word, 8, 4)
    if is_bad(d) or bits(word, 16, 4) == 13 or is_bad(word & 15):
        return UNPREDICTABLE
    moved = (word & 0x000F_000F) | (d << 12) | (bits(word, 4, 2) << 10)
    return arm_forms.extension(record, moved, handler, extra)


@fn(inline=False)
def shift_by_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LSL, LSR, ASR, ROR by a register."""
    d = bits(word, 8, 4)
    n = bits(word, 16, 4)
    m = word & 15
    if is_bad(d) or is_bad(n) or is_bad(m):
        return UNPREDICTABLE
    variant = u32(MOV | SETS_FLAGS if word & (1 << 20) != 0 else MOV)
    return forms.set_by_register(record, variant, d, 0, n, m, bits(word, 21, 2))


@fn(inline=False)
def multiply_four(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd [11:8], Ra [15:12], Rm [3:0], Rn [19:16]; `extra` as in A32, | 8: no halves in bits [5:4]."""
    d = bits(word, 8, 4)
    a = bits(word, 12, 4)
    n = bits(word, 16, 4)
    m = word & 15
    if extra & 4 != 0:
        a = bits(word, 12, 4)
    if d == 13 or n == 13 or m == 13 or a == 13:
        return UNPREDICTABLE
    moved = (d << 16) | (a << 12) | (m << 8) | n
    if extra & 8 == 0:
        high_n = bits(word, 5, 1) if extra & 16 != 0 else bits(word, 4, 1)
        high_m = bits(word, 4, 1)
        moved |= (high_n << 5) | (high_m << 6)
    return arm_forms.multiply_four(record, moved, handler, extra & 7)


@fn(inline=False)
def saturation(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SSAT, USAT; ASR by 0 is the form of halves, `handler` + 1."""
    d = bits(word, 8, 4)
    n = bits(word, 16, 4)
    amount = (bits(word, 12, 3) << 2) | bits(word, 6, 2)
    if is_bad(d) or is_bad(n):
        return UNPREDICTABLE
    registers(record, d, n, 0)
    right = word & (1 << 21) != 0
    width = word & 31
    record.handler = u16(handler)
    if right and amount == 0:
        if width & 16 != 0:
            return UNPREDICTABLE
        record.handler = u16(handler + 1)
    else:
        record.aux = u16(shift_of(2 if right else 0, amount))
    record.imm = width + extra
    return GOOD


@fn(inline=False)
def field(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SBFX, UBFX (extra 0), BFI, BFC (1)."""
    d = bits(word, 8, 4)
    n = bits(word, 16, 4)
    low = (bits(word, 12, 3) << 2) | bits(word, 6, 2)
    if is_bad(d) or n == 13:
        return UNPREDICTABLE
    moved = (d << 12) | n | (low << 7) | ((word & 31) << 16)
    if extra != 0:
        return arm_forms.field_insert(record, moved, handler, extra)
    return arm_forms.field_extract(record, moved, handler, extra)


@fn(inline=False)
def conditional_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode B<c> with 20 bits."""
    sign = word & (1 << 26) != 0
    high = (bits(word, 11, 1) << 19) | (bits(word, 13, 1) << 18) | (bits(word, 16, 6) << 12)
    distance = high | ((word & 0x7FF) << 1)
    record.imm = (distance | 0xFFF0_0000 if sign else distance) + 4
    record.handler = u16(BRANCH + 1 + bits(word, 22, 4))
    return UNPREDICTABLE if it_now() != 0 else GOOD


@fn(inline=False)
def far_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode B, BL, BLX with 24 bits."""
    sign = bits(word, 26, 1)
    first = bits(word, 13, 1) ^ sign ^ 1
    second = bits(word, 11, 1) ^ sign ^ 1
    distance = (first << 23) | (second << 22) | (bits(word, 16, 10) << 12) | ((word & 0x7FF) << 1)
    record.imm = (distance | 0xFF00_0000 if sign != 0 else distance) + 4
    record.aux = 4
    record.handler = u16(handler)
    if extra != 0 and word & 1 != 0:
        return UNDEFINED
    return UNPREDICTABLE if breaks_it() else GOOD


@fn(inline=False)
def status_to_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode MRS."""
    d = bits(word, 8, 4)
    record.rd = u8(d)
    record.handler = u16(handler)
    return UNPREDICTABLE if is_bad(d) else GOOD


@fn(inline=False)
def register_to_status(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode MSR."""
    n = bits(word, 16, 4)
    if n == 13:
        return UNPREDICTABLE
    moved = (bits(word, 8, 4) << 16) | n
    return arm_forms.register_to_status(record, moved, handler, 0)


@fn(inline=False)
def processor_state(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode CPS with mode: not in an IT block."""
    record.handler = u16(handler)
    if it_now() != 0:
        return UNPREDICTABLE
    masks = bits(word, 5, 3) << 6
    return arm_forms.set_processor_state(record, bits(word, 9, 2), bits(word, 8, 1), masks, word & 31)


@fn(inline=False)
def jazelle_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode BXJ: as BX."""
    m = bits(word, 16, 4)
    registers(record, 0, 0, m)
    record.handler = u16(handler)
    return UNPREDICTABLE if is_bad(m) or breaks_it() else GOOD


@fn(inline=False)
def return_from(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SUBS PC, LR, #imm8."""
    if breaks_it():
        return UNPREDICTABLE
    return forms.set_immediate(record, SUB | SETS_FLAGS, 15, 14, word & 0xFF, 2)
