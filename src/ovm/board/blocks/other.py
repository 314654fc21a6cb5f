# SPDX-License-Identifier: Apache-2.0
"""Multiplication, extension and bit fields as host code (`execute/multiply.py`, `execute/media.py`)."""

from typing import Final

from ovm.board.blocks import x86
from ovm.board.blocks.conditions import OF_RESULT, set_result
from ovm.board.blocks.registers import assign, value_of
from ovm.board.blocks.x86 import EAX, ECX, EDX, MOV, both, both_long, constant, shifted, single
from ovm.board.execute import media, system
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
    both(u32(MOV), u32(EAX), value_of(u32(record.rn)))
    both_long(u32(x86.IMUL), u32(EAX), value_of(u32(record.rm)))
    if variant & ACCUMULATE != 0:
        both(u32(x86.ADD), u32(EAX), value_of(u32(record.ra)))
    if variant & SUBTRACT != 0:
        both(u32(MOV), u32(ECX), u32(EAX))
        both(u32(MOV), u32(EAX), value_of(u32(record.ra)))
        both(u32(x86.SUB), u32(EAX), u32(ECX))
    if variant & SETS_FLAGS != 0:
        both(u32(0x85), u32(EAX), u32(EAX))
        set_result(u32(OF_RESULT))
    assign(u32(record.rd), u32(EAX))
    return True


@fn
def multiply_long(record: Record, variant: u32) -> bool:
    """Write the code of UMULL, UMLAL, SMULL, SMLAL; without flags."""
    if variant & SETS_FLAGS != 0:
        return False
    both(u32(MOV), u32(EAX), value_of(u32(record.rn)))
    single(u32(0xF7), u32(5) if variant & SIGNED != 0 else u32(4), value_of(u32(record.rm)))
    if variant & ACCUMULATE != 0:
        # Both are loaded before either is added; loading one doesn't change the carry.
        low = value_of(u32(record.ra))
        high = value_of(u32(record.rd))
        both(u32(x86.ADD), u32(EAX), low)
        both(u32(x86.ADC), u32(EDX), high)
    assign(u32(record.ra), u32(EAX))
    assign(u32(record.rd), u32(EDX))
    return True


@fn
def multiply_halves(record: Record, variant: u32) -> bool:
    """Write the code of SMUL<x><y>, SMLA<x><y>."""
    _half(u32(EAX), u32(record.rn), u32(record.aux) & N_HIGH != 0)
    _half(u32(ECX), u32(record.rm), u32(record.aux) & M_HIGH != 0)
    both_long(u32(x86.IMUL), u32(EAX), u32(ECX))
    if record.ra != NO_ADDEND:
        both(u32(x86.ADD), u32(EAX), value_of(u32(record.ra)))
        # seto CL; or [saturated], CL
        x86.put(u32(0x0F))
        x86.put(u32(0x90 | x86.IF_OVERFLOW))
        x86.put(u32(0xC1))
        x86.state(u32(0x08), u32(ECX), u32(SATURATED))
    assign(u32(record.rd), u32(EAX))
    return True


@fn
def _half(register: u32, guest: u32, high: bool) -> None:
    if high:
        both(u32(MOV), register, value_of(guest))
        shifted(u32(x86.SAR), register, u32(16))
    else:
        both_long(u32(x86.MOVSX_WORD), register, value_of(guest))


@fn
def hint(record: Record, variant: u32) -> bool:
    """Write the code of NOP."""
    return variant == system.NOP


@fn
def extend(record: Record, variant: u32) -> bool:
    """Write the code of SXTB, SXTH, UXTB, UXTH and those that add."""
    if variant & 3 == media.TWO_BYTES:
        return False
    both(u32(MOV), u32(EAX), value_of(u32(record.rm)))
    if record.aux != 0:
        shifted(u32(x86.ROR), u32(EAX), u32(record.aux))
    opcode = u32(x86.MOVZX_BYTE) if variant & 3 == media.BYTE else u32(x86.MOVZX_WORD)
    if variant & media.SIGNED != 0:
        opcode += x86.MOVSX_BYTE - x86.MOVZX_BYTE
    both_long(opcode, u32(EAX), u32(EAX))
    if record.rn != media.NO_ADDEND:
        both(u32(x86.ADD), u32(EAX), value_of(u32(record.rn)))
    assign(u32(record.rd), u32(EAX))
    return True


@fn
def reverse(record: Record, variant: u32) -> bool:
    """Write the code of REV and CLZ."""
    if variant == media.REV:
        both(u32(MOV), u32(EAX), value_of(u32(record.rm)))
        x86.put(u32(0x0F))
        x86.put(u32(BSWAP))
    elif variant == media.CLZ:
        # The highest bit's number; 63 if there is none, which gives 32, since the low five bits are inverted.
        constant(u32(MOV), u32(EDX), u32(63))
        both_long(u32(x86.BSR), u32(EAX), value_of(u32(record.rm)))
        both_long(u32(0x44), u32(EAX), u32(EDX))
        constant(u32(x86.XOR), u32(EAX), u32(31))
    else:
        return False
    assign(u32(record.rd), u32(EAX))
    return True


@fn
def bit_field(record: Record, variant: u32) -> bool:
    """Write the code of UBFX and SBFX: `aux` is the lowest bit, `imm` the width."""
    top = 32 - u32(record.aux) - record.imm
    if record.imm == 0 or u32(record.aux) + record.imm > 32:
        return False
    both(u32(MOV), u32(EAX), value_of(u32(record.rn)))
    if top != 0:
        shifted(u32(x86.SHL), u32(EAX), top)
    if record.imm != 32:
        shifted(u32(x86.SAR) if variant & media.SIGNED != 0 else u32(x86.SHR), u32(EAX), 32 - record.imm)
    assign(u32(record.rd), u32(EAX))
    return True


@fn
def bit_field_insert(record: Record, variant: u32) -> bool:
    """Write the code of BFI and BFC: `imm` is the mask, `aux` the lowest bit."""
    both(u32(MOV), u32(EAX), value_of(u32(record.rd)))
    constant(u32(x86.AND), u32(EAX), ~record.imm)
    if record.rn != media.NO_ADDEND:
        both(u32(MOV), u32(ECX), value_of(u32(record.rn)))
        if record.aux != 0:
            shifted(u32(x86.SHL), u32(ECX), u32(record.aux))
        constant(u32(x86.AND), u32(ECX), record.imm)
        both(u32(x86.OR), u32(EAX), u32(ECX))
    assign(u32(record.rd), u32(EAX))
    return True
