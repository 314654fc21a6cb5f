# SPDX-License-Identifier: Apache-2.0
"""Media, saturating and bit-field instructions (ARM A5.2.6, A5.4, A6.3.12 to A6.3.15)."""

from typing import Final

from ovm.board.execute.alu import shift
from ovm.board.execute.roles import (
    ALU,
    DELAY,
    EXTENDED,
    FORWARDS,
    HALF_MULTIPLY,
    MULTIPLIER,
    READ_A,
    READ_D,
    READ_FLAGS,
    READ_M,
    READ_N,
    SHAPE,
    SHIFTED,
    SHIFTED_MORE,
    UNIT,
    WRITE_D,
)
from ovm.board.execute.row import Instruction, Pattern, a32, t32
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import byte_swap, clz, fn, i32, i64, rotate_right, u32, u64

# Variants of `extend`.
BYTE: Final = 0
HALF: Final = 1
TWO_BYTES: Final = 2
SIGNED: Final = 4
NO_ADDEND: Final = 16
# Variants of `reverse`.
REV: Final = 0
REV16: Final = 1
REVSH: Final = 2
RBIT: Final = 3
CLZ: Final = 4


@fn(inline=True)
def _sign(value: u32, bits: u32) -> u32:
    """Extend the sign of a number of `bits` bits."""
    return u32(i32(value << (32 - bits)) >> (32 - bits))


@fn(inline=True)
def extend(record: Record, at: u32, variant: u32) -> u32:
    """Execute SXTB and its family; aux is the rotation, Rn is added unless NO_ADDEND."""
    value = rotate_right(CPU.r[record.rm], u32(record.aux))
    addend = CPU.r[record.rn] if record.rn != NO_ADDEND else u32(0)
    if variant & 3 == TWO_BYTES:
        low = value & 0xFF
        high = (value >> 16) & 0xFF
        if variant & SIGNED != 0:
            low = _sign(low, 8)
            high = _sign(high, 8)
        result = ((addend + low) & 0xFFFF) | (((addend >> 16) + high) << 16)
    else:
        bits = u32(8 if variant & 3 == BYTE else 16)
        part = value & ((1 << bits) - 1)
        result = addend + (_sign(part, bits) if variant & SIGNED != 0 else part)
    CPU.r[record.rd] = result
    return after(record, at)


@fn(inline=False)
def reversed_bits(value: u32) -> u32:
    """Return the word with its bits in opposite order."""
    x = byte_swap(value)
    x = ((x >> 4) & 0x0F0F_0F0F) | ((x & 0x0F0F_0F0F) << 4)
    x = ((x >> 2) & 0x3333_3333) | ((x & 0x3333_3333) << 2)
    return ((x >> 1) & 0x5555_5555) | ((x & 0x5555_5555) << 1)


@fn(inline=True)
def reverse(record: Record, at: u32, variant: u32) -> u32:
    """Execute REV, REV16, REVSH, RBIT and CLZ."""
    value = CPU.r[record.rm]
    if variant == REV:
        result = byte_swap(value)
    elif variant == REV16:
        result = rotate_right(byte_swap(value), 16)
    elif variant == REVSH:
        result = _sign(byte_swap(value) >> 16, 16)
    elif variant == RBIT:
        result = reversed_bits(value)
    else:
        result = clz(value)
    CPU.r[record.rd] = result
    return after(record, at)


@fn(inline=True)
def bit_field(record: Record, at: u32, variant: u32) -> u32:
    """Execute UBFX (variant 0), SBFX (SIGNED): aux is the lowest bit, imm the width."""
    value = (CPU.r[record.rn] >> u32(record.aux)) & ((2 << (record.imm - 1)) - 1)
    CPU.r[record.rd] = _sign(value, record.imm) if variant & SIGNED != 0 else value
    return after(record, at)


@fn(inline=True)
def bit_field_insert(record: Record, at: u32, variant: u32) -> u32:
    """Execute BFI; BFC has Rn = NO_ADDEND. imm is the mask in place, aux the lowest bit."""
    source = CPU.r[record.rn] if record.rn != NO_ADDEND else u32(0)
    CPU.r[record.rd] = (CPU.r[record.rd] & ~record.imm) | ((source << u32(record.aux)) & record.imm)
    return after(record, at)


@fn(inline=True)
def pack(record: Record, at: u32, variant: u32) -> u32:
    """Execute PKHBT (variant 0), PKHTB (1)."""
    n = CPU.r[record.rn]
    m = shift(CPU.r[record.rm], u32(record.aux) >> 8, u32(record.aux) & 0xFF)
    if variant == 0:
        CPU.r[record.rd] = (n & 0xFFFF) | (m & 0xFFFF_0000)
    else:
        CPU.r[record.rd] = (n & 0xFFFF_0000) | (m & 0xFFFF)
    return after(record, at)


@fn(inline=True)
def select(record: Record, at: u32, variant: u32) -> u32:
    """Execute SEL: bytes of Rn where GE is set, of Rm elsewhere."""
    ge = CPU.greater_equal
    spread = (ge & 1) | ((ge & 2) << 7) | ((ge & 4) << 14) | ((ge & 8) << 21)
    mask = spread * 0xFF
    CPU.r[record.rd] = (CPU.r[record.rn] & mask) | (CPU.r[record.rm] & ~mask)
    return after(record, at)


@fn(inline=False)
def _absolute_differences(n: u32, m: u32) -> u32:
    total = u32(0)
    for index in u32.range(4):
        left = (n >> (index * 8)) & 0xFF
        right = (m >> (index * 8)) & 0xFF
        total += left - right if left > right else right - left
    return total


@fn(inline=True)
def absolute_differences(record: Record, at: u32, variant: u32) -> u32:
    """Execute USAD8, USADA8."""
    total = _absolute_differences(CPU.r[record.rn], CPU.r[record.rm])
    if record.ra != NO_ADDEND:
        total += CPU.r[record.ra]
    CPU.r[record.rd] = total
    return after(record, at)


@fn
def saturate_signed(value: i64, bits: u32) -> u32:
    """Bring a number into `bits` signed bits; set Q if that changes it (ARM A2.2.1)."""
    top = (i64(1) << (bits - 1)) - 1
    if value > top:
        CPU.saturated = 1
        return u32(u64(top))
    if value < -top - 1:
        CPU.saturated = 1
        return u32(u64(-top - 1))
    return u32(u64(value))


@fn
def saturate_unsigned(value: i64, bits: u32) -> u32:
    """Bring a number into `bits` unsigned bits; set Q if that changes it."""
    top = (i64(1) << bits) - 1
    if value > top:
        CPU.saturated = 1
        return u32(u64(top))
    if value < 0:
        CPU.saturated = 1
        return 0
    return u32(u64(value))


@fn(inline=False)
def _saturate(record: Record, variant: u32) -> u32:
    value = shift(CPU.r[record.rn], u32(record.aux) >> 8, u32(record.aux) & 0xFF)
    if variant & 1 == 0:
        if variant & SIGNED != 0:
            return saturate_signed(i64(i32(value)), record.imm)
        return saturate_unsigned(i64(i32(value)), record.imm)
    low = i64(i32(_sign(value & 0xFFFF, 16)))
    high = i64(i32(value) >> 16)
    if variant & SIGNED != 0:
        return (saturate_signed(high, record.imm) << 16) | (saturate_signed(low, record.imm) & 0xFFFF)
    return (saturate_unsigned(high, record.imm) << 16) | (saturate_unsigned(low, record.imm) & 0xFFFF)


@fn(inline=True)
def saturate(record: Record, at: u32, variant: u32) -> u32:
    """Execute SSAT (SIGNED), USAT (0), SSAT16 (SIGNED | 1), USAT16 (1): imm is the width, aux a shift."""
    CPU.r[record.rd] = _saturate(record, variant)
    return after(record, at)


@fn(inline=False)
def _add_saturating(variant: u32, n: u32, m: u32) -> u32:
    right = i64(i32(n))
    if variant & 2 != 0:
        right = i64(i32(saturate_signed(right * 2, 32)))
    left = i64(i32(m))
    return saturate_signed(left - right if variant & 1 != 0 else left + right, 32)


@fn(inline=True)
def add_saturating(record: Record, at: u32, variant: u32) -> u32:
    """Execute QADD (0), QSUB (1), QDADD (2), QDSUB (3)."""
    CPU.r[record.rd] = _add_saturating(variant, CPU.r[record.rn], CPU.r[record.rm])
    return after(record, at)


_ALU: Final = ALU << UNIT | WRITE_D


def _extension(variant: int, name: str, arm: int, wide: int, narrow: tuple[Pattern, ...] = ()) -> Instruction:
    patterns = (
        a32(name, f"cccc01101{arm:03b}nnnnddddrrzz0111mmmm", "arm_forms.extension"),
        t32(name, f"111110100{wide:03b}nnnn 1111dddd1zrrmmmm", "wide_forms.extension"),
        *narrow,
    )
    roles = _ALU | READ_M | READ_N | SHIFTED << DELAY | EXTENDED << SHAPE
    return Instruction(extend, variant, patterns, roles=roles, host="multiply_media.extend")


def _reversal(variant: int, *patterns: Pattern) -> Instruction:
    return Instruction(reverse, variant, patterns, roles=_ALU | READ_M, host="multiply_media.reverse")


def _extraction(variant: int, *patterns: Pattern) -> Instruction:
    roles = _ALU | READ_N | SHIFTED << DELAY
    return Instruction(bit_field, variant, patterns, roles=roles, host="multiply_media.bit_field")


def _packing(variant: int, *patterns: Pattern) -> Instruction:
    return Instruction(pack, variant, patterns, roles=_ALU | READ_N | READ_M | SHIFTED << DELAY)


def _saturation(variant: int, roles: int, *patterns: Pattern) -> Instruction:
    return Instruction(saturate, variant, patterns, roles=_ALU | READ_N | roles)


def _saturating(variant: int, name: str, wide: str) -> Instruction:
    patterns = (
        a32(name, f"cccc00010{variant:02b}0nnnnddddzzzz0101mmmm", "arm_forms.three"),
        t32(name, f"111110101000nnnn 1111dddd10{wide}mmmm", "wide_forms.three"),
    )
    delay = SHIFTED_MORE if variant & 2 else SHIFTED
    return Instruction(add_saturating, variant, patterns, roles=_ALU | READ_N | READ_M | FORWARDS | delay << DELAY)


ROWS: Final = [
    _extension(BYTE, "uxtab", 6, 5, (t32("uxtb", "1011001011mmmddd", "narrow_forms.low_pair"),)),
    _extension(HALF, "uxtah", 7, 1, (t32("uxth", "1011001010mmmddd", "narrow_forms.low_pair"),)),
    _extension(TWO_BYTES, "uxtab16", 4, 3),
    _extension(SIGNED | BYTE, "sxtab", 2, 4, (t32("sxtb", "1011001001mmmddd", "narrow_forms.low_pair"),)),
    _extension(SIGNED | HALF, "sxtah", 3, 0, (t32("sxth", "1011001000mmmddd", "narrow_forms.low_pair"),)),
    _extension(SIGNED | TWO_BYTES, "sxtab16", 0, 2),
    _reversal(
        REV,
        a32("rev", "cccc01101011ooooddddoooo0011mmmm", "arm_forms.two"),
        t32("rev", "111110101001mmmm 1111dddd1000mmmm", "wide_forms.two"),
        t32("rev", "1011101000mmmddd", "narrow_forms.low_pair"),
    ),
    _reversal(
        REV16,
        a32("rev16", "cccc01101011ooooddddoooo1011mmmm", "arm_forms.two"),
        t32("rev16", "111110101001mmmm 1111dddd1001mmmm", "wide_forms.two"),
        t32("rev16", "1011101001mmmddd", "narrow_forms.low_pair"),
    ),
    _reversal(
        REVSH,
        a32("revsh", "cccc01101111ooooddddoooo1011mmmm", "arm_forms.two"),
        t32("revsh", "111110101001mmmm 1111dddd1011mmmm", "wide_forms.two"),
        t32("revsh", "1011101011mmmddd", "narrow_forms.low_pair"),
    ),
    _reversal(
        RBIT,
        a32("rbit", "cccc01101111ooooddddoooo0011mmmm", "arm_forms.two"),
        t32("rbit", "111110101001mmmm 1111dddd1010mmmm", "wide_forms.two"),
    ),
    _reversal(
        CLZ,
        a32("clz", "cccc00010110ooooddddoooo0001mmmm", "arm_forms.two"),
        t32("clz", "111110101011mmmm 1111dddd1000mmmm", "wide_forms.two"),
    ),
    _extraction(
        0,
        a32("ubfx", "cccc0111111wwwwwddddlllll101nnnn", "arm_forms.field_extract"),
        t32("ubfx", "11110z111100nnnn 0iiiddddiizwwwww", "wide_forms.field"),
    ),
    _extraction(
        SIGNED,
        a32("sbfx", "cccc0111101wwwwwddddlllll101nnnn", "arm_forms.field_extract"),
        t32("sbfx", "11110z110100nnnn 0iiiddddiizwwwww", "wide_forms.field"),
    ),
    Instruction(
        bit_field_insert,
        patterns=(
            a32("bfi", "cccc0111110mmmmmddddlllll001nnnn", "arm_forms.field_insert"),
            t32("bfi", "11110z110110nnnn 0iiiddddiizwwwww", "wide_forms.field", 1),
        ),
        roles=_ALU | READ_N | READ_D | SHIFTED << DELAY,
        host="multiply_media.bit_field_insert",
    ),
    _packing(
        0,
        a32("pkhbt", "cccc01101000nnnnddddiiiii001mmmm", "arm_forms.packing"),
        t32("pkhbt", "111010101100nnnn ziiiddddii00mmmm", "wide_forms.packing"),
    ),
    _packing(
        1,
        a32("pkhtb", "cccc01101000nnnnddddiiiii101mmmm", "arm_forms.packing", 2),
        t32("pkhtb", "111010101100nnnn ziiiddddii10mmmm", "wide_forms.packing", 2),
    ),
    Instruction(
        select,
        patterns=(
            a32("sel", "cccc01101000nnnnddddoooo1011mmmm", "arm_forms.three"),
            t32("sel", "111110101010nnnn 1111dddd1000mmmm", "wide_forms.three"),
        ),
        roles=_ALU | READ_N | READ_M | READ_FLAGS,
    ),
    Instruction(
        absolute_differences,
        patterns=(
            a32("usada8", "cccc01111000ddddaaaammmm0001nnnn", "arm_forms.multiply_four", 2),
            t32("usada8", "111110110111nnnn aaaadddd0000mmmm", "wide_forms.multiply_four", 2 | 8),
        ),
        roles=MULTIPLIER << UNIT | READ_N | READ_M | READ_A | WRITE_D | HALF_MULTIPLY << SHAPE,
    ),
    _saturation(
        0,
        SHIFTED_MORE << DELAY,
        a32("usat", "cccc0110111iiiiiddddiiiiis01nnnn", "arm_forms.saturation"),
        t32("usat", "11110z1110s0nnnn 0iiiddddiizsssss", "wide_forms.saturation"),
    ),
    _saturation(1, 0, a32("usat16", "cccc01101110iiiiddddoooo0011nnnn", "arm_forms.saturation", 2)),
    _saturation(
        SIGNED,
        SHIFTED_MORE << DELAY,
        a32("ssat", "cccc0110101iiiiiddddiiiiis01nnnn", "arm_forms.saturation", 1),
        t32("ssat", "11110z1100s0nnnn 0iiiddddiizsssss", "wide_forms.saturation", 1),
    ),
    _saturation(SIGNED | 1, 0, a32("ssat16", "cccc01101010iiiiddddoooo0011nnnn", "arm_forms.saturation", 3)),
    _saturating(0, "qadd", "00"),
    _saturating(1, "qsub", "10"),
    _saturating(2, "qdadd", "01"),
    _saturating(3, "qdsub", "11"),
]
