# SPDX-License-Identifier: Apache-2.0
"""Media and bit-field instructions (ARM A5.4, A6.3.12 to A6.3.15)."""

from typing import Final

from ovm.board.execute.alu import shift
from ovm.board.execute.roles import (
    ALU,
    DELAY,
    EXTENDED,
    HALF_MULTIPLY,
    MULTIPLIER,
    READ_A,
    READ_D,
    READ_FLAGS,
    READ_M,
    READ_N,
    SHAPE,
    SHIFTED,
    UNIT,
    WRITE_D,
)
from ovm.board.execute.row import Instruction, Pattern, a32, t32
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import byte_swap, clz, fn, i32, rotate_right, u32

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
def sign_extended(value: u32, bits: u32) -> u32:
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
            low = sign_extended(low, 8)
            high = sign_extended(high, 8)
        result = ((addend + low) & 0xFFFF) | (((addend >> 16) + high) << 16)
    else:
        bits = u32(8 if variant & 3 == BYTE else 16)
        part = value & ((1 << bits) - 1)
        result = addend + (sign_extended(part, bits) if variant & SIGNED != 0 else part)
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
        result = sign_extended(byte_swap(value) >> 16, 16)
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
    CPU.r[record.rd] = sign_extended(value, record.imm) if variant & SIGNED != 0 else value
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
]
