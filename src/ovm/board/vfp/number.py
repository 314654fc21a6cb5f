# SPDX-License-Identifier: Apache-2.0
"""Numbers in single and double precision as bits, and the one place where results are rounded (ARM A2.7.7).

A *kind* is the number of fraction bits: 23 or 52. Where it is a constant, the functions shrink to the code for that kind.
A result on its way to `round_pack` is sign, biased exponent and a significand with its leading 1 at bit 62.
"""

from typing import Final

from ovm.board.vfp.state import (
    FPSCR_DN,
    FPSCR_FZ,
    FPSCR_ROUNDING,
    IDC,
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

SINGLE: Final = 23
DOUBLE: Final = 52
LEAD: Final = 62  # the place of a significand's leading 1 before rounding


@fn(inline=True)
def top(kind: u32) -> i32:
    """Return the exponent of infinities and NaNs."""
    return 0xFF if kind == SINGLE else 0x7FF


@fn(inline=True)
def bias(kind: u32) -> i32:
    """Return the exponent of 1.0."""
    return 0x7F if kind == SINGLE else 0x3FF


@fn(inline=True)
def sign_place(kind: u32) -> u32:
    """Return the number of the sign bit."""
    return 31 if kind == SINGLE else 63


@fn(inline=True)
def magnitude(kind: u32, number: u64) -> u64:
    """Return the number without its sign."""
    return number & ((u64(1) << sign_place(kind)) - 1)


@fn(inline=True)
def exponent_of(kind: u32, number: u64) -> i32:
    """Return the biased exponent."""
    return i32(u32(number >> kind)) & top(kind)


@fn(inline=True)
def fraction_of(kind: u32, number: u64) -> u64:
    """Return the fraction, without the implicit bit."""
    return number & ((u64(1) << kind) - 1)


@fn(inline=True)
def infinity(kind: u32, sign: u64) -> u64:
    """Return an infinity."""
    return (sign << sign_place(kind)) | (u64(u32(top(kind))) << kind)


@fn(inline=True)
def is_nan(kind: u32, number: u64) -> bool:
    """Tell whether it is a NaN."""
    return magnitude(kind, number) > infinity(kind, 0)


@fn(inline=True)
def is_signalling(kind: u32, number: u64) -> bool:
    """Tell whether it is a NaN that signals."""
    return is_nan(kind, number) and (number >> (kind - 1)) & 1 == 0


@fn(inline=True)
def is_ordinary(kind: u32, number: u64) -> bool:
    """Return whether it is normal: no zero, denormal, infinity or NaN."""
    return u32(exponent_of(kind, number) - 1) < u32(top(kind) - 1)


@fn(inline=True)
def default_nan(kind: u32) -> u64:
    """Return the NaN that replaces all others with FPSCR.DN."""
    return infinity(kind, 0) | (u64(1) << (kind - 1))


@fn(inline=True)
def invalid(kind: u32) -> u64:
    """Return the result of an invalid operation."""
    raise_flags(IOC)
    return default_nan(kind)


@fn(inline=False)
def propagate(kind: u32, left: u64, right: u64, control: u32) -> u64:
    """Return the result of two operands of which one is a NaN: a signalling NaN before a quiet one (ARM A2.7.4)."""
    chosen = left if is_nan(kind, left) else right
    if is_signalling(kind, left) or is_signalling(kind, right):
        chosen = left if is_signalling(kind, left) else right
        raise_flags(IOC)
    if control & FPSCR_DN != 0:
        return default_nan(kind)
    return chosen | (u64(1) << (kind - 1))


@fn(inline=True)
def squash(kind: u32, number: u64, control: u32) -> u64:
    """Return the operand after flush-to-zero."""
    if control & FPSCR_FZ == 0 or exponent_of(kind, number) != 0 or fraction_of(kind, number) == 0:
        return number
    raise_flags(IDC)
    return number & (u64(1) << sign_place(kind))


@fn(inline=True)
def shift_jam(value: u64, count: u32) -> u64:
    """Shift right; bit 0 is set if any bit that falls out is."""
    if count == 0:
        return value
    if count >= 64:
        return u64(value != 0)
    return (value >> count) | u64(value << (64 - count) != 0)


@fn(inline=True)
def _increment(sign: u64, significand: u64, shift: u32, rounding: u32) -> u64:
    """Return the increment that rounds when it is added before the cut."""
    if rounding == ROUND_NEAREST:
        return (u64(1) << (shift - 1)) - 1 + ((significand >> shift) & 1)
    away = (rounding == ROUND_UP and sign == 0) or (rounding == ROUND_DOWN and sign != 0)
    return (u64(1) << shift) - 1 if away else 0


@fn(inline=True)
def round_pack(kind: u32, sign: u64, exponent: i32, significand: u64, control: u32) -> u64:
    """Round to a number of the kind (ARM A2.7.7, FPRound); the significand is not 0."""
    if u32(exponent - 1) >= u32(top(kind) - 2):
        return _round_far(kind, sign, exponent, significand, control)
    shift = LEAD - kind
    if significand << (64 - shift) != 0:
        raise_flags(IXC)
    rounded = (significand + _increment(sign, significand, shift, control & FPSCR_ROUNDING)) >> shift
    return (sign << sign_place(kind)) + (u64(u32(exponent - 1)) << kind) + rounded


@fn(inline=False)
def _round_far(kind: u32, sign: u64, exponent: i32, significand: u64, control: u32) -> u64:
    """Round a number that may be tiny or overflow."""
    shift = LEAD - kind
    if exponent >= top(kind):
        return overflow(kind, sign, control)
    place = max(exponent, i32(1))
    kept = significand
    if exponent < 1:
        if control & FPSCR_FZ != 0:
            raise_flags(UFC)
            return sign << sign_place(kind)
        kept = shift_jam(significand, u32(1 - exponent))
    rounded = (kept + _increment(sign, kept, shift, control & FPSCR_ROUNDING)) >> shift
    result = (u64(u32(place - 1)) << kind) + rounded
    if result >= infinity(kind, 0):
        return overflow(kind, sign, control)
    if kept << (64 - shift) != 0:
        raise_flags(IXC | UFC if exponent < 1 else IXC)
    return (sign << sign_place(kind)) | result


@fn
def overflow(kind: u32, sign: u64, control: u32) -> u64:
    """Return the result of an overflow: an infinity, or the largest number if rounding goes towards zero."""
    raise_flags(OFC | IXC)
    rounding = control & FPSCR_ROUNDING
    outward = (rounding == ROUND_UP and sign == 0) or (rounding == ROUND_DOWN and sign != 0)
    if rounding == ROUND_NEAREST or outward:
        return infinity(kind, sign)
    return infinity(kind, sign) - 1


@fn(inline=True)
def normalised(kind: u32, number: u64) -> u64:
    """Return the significand of a number that is not 0, its leading 1 at LEAD."""
    if exponent_of(kind, number) == 0:
        fraction = fraction_of(kind, number)
        return fraction << (clz(fraction) - 1)
    return (fraction_of(kind, number) | (u64(1) << kind)) << (LEAD - kind)


@fn(inline=True)
def true_exponent(kind: u32, number: u64) -> i32:
    """Return the biased exponent that belongs to `normalised`, below 1 for denormals."""
    if exponent_of(kind, number) == 0:
        return 1 - (i32(u32(clz(fraction_of(kind, number)))) - (63 - i32(kind)))
    return exponent_of(kind, number)
