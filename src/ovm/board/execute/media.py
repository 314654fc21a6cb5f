# SPDX-License-Identifier: Apache-2.0
"""Media, saturating and bit-field instructions (ARM A5.2.6, A5.4, A6.3.12 to A6.3.15)."""

from typing import Final

from ovm.board.execute.alu import shift
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
        bits = u32(8) if variant & 3 == BYTE else u32(16)
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
        return u32(0)
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
