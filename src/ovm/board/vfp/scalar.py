# SPDX-License-Identifier: Apache-2.0
"""VFP data processing (ARM A7.5): the operations on registers.

`rd`, `rn`, `rm` are register numbers of the operation's precision, `imm` is the instruction in its A32 encoding.
"""

from typing import Final

from ovm.board.record import Record
from ovm.board.vfp.arithmetic import (
    add_double,
    add_single,
    divide_double,
    divide_single,
    multiply_double,
    multiply_single,
    square_root,
)
from ovm.board.vfp.number import DOUBLE, SINGLE
from ovm.board.vfp.state import Floating, get_double, set_double
from ovm.metal import fn, u32, u64

MINUS: Final = u32(1 << 31)
MINUS_DOUBLE: Final = u64(1 << 63)


@fn(inline=False)
def add_s(record: Record, state: Floating) -> None:
    """Execute VADD.F32."""
    state.words[record.rd] = add_single(state.words[record.rn], state.words[record.rm], state.fpscr)


@fn(inline=False)
def add_d(record: Record, state: Floating) -> None:
    """Execute VADD.F64."""
    set_double(state, u32(record.rd), add_double(_left(record, state), _right(record, state), state.fpscr))


@fn(inline=True)
def _left(record: Record, state: Floating) -> u64:
    return get_double(state, u32(record.rn))


@fn(inline=True)
def _right(record: Record, state: Floating) -> u64:
    return get_double(state, u32(record.rm))


@fn(inline=True)
def _is_nan_single(number: u32) -> bool:
    return number & 0x7FFF_FFFF > 0x7F80_0000


@fn(inline=True)
def _is_nan_double(number: u64) -> bool:
    return number & (MINUS_DOUBLE - 1) > 0x7FF << DOUBLE


@fn(inline=True)
def _less_single(left: u32, right: u32, control: u32) -> u32:
    """Subtract: the second operand's sign is inverted, but a NaN doesn't change (ARM A2.7.7, FPSub)."""
    return add_single(left, right if _is_nan_single(right) else right ^ MINUS, control)


@fn(inline=True)
def _less_double(left: u64, right: u64, control: u32) -> u64:
    return add_double(left, right if _is_nan_double(right) else right ^ MINUS_DOUBLE, control)


@fn(inline=False)
def subtract_single(left: u32, right: u32, control: u32) -> u32:
    """Return the difference."""
    return _less_single(left, right, control)


@fn(inline=False)
def subtract_s(record: Record, state: Floating) -> None:
    """Execute VSUB.F32."""
    state.words[record.rd] = _less_single(state.words[record.rn], state.words[record.rm], state.fpscr)


@fn(inline=False)
def subtract_d(record: Record, state: Floating) -> None:
    """Execute VSUB.F64."""
    set_double(state, u32(record.rd), _less_double(_left(record, state), _right(record, state), state.fpscr))


@fn(inline=False)
def multiply_s(record: Record, state: Floating) -> None:
    """Execute VMUL.F32."""
    state.words[record.rd] = multiply_single(state.words[record.rn], state.words[record.rm], state.fpscr)


@fn(inline=False)
def multiply_d(record: Record, state: Floating) -> None:
    """Execute VMUL.F64."""
    set_double(state, u32(record.rd), multiply_double(_left(record, state), _right(record, state), state.fpscr))


@fn(inline=False)
def negated_multiply_s(record: Record, state: Floating) -> None:
    """Execute VNMUL.F32."""
    product = multiply_single(state.words[record.rn], state.words[record.rm], state.fpscr)
    state.words[record.rd] = product ^ MINUS


@fn(inline=False)
def negated_multiply_d(record: Record, state: Floating) -> None:
    """Execute VNMUL.F64."""
    product = multiply_double(_left(record, state), _right(record, state), state.fpscr)
    set_double(state, u32(record.rd), product ^ MINUS_DOUBLE)


@fn(inline=True)
def _accumulate_s(record: Record, state: Floating, turned: u32, turned_product: u32) -> None:
    product = multiply_single(state.words[record.rn], state.words[record.rm], state.fpscr)
    state.words[record.rd] = add_single(state.words[record.rd] ^ turned, product ^ turned_product, state.fpscr)


@fn(inline=True)
def _accumulate_d(record: Record, state: Floating, turned: u64, turned_product: u64) -> None:
    product = multiply_double(_left(record, state), _right(record, state), state.fpscr)
    total = add_double(get_double(state, u32(record.rd)) ^ turned, product ^ turned_product, state.fpscr)
    set_double(state, u32(record.rd), total)


@fn(inline=False)
def accumulate_s(record: Record, state: Floating) -> None:
    """Execute VMLA, VMLS, VNMLA, VNMLS .F32: two roundings. Bit 20 turns the accumulator's sign."""
    negated = record.imm & (1 << 20) != 0
    minus = record.imm & (1 << 6) != 0
    _accumulate_s(record, state, MINUS if negated else 0, MINUS if minus else 0)


@fn(inline=False)
def accumulate_d(record: Record, state: Floating) -> None:
    """Execute VMLA, VMLS, VNMLA, VNMLS .F64."""
    negated = record.imm & (1 << 20) != 0
    minus = record.imm & (1 << 6) != 0
    _accumulate_d(record, state, MINUS_DOUBLE if negated else 0, MINUS_DOUBLE if minus else 0)


@fn(inline=False)
def divide_s(record: Record, state: Floating) -> None:
    """Execute VDIV.F32."""
    state.words[record.rd] = divide_single(state.words[record.rn], state.words[record.rm], state.fpscr)


@fn(inline=False)
def divide_d(record: Record, state: Floating) -> None:
    """Execute VDIV.F64."""
    set_double(state, u32(record.rd), divide_double(_left(record, state), _right(record, state), state.fpscr))


@fn(inline=False)
def root_s(record: Record, state: Floating) -> None:
    """Execute VSQRT.F32."""
    state.words[record.rd] = u32(square_root(SINGLE, u64(state.words[record.rm]), state.fpscr))


@fn(inline=False)
def root_d(record: Record, state: Floating) -> None:
    """Execute VSQRT.F64."""
    set_double(state, u32(record.rd), square_root(DOUBLE, _right(record, state), state.fpscr))


@fn(inline=False)
def sign_s(record: Record, state: Floating) -> None:
    """Execute VMOV, VABS, VNEG .F32: bits alone, no flags. Bit 16 is VNEG, bit 7 VABS."""
    number = state.words[record.rm]
    if record.imm & (1 << 16) != 0:
        number ^= MINUS
    elif record.imm & (1 << 7) != 0:
        number &= MINUS - 1
    state.words[record.rd] = number


@fn(inline=False)
def sign_d(record: Record, state: Floating) -> None:
    """Execute VMOV, VABS, VNEG .F64."""
    number = _right(record, state)
    if record.imm & (1 << 16) != 0:
        number ^= MINUS_DOUBLE
    elif record.imm & (1 << 7) != 0:
        number &= MINUS_DOUBLE - 1
    set_double(state, u32(record.rd), number)


@fn(inline=True)
def _immediate(record: Record) -> u32:
    return ((record.imm >> 12) & 0xF0) | (record.imm & 0xF)


@fn(inline=False)
def constant_s(record: Record, state: Floating) -> None:
    """Execute VMOV.F32 of an immediate: sign, 3 bits of exponent, 4 of fraction (ARM A7.5.1)."""
    state.words[record.rd] = u32(expand(SINGLE, _immediate(record)))


@fn(inline=False)
def constant_d(record: Record, state: Floating) -> None:
    """Execute VMOV.F64 of an immediate."""
    set_double(state, u32(record.rd), expand(DOUBLE, _immediate(record)))


@fn
def expand(kind: u32, immediate: u32) -> u64:
    """Return the value of an 8-bit constant."""
    width = u32(8 if kind == SINGLE else 11)
    repeated = (u64(1) << (width - 3)) - 1 if immediate & 0x40 != 0 else u64(0)
    inverted = u64(immediate & 0x40 == 0)
    exponent = (inverted << (width - 1)) | (repeated << 2) | u64((immediate >> 4) & 3)
    return (u64(immediate >> 7) << (kind + width)) | (exponent << kind) | (u64(immediate & 0xF) << (kind - 4))
