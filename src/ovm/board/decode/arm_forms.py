# SPDX-License-Identifier: Apache-2.0
"""Operand forms of A32 (ARM A5)."""

from ovm.board.decode import forms
from ovm.board.decode.forms import bits, registers, shift_of
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.execute import multiply
from ovm.board.record import Record
from ovm.metal import fn, u8, u16, u32


@fn(inline=False)
def plain(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode an instruction without operands; `imm` keeps the word for reports."""
    record.handler = u16(handler)
    record.imm = word
    return GOOD


@fn(inline=False)
def data_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd, Rn, modified immediate; `extra` is the variant."""
    immediate = word & 0xFFF
    value = forms.expand_arm(immediate)
    return forms.set_immediate(
        record, extra, bits(word, 12, 4), bits(word, 16, 4), value, forms.expand_arm_carry(immediate)
    )


@fn(inline=False)
def data_shifted(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd, Rn, Rm shifted by an immediate."""
    return forms.set_shifted(
        record,
        extra,
        bits(word, 12, 4),
        bits(word, 16, 4),
        word & 15,
        bits(word, 5, 2),
        bits(word, 7, 5),
    )


@fn(inline=False)
def data_by_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd, Rn, Rm shifted by Rs."""
    return forms.set_by_register(
        record,
        extra,
        bits(word, 12, 4),
        bits(word, 16, 4),
        word & 15,
        bits(word, 8, 4),
        bits(word, 5, 2),
    )


@fn(inline=False)
def wide_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode MOVW (extra 0), MOVT (1)."""
    value = (bits(word, 16, 4) << 12) | (word & 0xFFF)
    d = bits(word, 12, 4)
    if d == 15:
        return UNPREDICTABLE
    record.rd = u8(d)
    record.imm = value << 16 if extra != 0 else value
    record.aux = 2
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def multiply_four(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd [19:16], Ra [15:12], Rm [11:8], Rn [3:0]; extra 1: no Ra; 2: Ra 15 means none; 4: RdHi, RdLo."""
    d = bits(word, 16, 4)
    a = bits(word, 12, 4)
    m = bits(word, 8, 4)
    n = word & 15
    if extra & 1 != 0 or (extra & 2 != 0 and a == 15):
        a = u32(multiply.NO_ADDEND)
    if d == 15 or a == 15 or m == 15 or n == 15 or (extra & 4 != 0 and d == a):
        return UNPREDICTABLE
    registers(record, d, n, m)
    record.ra = u8(a)
    record.aux = u16(bits(word, 5, 2))
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def three(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd [15:12], Rn [19:16], Rm [3:0], none of them 15; `extra` goes into imm."""
    d = bits(word, 12, 4)
    n = bits(word, 16, 4)
    m = word & 15
    if d == 15 or n == 15 or m == 15:
        return UNPREDICTABLE
    registers(record, d, n, m)
    record.imm = extra
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def two(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd [15:12], Rm [3:0]."""
    d = bits(word, 12, 4)
    m = word & 15
    if d == 15 or m == 15:
        return UNPREDICTABLE
    registers(record, d, 0, m)
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def extension(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Rd, Rn (15: none), Rm rotated by bytes."""
    d = bits(word, 12, 4)
    n = bits(word, 16, 4)
    m = word & 15
    if d == 15 or m == 15:
        return UNPREDICTABLE
    registers(record, d, 16 if n == 15 else n, m)
    record.aux = u16(bits(word, 10, 2) * 8)
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def packing(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode PKH: a left shift, or with extra 2 an arithmetic right one."""
    three(record, word, handler, extra)
    if bits(word, 12, 4) == 15 or bits(word, 16, 4) == 15 or word & 15 == 15:
        return UNPREDICTABLE
    record.aux = u16(shift_of(extra, bits(word, 7, 5)))
    return GOOD


@fn(inline=False)
def saturation(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SSAT (extra 1), USAT (0): width, Rd, Rn shifted; extra 2: halves, not shifted."""
    d = bits(word, 12, 4)
    n = word & 15
    if d == 15 or n == 15:
        return UNPREDICTABLE
    registers(record, d, n, 0)
    width = bits(word, 16, 5)
    if extra & 2 != 0:
        width &= 15
    else:
        record.aux = u16(shift_of(bits(word, 6, 1) * 2, bits(word, 7, 5)))
    record.imm = width + (extra & 1)
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def field_extract(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SBFX, UBFX."""
    d = bits(word, 12, 4)
    n = word & 15
    low = bits(word, 7, 5)
    width = bits(word, 16, 5) + 1
    if d == 15 or n == 15 or low + width > 32:
        return UNPREDICTABLE
    registers(record, d, n, 0)
    record.aux = u16(low)
    record.imm = width
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def field_insert(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode BFI; with Rn 15, BFC."""
    d = bits(word, 12, 4)
    n = word & 15
    low = bits(word, 7, 5)
    high = bits(word, 16, 5)
    if d == 15 or high < low:
        return UNPREDICTABLE
    registers(record, d, 16 if n == 15 else n, 0)
    record.aux = u16(low)
    record.imm = ((2 << (high - low)) - 1) << low
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def branching(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode B, BL, BLX (extra 1): a 24-bit distance; a condition of B has a handler of its own."""
    distance = ((word << 8) ^ 0x8000_0000) >> 6
    record.imm = distance - (0x8000_0000 >> 6) + 8
    if extra == 1:
        record.imm += bits(word, 24, 1) * 2
    record.aux = 4
    record.handler = u16(handler)
    if extra == 2 and record.condition != 0:
        record.handler = u16(handler + 1 + u32((record.condition ^ 14) & 15))
        record.condition = 0
    return GOOD


@fn(inline=False)
def branch_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode BX, BLX, BXJ (trivial Jazelle: as BX); BLX with r15 is UNPREDICTABLE."""
    m = word & 15
    if m == 15 and extra != 0:
        return UNPREDICTABLE
    registers(record, 0, 0, m)
    record.aux = 4
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def always_only(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode BKPT: UNPREDICTABLE with a condition."""
    record.handler = u16(handler)
    return UNPREDICTABLE if record.condition != 0 else GOOD


@fn(inline=False)
def status_to_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode MRS."""
    d = bits(word, 12, 4)
    record.rd = u8(d)
    record.handler = u16(handler)
    return UNPREDICTABLE if d == 15 else GOOD


@fn(inline=False)
def register_to_status(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode MSR; extra 1: an immediate."""
    mask = bits(word, 16, 4)
    n = word & 15
    record.aux = u16(mask)
    record.handler = u16(handler)
    if extra != 0:
        record.imm = forms.expand_arm(word & 0xFFF)
    else:
        record.rn = u8(n)
    return UNPREDICTABLE if mask == 0 or (extra == 0 and n == 15) else GOOD


@fn(inline=False)
def processor_state(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode CPS (ARM B9.3.2)."""
    imod = bits(word, 18, 2)
    change_mode = bits(word, 17, 1)
    masks = word & 0x1C0
    mode = word & 31
    record.handler = u16(handler)
    return set_processor_state(record, imod, change_mode, masks, mode)


@fn
def set_processor_state(record: Record, imod: u32, change_mode: u32, masks: u32, mode: u32) -> u32:
    """Fill in CPS; the same rules hold in T32."""
    if mode != 0 and change_mode == 0:
        return UNPREDICTABLE
    if (imod & 2 != 0) == (masks == 0) or imod == 1 or (imod == 0 and change_mode == 0):
        return UNPREDICTABLE
    record.imm = masks
    record.rd = u8(mode)
    record.aux = u16(change_mode | (2 if imod == 2 else 0) | (4 if imod == 3 else 0))
    return GOOD


@fn(inline=False)
def endianness(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SETEND."""
    record.aux = u16(bits(word, 9, 1))
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def undefined(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Return an encoding that is UNDEFINED."""
    return UNDEFINED


@fn(inline=False)
def unpredictable(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Return an encoding that is UNPREDICTABLE."""
    return UNPREDICTABLE
