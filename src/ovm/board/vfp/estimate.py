# SPDX-License-Identifier: Apache-2.0
"""Estimates of 1/x and 1/sqrt(x) to 8 bits, and the steps that refine them (ARM A2.7.7)."""

from typing import Final

from ovm.board.vfp.arithmetic import add_single, multiply_single
from ovm.board.vfp.number import SINGLE, infinity, invalid, is_nan, magnitude, propagate, squash
from ovm.board.vfp.state import DZC, STANDARD, UFC, raise_flags
from ovm.metal import fn, table, u16, u32, u64

_TWO: Final = 0x4000_0000
_THREE: Final = 0x4040_0000
_THREE_HALVES: Final = u64(0x3FC0_0000)
_HALF: Final = 0x3F00_0000


def _root(operand: int) -> int:
    """Estimate 1/sqrt for an operand over 512 as a number over 256, by the middle of the operand's interval."""
    middle = operand * 2 + 1 if operand < 256 else (operand | 1) * 2
    square = (1 << 28) // middle
    number = square
    while number * number > square:
        number = (number + square // number) // 2
    return (number + 1) >> 1


ROOTS = table(u16, [_root(operand) for operand in range(512)])


@fn
def reciprocal(operand: u32) -> u32:
    """Return the estimate for a number of 256 to 511, over 512, in 256 to 511, over 256."""
    # 1 / ((2a + 1) / 1024), rounded: 2^19 / (2a + 1), with one more bit that rounds.
    return ((1 << 19) // (operand * 2 + 1) + 1) >> 1


@fn(inline=False)
def reciprocal_integer(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRECPE.U32."""
    operand = u32(x)
    if operand >> 31 == 0:
        return 0xFFFF_FFFF
    return u64(reciprocal(operand >> 23) << 23)


@fn(inline=False)
def root_integer(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRSQRTE.U32."""
    operand = u32(x)
    if operand >> 30 == 0:
        return 0xFFFF_FFFF
    return u64(u32(ROOTS[operand >> 23]) << 23)


@fn(inline=False)
def reciprocal_float(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRECPE.F32."""
    number = squash(SINGLE, x & 0xFFFF_FFFF, STANDARD)
    sign = number >> 31
    if is_nan(SINGLE, number):
        return propagate(SINGLE, number, number, STANDARD)
    exponent = u32(number >> 23) & 0xFF
    if exponent == 0xFF:
        return sign << 31
    if magnitude(SINGLE, number) == 0:
        raise_flags(DZC)
        return infinity(SINGLE, sign)
    if exponent >= 253:
        raise_flags(UFC)
        return sign << 31
    estimate = reciprocal(256 | (u32(number >> 15) & 0xFF))
    return (sign << 31) | (u64(253 - exponent) << 23) | (u64(estimate & 0xFF) << 15)


@fn(inline=False)
def root_float(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRSQRTE.F32."""
    number = squash(SINGLE, x & 0xFFFF_FFFF, STANDARD)
    sign = number >> 31
    if is_nan(SINGLE, number):
        return propagate(SINGLE, number, number, STANDARD)
    if magnitude(SINGLE, number) == 0:
        raise_flags(DZC)
        return infinity(SINGLE, sign)
    if sign != 0:
        return invalid(SINGLE)
    exponent = u32(number >> 23) & 0xFF
    if exponent == 0xFF:
        return 0
    fraction = u32(number >> 15) & 0xFF
    # An odd distance from 1.0 leaves a factor of 2 in the operand.
    operand = 256 | fraction if exponent & 1 == 0 else 128 | (fraction >> 1)
    estimate = u32(ROOTS[operand])
    return (u64((380 - exponent) >> 1) << 23) | (u64(estimate & 0xFF) << 15)


@fn
def _infinity_by_zero(x: u64, y: u64) -> bool:
    a = squash(SINGLE, x & 0xFFFF_FFFF, STANDARD) & 0x7FFF_FFFF
    b = squash(SINGLE, y & 0xFFFF_FFFF, STANDARD) & 0x7FFF_FFFF
    return (a == 0 and b == infinity(SINGLE, 0)) or (b == 0 and a == infinity(SINGLE, 0))


@fn(inline=True)
def _less(left: u32, product: u32) -> u32:
    """Return left - product."""
    turned = product if is_nan(SINGLE, u64(product)) else product ^ 0x8000_0000
    return add_single(left, turned, STANDARD)


@fn(inline=False)
def reciprocal_step(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRECPS: 2 - xy, 2 where infinity meets zero."""
    if _infinity_by_zero(x, y):
        return _TWO
    return u64(_less(_TWO, multiply_single(u32(x), u32(y), STANDARD)))


@fn(inline=False)
def root_step(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRSQRTS: (3 - xy) / 2, 3/2 where infinity meets zero."""
    if _infinity_by_zero(x, y):
        return _THREE_HALVES
    difference = _less(_THREE, multiply_single(u32(x), u32(y), STANDARD))
    return u64(multiply_single(difference, _HALF, STANDARD))
