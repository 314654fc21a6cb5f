# SPDX-License-Identifier: Apache-2.0
"""Saturating instructions (ARM A5.2.6, A5.4.3, A6.3.14)."""

from typing import Final

from ovm.board.execute.alu import shift
from ovm.board.execute.media import SIGNED, sign_extended
from ovm.board.execute.roles import ALU, DELAY, FORWARDS, READ_M, READ_N, SHIFTED, SHIFTED_MORE, UNIT, WRITE_D
from ovm.board.execute.row import Instruction, Pattern, a32, t32
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, i32, i64, u32, u64


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
    low = i64(i32(sign_extended(value & 0xFFFF, 16)))
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
