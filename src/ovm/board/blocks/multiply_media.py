# SPDX-License-Identifier: Apache-2.0
"""Multiplication, extension and bit fields as host code (`execute/multiply.py`, `execute/media.py`)."""

from typing import Final

from ovm.board.arena import x86
from ovm.board.arena.x86 import EAX, ECX, EDX, MOV, both, both_long, constant, shifted, single
from ovm.board.blocks.conditions import OF_RESULT, set_result
from ovm.board.blocks.registers import assign, value_of
from ovm.board.execute import hints, media
from ovm.board.execute.alu import SETS_FLAGS
from ovm.board.execute.multiply import ACCUMULATE, M_HIGH, N_HIGH, NO_ADDEND, SIGNED, SUBTRACT
from ovm.board.record import Record
from ovm.board.state import Cpu
from ovm.metal import fn, offsetof, u32

BSWAP: Final = 0xC8
SATURATED: Final = offsetof(Cpu, "saturated")


@fn
def multiply(record: Record, variant: u32) -> bool:
    """Write the code of MUL, MLA, MLS."""
    both(MOV, EAX, value_of(u32(record.rn)))
    both_long(x86.IMUL, EAX, value_of(u32(record.rm)))
    if variant & ACCUMULATE != 0:
        both(x86.ADD, EAX, value_of(u32(record.ra)))
    if variant & SUBTRACT != 0:
        both(MOV, ECX, EAX)
        both(MOV, EAX, value_of(u32(record.ra)))
        both(x86.SUB, EAX, ECX)
    if variant & SETS_FLAGS != 0:
        both(0x85, EAX, EAX)
        set_result(OF_RESULT)
    assign(u32(record.rd), EAX)
    return True


@fn
def multiply_long(record: Record, variant: u32) -> bool:
    """Write the code of UMULL, UMLAL, SMULL, SMLAL; without flags."""
    if variant & SETS_FLAGS != 0:
        return False
    both(MOV, EAX, value_of(u32(record.rn)))
    single(0xF7, 5 if variant & SIGNED != 0 else 4, value_of(u32(record.rm)))
    if variant & ACCUMULATE != 0:
        # Both are loaded before either is added; loading one doesn't change the carry.
        low = value_of(u32(record.ra))
        high = value_of(u32(record.rd))
        both(x86.ADD, EAX, low)
        both(x86.ADC, EDX, high)
    assign(u32(record.ra), EAX)
    assign(u32(record.rd), EDX)
    return True


@fn
def multiply_halves(record: Record, variant: u32) -> bool:
    """Write the code of SMUL<x><y>, SMLA<x><y>."""
    _half(EAX, u32(record.rn), u32(record.aux) & N_HIGH != 0)
    _half(ECX, u32(record.rm), u32(record.aux) & M_HIGH != 0)
    both_long(x86.IMUL, EAX, ECX)
    if record.ra != NO_ADDEND:
        both(x86.ADD, EAX, value_of(u32(record.ra)))
        # seto CL; or [saturated], CL
        x86.put(0x0F)
        x86.put(0x90 | x86.IF_OVERFLOW)
        x86.put(0xC1)
        x86.state(0x08, ECX, SATURATED)
    assign(u32(record.rd), EAX)
    return True


@fn
def _half(register: u32, guest: u32, high: bool) -> None:
    if high:
        both(MOV, register, value_of(guest))
        shifted(x86.SAR, register, 16)
    else:
        both_long(x86.MOVSX_WORD, register, value_of(guest))


@fn
def hint(record: Record, variant: u32) -> bool:
    """Write the code of NOP."""
    return variant == hints.NOP


@fn
def extend(record: Record, variant: u32) -> bool:
    """Write the code of SXTB, SXTH, UXTB, UXTH and those that add."""
    if variant & 3 == media.TWO_BYTES:
        return False
    both(MOV, EAX, value_of(u32(record.rm)))
    if record.aux != 0:
        shifted(x86.ROR, EAX, u32(record.aux))
    opcode = x86.MOVZX_BYTE if variant & 3 == media.BYTE else x86.MOVZX_WORD
    if variant & media.SIGNED != 0:
        opcode += x86.MOVSX_BYTE - x86.MOVZX_BYTE
    both_long(opcode, EAX, EAX)
    if record.rn != media.NO_ADDEND:
        both(x86.ADD, EAX, value_of(u32(record.rn)))
    assign(u32(record.rd), EAX)
    return True


@fn
def reverse(record: Record, variant: u32) -> bool:
    """Write the code of REV and CLZ."""
    if variant == media.REV:
        both(MOV, EAX, value_of(u32(record.rm)))
        x86.put(0x0F)
        x86.put(BSWAP)
    elif variant == media.CLZ:
        # The highest bit's number; 63 if there is none, which gives 32, since the low five bits are inverted.
        constant(MOV, EDX, 63)
        both_long(x86.BSR, EAX, value_of(u32(record.rm)))
        both_long(0x44, EAX, EDX)
        constant(x86.XOR, EAX, 31)
    else:
        return False
    assign(u32(record.rd), EAX)
    return True


@fn
def bit_field(record: Record, variant: u32) -> bool:
    """Write the code of UBFX and SBFX: `aux` is the lowest bit, `imm` the width."""
    top = 32 - u32(record.aux) - record.imm
    if record.imm == 0 or u32(record.aux) + record.imm > 32:
        return False
    both(MOV, EAX, value_of(u32(record.rn)))
    if top != 0:
        shifted(x86.SHL, EAX, top)
    if record.imm != 32:
        shifted(x86.SAR if variant & media.SIGNED != 0 else x86.SHR, EAX, 32 - record.imm)
    assign(u32(record.rd), EAX)
    return True


@fn
def bit_field_insert(record: Record, variant: u32) -> bool:
    """Write the code of BFI and BFC: `imm` is the mask, `aux` the lowest bit."""
    both(MOV, EAX, value_of(u32(record.rd)))
    constant(x86.AND, EAX, ~record.imm)
    if record.rn != media.NO_ADDEND:
        both(MOV, ECX, value_of(u32(record.rn)))
        if record.aux != 0:
            shifted(x86.SHL, ECX, u32(record.aux))
        constant(x86.AND, ECX, record.imm)
        both(x86.OR, EAX, ECX)
    assign(u32(record.rd), EAX)
    return True
