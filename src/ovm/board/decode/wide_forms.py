# SPDX-License-Identifier: Apache-2.0
"""Operand forms of 32-bit T32 (ARM A6.3). The first halfword is the high one.

Where only places differ from A32 the word is rearranged and handed to A32's form.
"""

from typing import Final

from ovm.board.decode import arm_forms, forms
from ovm.board.decode.arm_forms import choose_transfer
from ovm.board.decode.forms import bits, registers, shift_of
from ovm.board.decode.narrow_forms import BRANCH, aligned_pc, breaks_it, it_now
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.execute import single, system
from ovm.board.execute.alu import ADD, AND, CMN, CMP, EOR, MOV, MVN, OPERATION, ORN, ORR, SETS_FLAGS, SUB, TEQ, TST
from ovm.board.execute.table import number_of
from ovm.board.record import Record
from ovm.metal import fn, rotate_right, u8, u16, u32

HINT: Final = number_of(system.hint)


@fn
def _bad(register: u32) -> bool:
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
            return u32(TST | SETS_FLAGS)
        if extra == EOR:
            return u32(TEQ | SETS_FLAGS)
        if extra == ADD:
            return u32(CMN | SETS_FLAGS)
        if extra == SUB:
            return u32(CMP | SETS_FLAGS)
    operation = extra
    if n == 15 and extra == ORR:
        operation = u32(MOV)
    if n == 15 and extra == ORN:
        operation = u32(MVN)
    return operation | SETS_FLAGS if flags else operation


@fn
def _allowed(variant: u32, d: u32, n: u32, m: u32) -> bool:
    """Tell whether a wide data-processing instruction may have these registers; SP only in ADD, SUB, CMP and MOV."""
    operation = variant & OPERATION
    stack = n == 13 and (operation == ADD or operation == SUB or operation == CMP or operation == CMN)
    if not forms.ignores_n(operation) and _bad(n) and not stack:
        return False
    if m == 15:
        return False
    if not forms.is_compare(operation) and _bad(d):
        return d == 13 and n == 13 and (operation == ADD or operation == SUB) and m != 13
    return m != 13


@fn(inline=False)
def data_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Data processing with a modified immediate."""
    d = bits(word, u32(8), u32(4))
    n = bits(word, u32(16), u32(4))
    flags = word & (1 << 20) != 0
    variant = _operation(extra, d, n, flags)
    immediate = _immediate(word)
    if not _allowed(variant, d, n, u32(0)):
        return u32(UNPREDICTABLE)
    if immediate >> 10 == 0 and immediate & 0x300 != 0 and immediate & 0xFF == 0:
        return u32(UNPREDICTABLE)
    value = expand(immediate)
    return forms.set_immediate(record, variant, d, n, value, u32(2) if immediate >> 10 == 0 else value >> 31)


@fn(inline=False)
def data_shifted(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Data processing with a shifted register."""
    d = bits(word, u32(8), u32(4))
    n = bits(word, u32(16), u32(4))
    m = word & 15
    flags = word & (1 << 20) != 0
    kind = bits(word, u32(4), u32(2))
    amount = (bits(word, u32(12), u32(3)) << 2) | bits(word, u32(6), u32(2))
    variant = _operation(extra, d, n, flags)
    operation = variant & OPERATION
    if operation == MOV and kind == 0 and amount == 0 and not flags:
        if d == 15 or m == 15 or (d == 13 and m == 13):
            return u32(UNPREDICTABLE)
    elif not _allowed(variant, d, n, m):
        return u32(UNPREDICTABLE)
    if d == 13 and operation != MOV and (kind != 0 or amount > 3):
        return u32(UNPREDICTABLE)
    return forms.set_shifted(record, variant, d, n, m, kind, amount)


@fn(inline=False)
def packing(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """PKH."""
    amount = (bits(word, u32(12), u32(3)) << 2) | bits(word, u32(6), u32(2))
    if _bad(bits(word, u32(8), u32(4))) or _bad(bits(word, u32(16), u32(4))) or _bad(word & 15):
        return u32(UNPREDICTABLE)
    moved = (word & 0x000F_000F) | (bits(word, u32(8), u32(4)) << 12) | (amount << 7)
    return arm_forms.packing(record, moved, handler, extra)


@fn(inline=False)
def plain_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """ADDW, SUBW, and ADR where Rn is the PC."""
    d = bits(word, u32(8), u32(4))
    n = bits(word, u32(16), u32(4))
    if d == 15 or (d == 13 and n != 13):
        return u32(UNPREDICTABLE)
    value = _immediate(word)
    if n == 15:
        value += aligned_pc() if extra == ADD else u32(0) - aligned_pc()
    return forms.set_immediate(record, extra, d, n, value, u32(2))


@fn(inline=False)
def wide_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """MOVW, MOVT."""
    d = bits(word, u32(8), u32(4))
    if _bad(d):
        return u32(UNPREDICTABLE)
    return arm_forms.wide_immediate(record, (word & 0x000F_0000) | (d << 12) | _immediate(word), handler, extra)


@fn(inline=False)
def three(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Rd [11:8], Rn [19:16], Rm [3:0]; SP and PC are UNPREDICTABLE."""
    d = bits(word, u32(8), u32(4))
    if _bad(d) or bits(word, u32(16), u32(4)) == 13 or word & 15 == 13:
        return u32(UNPREDICTABLE)
    return arm_forms.three(record, (word & 0x000F_000F) | (d << 12), handler, extra)


@fn(inline=False)
def two(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Rd [11:8], Rm twice."""
    d = bits(word, u32(8), u32(4))
    if _bad(d) or _bad(word & 15) or word & 15 != bits(word, u32(16), u32(4)):
        return u32(UNPREDICTABLE)
    return arm_forms.two(record, (word & 15) | (d << 12), handler, extra)


@fn(inline=False)
def extension(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Extensions."""
    d = bits(word, u32(8), u32(4))
    if _bad(d) or bits(word, u32(16), u32(4)) == 13 or _bad(word & 15):
        return u32(UNPREDICTABLE)
    moved = (word & 0x000F_000F) | (d << 12) | (bits(word, u32(4), u32(2)) << 10)
    return arm_forms.extension(record, moved, handler, extra)


@fn(inline=False)
def shift_by_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """LSL, LSR, ASR, ROR by a register."""
    d = bits(word, u32(8), u32(4))
    n = bits(word, u32(16), u32(4))
    m = word & 15
    if _bad(d) or _bad(n) or _bad(m):
        return u32(UNPREDICTABLE)
    variant = u32(MOV | SETS_FLAGS) if word & (1 << 20) != 0 else u32(MOV)
    return forms.set_by_register(record, variant, d, u32(0), n, m, bits(word, u32(21), u32(2)))


@fn(inline=False)
def multiply_four(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Rd [11:8], Ra [15:12], Rm [3:0], Rn [19:16]; `extra` as in A32, | 8: no halves in bits [5:4]."""
    d = bits(word, u32(8), u32(4))
    a = bits(word, u32(12), u32(4))
    n = bits(word, u32(16), u32(4))
    m = word & 15
    if extra & 4 != 0:
        a = bits(word, u32(12), u32(4))
    if d == 13 or n == 13 or m == 13 or a == 13:
        return u32(UNPREDICTABLE)
    moved = (d << 16) | (a << 12) | (m << 8) | n
    if extra & 8 == 0:
        high_n = bits(word, u32(5), u32(1)) if extra & 16 != 0 else bits(word, u32(4), u32(1))
        high_m = bits(word, u32(4), u32(1))
        moved |= (high_n << 5) | (high_m << 6)
    return arm_forms.multiply_four(record, moved, handler, extra & 7)


@fn(inline=False)
def saturation(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """SSAT, USAT; ASR by 0 is the form of halves, `handler` + 1."""
    d = bits(word, u32(8), u32(4))
    n = bits(word, u32(16), u32(4))
    amount = (bits(word, u32(12), u32(3)) << 2) | bits(word, u32(6), u32(2))
    if _bad(d) or _bad(n):
        return u32(UNPREDICTABLE)
    registers(record, d, n, u32(0))
    right = word & (1 << 21) != 0
    width = word & 31
    record.handler = u16(handler)
    if right and amount == 0:
        if width & 16 != 0:
            return u32(UNPREDICTABLE)
        record.handler = u16(handler + 1)
    else:
        record.aux = u16(shift_of(u32(2) if right else u32(0), amount))
    record.imm = width + extra
    return u32(GOOD)


@fn(inline=False)
def field(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """SBFX, UBFX (extra 0), BFI, BFC (1)."""
    d = bits(word, u32(8), u32(4))
    n = bits(word, u32(16), u32(4))
    low = (bits(word, u32(12), u32(3)) << 2) | bits(word, u32(6), u32(2))
    if _bad(d) or n == 13:
        return u32(UNPREDICTABLE)
    moved = (d << 12) | n | (low << 7) | ((word & 31) << 16)
    if extra != 0:
        return arm_forms.field_insert(record, moved, handler, extra)
    return arm_forms.field_extract(record, moved, handler, extra)


@fn
def _cannot_load(t: u32, size: u32) -> bool:
    """Tell whether Rt is UNPREDICTABLE: SP in anything but a word, PC in a word only as a load that may branch."""
    return t == 13 and size != 0


@fn(inline=False)
def transfer_twelve(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Loads and stores with 12 bits; from the PC, up or down."""
    t = bits(word, u32(12), u32(4))
    n = bits(word, u32(16), u32(4))
    size = extra & 7
    load = extra & arm_forms.IS_LOAD != 0
    if n == 15 and not load:
        return u32(UNDEFINED)
    if t == 15 and load and size != 0:
        record.handler = u16(HINT)
        return u32(GOOD)
    if _cannot_load(t, size) or (t == 15 and (not load or breaks_it())):
        return u32(UNPREDICTABLE)
    registers(record, t, n, u32(0))
    offset = word & 0xFFF
    record.imm = offset if n != 15 or word & (1 << 23) != 0 else u32(0) - offset
    if n == 15:
        record.imm += aligned_pc()
    return choose_transfer(record, u32(single.INDEX), extra)


@fn(inline=False)
def transfer_eight(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Loads and stores with 8 bits and P, U, W: pre- and post-indexed, negative and unprivileged."""
    t = bits(word, u32(12), u32(4))
    n = bits(word, u32(16), u32(4))
    size = extra & 7
    load = extra & arm_forms.IS_LOAD != 0
    index = word & (1 << 10) != 0
    up = word & (1 << 9) != 0
    back = word & (1 << 8) != 0
    if n == 15 or (not index and not back):
        return u32(UNDEFINED)
    if t == 15 and load and size != 0 and index and not up and not back:
        record.handler = u16(HINT)
        return u32(GOOD)
    if _cannot_load(t, size) or (t == 15 and (not load or size != 0 or breaks_it())):
        return u32(UNPREDICTABLE)
    registers(record, t, n, u32(0))
    record.imm = word & 0xFF if up else u32(0) - (word & 0xFF)
    aux = u32(single.INDEX) if index else u32(0)
    if index and up and not back:
        if t == 13:
            return u32(UNPREDICTABLE)
        aux |= single.USER
    elif back:
        aux |= single.WRITE_BACK
    return choose_transfer(record, aux, extra)


@fn(inline=False)
def transfer_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Loads and stores with Rm shifted left by up to 3."""
    t = bits(word, u32(12), u32(4))
    n = bits(word, u32(16), u32(4))
    m = word & 15
    size = extra & 7
    load = extra & arm_forms.IS_LOAD != 0
    if n == 15:
        return u32(UNDEFINED)
    if t == 15 and load and size != 0:
        record.handler = u16(HINT)
        return u32(UNPREDICTABLE) if _bad(m) else u32(GOOD)
    if _bad(m) or _cannot_load(t, size) or (t == 15 and (not load or breaks_it())):
        return u32(UNPREDICTABLE)
    registers(record, t, n, m)
    aux = u32(single.INDEX | single.OFFSET_REGISTER) | (bits(word, u32(4), u32(2)) << single.AMOUNT)
    return choose_transfer(record, aux, extra)


@fn(inline=False)
def pair(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """LDRD (extra 1), STRD."""
    t = bits(word, u32(12), u32(4))
    second = bits(word, u32(8), u32(4))
    n = bits(word, u32(16), u32(4))
    index = word & (1 << 24) != 0
    up = word & (1 << 23) != 0
    back = word & (1 << 21) != 0
    if _bad(t) or _bad(second) or (extra != 0 and t == second) or (back and (n == 15 or n == t or n == second)):
        return u32(UNPREDICTABLE)
    if n == 15 and extra == 0:
        return u32(UNPREDICTABLE)
    registers(record, t, n, u32(0))
    record.ra = u8(second)
    offset = (word & 0xFF) * 4
    record.imm = offset if up else u32(0) - offset
    if n == 15:
        record.imm += aligned_pc()
    aux = u32(single.INDEX) if index else u32(0)
    record.aux = u16(aux | single.WRITE_BACK) if back else u16(aux)
    record.handler = u16(handler)
    return u32(GOOD)


@fn(inline=False)
def block(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """LDM (extra 1), STM: at least two registers, SP never, PC and LR not both."""
    chosen = word & 0xFFFF
    n = bits(word, u32(16), u32(4))
    if chosen & (chosen - 1) == 0 or chosen & 0x2000 != 0 or (extra == 0 and chosen & 0x8000 != 0):
        return u32(UNPREDICTABLE)
    if chosen & 0xC000 == 0xC000 or (chosen & 0x8000 != 0 and breaks_it()):
        return u32(UNPREDICTABLE)
    if word & (1 << 21) != 0 and (chosen >> n) & 1 != 0:
        return u32(UNPREDICTABLE)
    return arm_forms.block_transfer(record, word & 0x01AF_FFFF, handler, extra)


@fn(inline=False)
def return_state(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """RFE (extra 0), SRS (1): DB or IA by bit 24."""
    if extra == 0 and breaks_it():
        return u32(UNPREDICTABLE)
    before = word & (1 << 24) == 0
    moved = (word & 0x002F_001F) | (u32(1 << 24) if before else u32(1 << 23))
    return arm_forms.return_state(record, moved, handler, extra)


@fn(inline=False)
def exclusive(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Exclusives: size, | 8 a load, | 16 with an 8-bit offset and Rd higher up."""
    t = bits(word, u32(12), u32(4))
    n = bits(word, u32(16), u32(4))
    second = bits(word, u32(8), u32(4))
    load = extra & 8 != 0
    double = extra & 3 == 3
    d = second if extra & 16 != 0 else word & 15
    if n == 15 or _bad(t) or (double and _bad(second)):
        return u32(UNPREDICTABLE)
    if load:
        if double and t == second:
            return u32(UNPREDICTABLE)
        registers(record, t, n, u32(0))
    else:
        if _bad(d) or d == n or d == t or (double and d == second):
            return u32(UNPREDICTABLE)
        registers(record, d, n, t)
    record.ra = u8(second)
    record.imm = (word & 0xFF) * 4 if extra & 16 != 0 else u32(0)
    record.handler = u16(handler)
    return u32(GOOD)


@fn(inline=False)
def table_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """TBB, TBH."""
    n = bits(word, u32(16), u32(4))
    if n == 13 or _bad(word & 15) or breaks_it():
        return u32(UNPREDICTABLE)
    registers(record, u32(0), n, word & 15)
    record.handler = u16(handler)
    return u32(GOOD)


@fn(inline=False)
def conditional_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """B<c> with 20 bits."""
    sign = word & (1 << 26) != 0
    high = (bits(word, u32(11), u32(1)) << 19) | (bits(word, u32(13), u32(1)) << 18) | (bits(word, u32(16), u32(6)) << 12)
    distance = high | ((word & 0x7FF) << 1)
    record.imm = (distance | 0xFFF0_0000 if sign else distance) + 4
    record.handler = u16(BRANCH + 1 + bits(word, u32(22), u32(4)))
    return u32(UNPREDICTABLE) if it_now() != 0 else u32(GOOD)


@fn(inline=False)
def far_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """B, BL, BLX with 24 bits."""
    sign = bits(word, u32(26), u32(1))
    first = bits(word, u32(13), u32(1)) ^ sign ^ 1
    second = bits(word, u32(11), u32(1)) ^ sign ^ 1
    distance = (first << 23) | (second << 22) | (bits(word, u32(16), u32(10)) << 12) | ((word & 0x7FF) << 1)
    record.imm = (distance | 0xFF00_0000 if sign != 0 else distance) + 4
    record.aux = u16(4)
    record.handler = u16(handler)
    if extra != 0 and word & 1 != 0:
        return u32(UNDEFINED)
    return u32(UNPREDICTABLE) if breaks_it() else u32(GOOD)


@fn(inline=False)
def status_to_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """MRS."""
    d = bits(word, u32(8), u32(4))
    record.rd = u8(d)
    record.handler = u16(handler)
    return u32(UNPREDICTABLE) if _bad(d) else u32(GOOD)


@fn(inline=False)
def register_to_status(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """MSR."""
    n = bits(word, u32(16), u32(4))
    if n == 13:
        return u32(UNPREDICTABLE)
    moved = (bits(word, u32(8), u32(4)) << 16) | n
    return arm_forms.register_to_status(record, moved, handler, u32(0))


@fn(inline=False)
def processor_state(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """CPS with mode: not in an IT block."""
    record.handler = u16(handler)
    if it_now() != 0:
        return u32(UNPREDICTABLE)
    masks = bits(word, u32(5), u32(3)) << 6
    return arm_forms.set_processor_state(record, bits(word, u32(9), u32(2)), bits(word, u32(8), u32(1)), masks, word & 31)


@fn(inline=False)
def jazelle_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """BXJ: as BX."""
    m = bits(word, u32(16), u32(4))
    registers(record, u32(0), u32(0), m)
    record.handler = u16(handler)
    return u32(UNPREDICTABLE) if _bad(m) or breaks_it() else u32(GOOD)


@fn(inline=False)
def return_from(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """SUBS PC, LR, #imm8."""
    if breaks_it():
        return u32(UNPREDICTABLE)
    return forms.set_immediate(record, u32(SUB | SETS_FLAGS), u32(15), u32(14), word & 0xFF, u32(2))
