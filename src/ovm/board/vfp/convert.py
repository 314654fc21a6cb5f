# SPDX-License-Identifier: Apache-2.0
"""Conversions between kinds of numbers: integers, fixed point, single, double, half (ARM A2.7.8)."""

from typing import Final

from ovm.board.vfp.number import (
    DOUBLE,
    LEAD,
    SINGLE,
    bias,
    exponent_of,
    fraction_of,
    infinity,
    is_nan,
    is_signalling,
    magnitude,
    normalised,
    propagate,
    round_pack,
    shift_jam,
    sign_place,
    squash,
    true_exponent,
)
from ovm.board.vfp.state import (
    FPSCR_AHP,
    FPSCR_DN,
    FPSCR_ROUNDING,
    IOC,
    IXC,
    OFC,
    ROUND_DOWN,
    ROUND_NEAREST,
    ROUND_UP,
    UFC,
    raise_flags,
)
from ovm.metal import clz, fn, i32, u32, u64

HALF: Final = 10


@fn(inline=False)
def from_integer(kind: u32, value: u32, signed: bool, fraction_bits: u32, control: u32) -> u64:
    """Return an integer over 2^fraction_bits; `value` is extended to 32 bits."""
    negative = signed and value >> 31 != 0
    size = u64(0 - value) if negative else u64(value)
    if size == 0:
        return 0
    ahead = u32(clz(size)) - 1
    exponent = bias(kind) + LEAD - i32(ahead) - i32(fraction_bits)
    return round_pack(kind, u64(negative), exponent, size << ahead, control)


@fn(inline=False)
def to_integer(kind: u32, operand: u64, signed: bool, width: u32, fraction_bits: u32, control: u32) -> u32:
    """Return number * 2^fraction_bits as an integer of `width` bits, saturated (ARM A2.7.8, FPToFixed)."""
    number = squash(kind, operand, control)
    if is_nan(kind, number):
        raise_flags(IOC)
        return 0
    if magnitude(kind, number) == 0:
        return 0
    negative = number >> sign_place(kind) != 0
    place = true_exponent(kind, number) - bias(kind) + i32(fraction_bits)
    if place > 40:
        return _saturated(signed, width, negative)
    # The point goes to bit 64 of the pair (whole, rest).
    significand = normalised(kind, number)
    whole = u64(0)
    rest = shift_jam(significand, u32(max((-2) - place, i32(0))))
    if place >= -1:
        whole = significand >> u32(LEAD - place)
        rest = significand << u32(place + 2)
    if _rounds_up(whole, rest, negative, control & FPSCR_ROUNDING):
        whole += 1
    limit = (u64(1) << (width - u32(signed))) - u64(not (signed and negative))
    if not signed and negative:
        limit = u64(0)
    if whole > limit:
        return _saturated(signed, width, negative)
    if rest != 0:
        raise_flags(IXC)
    return 0 - u32(whole) if negative else u32(whole)


@fn(inline=True)
def _rounds_up(whole: u64, rest: u64, negative: bool, rounding: u32) -> bool:
    if rounding == ROUND_NEAREST:
        return rest > 1 << 63 or (rest == 1 << 63 and whole & 1 != 0)
    outward = rounding == ROUND_DOWN if negative else rounding == ROUND_UP
    return outward and rest != 0


@fn
def _saturated(signed: bool, width: u32, negative: bool) -> u32:
    raise_flags(IOC)
    if signed:
        highest = (1 << (width - 1)) - 1
        return ~highest if negative else highest
    return 0 if negative else u32((u64(1) << width) - 1)


@fn(inline=False)
def single_to_double(operand: u32, control: u32) -> u64:
    """Widen a single to a double."""
    number = squash(SINGLE, u64(operand), control)
    sign = number >> 31
    if is_nan(SINGLE, number):
        quiet = propagate(SINGLE, number, number, control)
        return ((quiet >> 31) << 63) | (u64(0x7FF) << DOUBLE) | ((quiet & 0x7F_FFFF) << (DOUBLE - SINGLE))
    if exponent_of(SINGLE, number) == 0xFF:
        return infinity(DOUBLE, sign)
    if magnitude(SINGLE, number) == 0:
        return sign << 63
    exponent = true_exponent(SINGLE, number) + (0x3FF - 0x7F)
    return round_pack(DOUBLE, sign, exponent, normalised(SINGLE, number), control)


@fn(inline=False)
def double_to_single(operand: u64, control: u32) -> u32:
    """Narrow a double to a single."""
    number = squash(DOUBLE, operand, control)
    sign = number >> 63
    if is_nan(DOUBLE, number):
        quiet = propagate(DOUBLE, number, number, control)
        return (u32(quiet >> 63) << 31) | 0x7F80_0000 | (u32(quiet >> (DOUBLE - SINGLE)) & 0x7F_FFFF)
    if exponent_of(DOUBLE, number) == 0x7FF:
        return u32(infinity(SINGLE, sign))
    if magnitude(DOUBLE, number) == 0:
        return u32(sign << 31)
    exponent = true_exponent(DOUBLE, number) - (0x3FF - 0x7F)
    return u32(round_pack(SINGLE, sign, exponent, normalised(DOUBLE, number), control))


@fn(inline=False)
def half_to_single(half: u32, control: u32) -> u32:
    """Widen half precision, in the IEEE format or the alternative one, which has neither infinities nor NaNs."""
    sign = (half & 0x8000) << 16
    exponent = (half >> HALF) & 0x1F
    fraction = half & 0x3FF
    if exponent == 0x1F and control & FPSCR_AHP == 0:
        if fraction == 0:
            return sign | 0x7F80_0000
        return u32(propagate(SINGLE, u64(sign | 0x7F80_0000 | (fraction << 13)), 0, control))
    if exponent == 0:
        if fraction == 0:
            return sign
        ahead = u32(clz(fraction)) - 21
        return sign | (((0x7F - 14) - ahead) << SINGLE) | (((fraction << ahead) & 0x3FF) << 13)
    return sign | ((exponent + (0x7F - 15)) << SINGLE) | (fraction << 13)


@fn(inline=False)
def single_to_half(operand: u32, control: u32) -> u32:
    """Narrow to half precision; FPSCR.FZ does not reach the result."""
    number = squash(SINGLE, u64(operand), control)
    sign = u32(number >> 31) << 15
    alternative = control & FPSCR_AHP != 0
    if is_nan(SINGLE, number):
        return _nan_to_half(number, sign, control)
    if exponent_of(SINGLE, number) == 0xFF:
        if alternative:
            raise_flags(IOC)
            return sign | 0x7FFF
        return sign | 0x7C00
    if magnitude(SINGLE, number) == 0:
        return sign
    exponent = true_exponent(SINGLE, number) - (0x7F - 15)
    kept = shift_jam(normalised(SINGLE, number), u32(max(1 - exponent, i32(0))))
    return _round_half(sign, exponent, kept, control)


@fn
def _nan_to_half(number: u64, sign: u32, control: u32) -> u32:
    if control & FPSCR_AHP != 0:
        raise_flags(IOC)
        return sign
    if is_signalling(SINGLE, number):
        raise_flags(IOC)
    if control & FPSCR_DN != 0:
        return 0x7E00
    return sign | 0x7E00 | (u32(fraction_of(SINGLE, number) >> 13) & 0x1FF)


@fn
def _round_half(sign: u32, exponent: i32, kept: u64, control: u32) -> u32:
    """Round a significand with its leading 1 at LEAD, already shifted where the exponent is below 1."""
    whole = kept >> (LEAD - HALF)
    rest = kept << (64 - (LEAD - HALF))
    rounding = control & FPSCR_ROUNDING
    if _rounds_up(whole, rest, sign != 0, rounding):
        whole += 1
    result = (u32(max(exponent, i32(1)) - 1) << HALF) + u32(whole)
    if control & FPSCR_AHP != 0 and result > 0x7FFF:
        raise_flags(IOC)
        return sign | 0x7FFF
    if control & FPSCR_AHP == 0 and result >= 0x7C00:
        raise_flags(OFC | IXC)
        outward = rounding == ROUND_DOWN if sign != 0 else rounding == ROUND_UP
        return sign | 0x7C00 if outward or rounding == ROUND_NEAREST else sign | 0x7BFF
    if rest != 0:
        raise_flags(IXC | UFC if exponent < 1 else IXC)
    return sign | result
