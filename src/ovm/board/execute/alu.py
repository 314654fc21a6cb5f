# SPDX-License-Identifier: Apache-2.0
"""Arithmetic that instructions share: shifter, adder, flags (ARM A2.2.1, A8.4.1)."""

from typing import Final

from ovm.board.state import CPU
from ovm.metal import fn, rotate_right, u32, u64

AND: Final = 0
EOR: Final = 1
SUB: Final = 2
RSB: Final = 3
ADD: Final = 4
ADC: Final = 5
SBC: Final = 6
RSC: Final = 7
TST: Final = 8
TEQ: Final = 9
CMP: Final = 10
CMN: Final = 11
ORR: Final = 12
MOV: Final = 13
BIC: Final = 14
MVN: Final = 15
ORN: Final = 16  # T32 only
# Operation of a data-processing variant, and whether it sets flags.
OPERATION: Final = 31
SETS_FLAGS: Final = 32

LSL: Final = 0
LSR: Final = 1
ASR: Final = 2
ROR: Final = 3


@fn(inline=True)
def set_result(result: u32) -> None:
    """Set N and Z."""
    CPU.negative = result
    CPU.zero = result


@fn(inline=True)
def add_with_carry(left: u32, right: u32, carry: u32, flags: bool) -> u32:
    """Add; set all four flags if asked."""
    if not flags:
        return left + right + carry
    wide = u64(left) + u64(right) + u64(carry)
    result = u32(wide)
    CPU.carry = u32(wide >> 32)
    CPU.overflow = ((left ^ result) & (right ^ result)) >> 31
    set_result(result)
    return result


@fn(inline=True)
def operate(variant: u32, left: u32, right: u32, carry: u32) -> u32:
    """Do one data-processing operation. `carry` is the shifter's carry out."""
    flags = variant & SETS_FLAGS != 0
    operation = variant & OPERATION
    if operation == SUB or operation == CMP:
        return add_with_carry(left, ~right, 1, flags)
    if operation == RSB:
        return add_with_carry(~left, right, 1, flags)
    if operation == ADD or operation == CMN:
        return add_with_carry(left, right, 0, flags)
    if operation == ADC:
        return add_with_carry(left, right, CPU.carry, flags)
    if operation == SBC:
        return add_with_carry(left, ~right, CPU.carry, flags)
    if operation == RSC:
        return add_with_carry(~left, right, CPU.carry, flags)
    result = logical(operation, left, right)
    if flags:
        CPU.carry = carry
        set_result(result)
    return result


@fn(inline=True)
def logical(operation: u32, left: u32, right: u32) -> u32:
    """Do one operation without carry chain."""
    if operation == AND or operation == TST:
        return left & right
    if operation == EOR or operation == TEQ:
        return left ^ right
    if operation == ORR:
        return left | right
    if operation == BIC:
        return left & ~right
    if operation == MVN:
        return ~right
    if operation == ORN:
        return left | ~right
    return right


@fn(inline=True)
def shift_right_arithmetic(value: u32, amount: u32) -> u32:
    """Shift with copies of the sign; amounts of 32 and more give all sign."""
    if value & 0x8000_0000 != 0:
        return ~(~value >> amount)
    return value >> amount


@fn(inline=True)
def shift(value: u32, kind: u32, amount: u32) -> u32:
    """Shift by an amount up to 255; ROR takes it modulo 32."""
    if kind == LSL:
        return value << amount
    if kind == LSR:
        return value >> amount
    if kind == ASR:
        return shift_right_arithmetic(value, amount)
    return rotate_right(value, amount)


@fn(inline=True)
def shift_carry(value: u32, kind: u32, amount: u32) -> u32:
    """Return the carry out of `shift`, for an amount of 1 to 255."""
    if kind == LSL:
        return (value >> (32 - amount)) & 1 if amount <= 32 else 0
    if kind == LSR:
        return (value >> (amount - 1)) & 1
    if kind == ASR:
        return shift_right_arithmetic(value, amount - 1) & 1
    return (value >> ((amount - 1) & 31)) & 1
