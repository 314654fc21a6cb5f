# SPDX-License-Identifier: Apache-2.0
"""Registers and shifted registers as operands of ARM instructions (ARM A5.2.4, A8.4)."""

from ovm.arm.psr import PSR_C
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import fn, i32, rotate_right, u32


@fn
def register_operand(vcpu: Vcpu, index: u32) -> u32:
    """Return a register as an operand; PC reads as the instruction's address plus 8."""
    return vcpu.registers[PC] + 8 if index == PC else vcpu.registers[index]


@fn
def carry_of(vcpu: Vcpu) -> u32:
    """Return the carry flag."""
    return u32(vcpu.psr & PSR_C != 0)


@fn
def _shifted(value: u32, kind: u32, amount: u32, carry: u32) -> u32:
    """Return Shift() by a constant, without its carry (ARM A8.4.3)."""
    match kind:
        case 0:
            return value << amount
        case 1:
            return value >> (amount if amount != 0 else 32)
        case 2:
            return u32(i32(value) >> (amount if amount != 0 else 32))
        case _:
            if amount == 0:
                return carry << 31 | value >> 1
            return rotate_right(value, amount)


@fn
def shifted_register(vcpu: Vcpu, instruction: u32) -> u32:
    """Return the operand that bits 11:0 of an ARM instruction name: a register, shifted by a constant."""
    value = register_operand(vcpu, instruction & 0xF)
    return _shifted(value, instruction >> 5 & 3, instruction >> 7 & 0x1F, carry_of(vcpu))
