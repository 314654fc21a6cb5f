# SPDX-License-Identifier: Apache-2.0
"""Sum, product, quotient and square root (ARM A2.7.7), each written once for both kinds."""

from typing import Final

from ovm.board.vfp.number import (
    DOUBLE,
    LEAD,
    SINGLE,
    bias,
    exponent_of,
    fraction_of,
    infinity,
    invalid,
    is_nan,
    is_ordinary,
    magnitude,
    normalised,
    propagate,
    round_pack,
    shift_jam,
    sign_place,
    squash,
    top,
    true_exponent,
)
from ovm.board.vfp.state import DZC, FPSCR_ROUNDING, ROUND_DOWN, raise_flags
from ovm.metal import clz, fn, i32, u32, u64

_LOW: Final = 0xFFFF_FFFF


@fn(inline=True)
def _add(kind: u32, left: u64, right: u64, control: u32) -> u64:
    a = left
    b = right
    if not is_ordinary(kind, a) or not is_ordinary(kind, b):
        a = squash(kind, left, control)
        b = squash(kind, right, control)
        if exponent_of(kind, a) == top(kind) or exponent_of(kind, b) == top(kind):
            return _add_infinite(kind, a, b, control)
    if magnitude(kind, a) < magnitude(kind, b):
        c = a
        a = b
        b = c
    sign = a >> sign_place(kind)
    same = sign == b >> sign_place(kind)
    exponent = exponent_of(kind, a)
    lesser = exponent_of(kind, b)
    shift = (LEAD - 1) - kind
    large = (fraction_of(kind, a) | (u64(exponent != 0) << kind)) << shift
    small = (fraction_of(kind, b) | (u64(lesser != 0) << kind)) << shift
    exponent = max(exponent, i32(1))
    small = shift_jam(small, u32(exponent - max(lesser, 1)))
    total = large + small if same else large - small
    if total == 0:
        negative = sign != 0 if same else control & FPSCR_ROUNDING == ROUND_DOWN
        return u64(negative) << sign_place(kind)
    ahead = u32(clz(total)) - 1
    return round_pack(kind, sign, exponent + 1 - i32(ahead), total << ahead, control)


@fn(inline=False)
def _add_infinite(kind: u32, left: u64, right: u64, control: u32) -> u64:
    if is_nan(kind, left) or is_nan(kind, right):
        return propagate(kind, left, right, control)
    if exponent_of(kind, left) != top(kind):
        return right
    if exponent_of(kind, right) == top(kind) and left != right:
        return invalid(kind)
    return left


@fn(inline=True)
def _high_product(left: u64, right: u64) -> u64:
    """Return the upper 64 bits of the product; bit 0 is set if any of the lower ones is."""
    low = (left & _LOW) * (right & _LOW)
    cross = (left & _LOW) * (right >> 32)
    other = (left >> 32) * (right & _LOW)
    middle = (low >> 32) + (cross & _LOW) + (other & _LOW)
    high = (left >> 32) * (right >> 32) + (cross >> 32) + (other >> 32) + (middle >> 32)
    return high | u64((middle << 32) | (low & _LOW) != 0)


@fn(inline=True)
def _product(kind: u32, sign: u64, exponent: i32, left: u64, right: u64, control: u32) -> u64:
    """Round a product; the significands have their leading 1 at LEAD."""
    if kind == SINGLE:
        product = (left >> 39) * (right >> 39) << 15
    else:
        product = _high_product(left, right << 1)
    # Its leading 1 is at 61 or 62.
    ahead = u32(product >> LEAD == 0)
    return round_pack(kind, sign, exponent - bias(kind) + 1 - i32(ahead), product << ahead, control)


@fn(inline=True)
def _multiply(kind: u32, left: u64, right: u64, control: u32) -> u64:
    if not is_ordinary(kind, left) or not is_ordinary(kind, right):
        return _multiply_rare(kind, left, right, control)
    sign = (left ^ right) >> sign_place(kind)
    exponent = exponent_of(kind, left) + exponent_of(kind, right)
    return _product(kind, sign, exponent, normalised(kind, left), normalised(kind, right), control)


@fn(inline=False)
def _multiply_rare(kind: u32, left: u64, right: u64, control: u32) -> u64:
    a = squash(kind, left, control)
    b = squash(kind, right, control)
    sign = (a ^ b) >> sign_place(kind)
    if is_nan(kind, a) or is_nan(kind, b):
        return propagate(kind, a, b, control)
    zero = magnitude(kind, a) == 0 or magnitude(kind, b) == 0
    if exponent_of(kind, a) == top(kind) or exponent_of(kind, b) == top(kind):
        return invalid(kind) if zero else infinity(kind, sign)
    if zero:
        return sign << sign_place(kind)
    exponent = true_exponent(kind, a) + true_exponent(kind, b)
    return _product(kind, sign, exponent, normalised(kind, a), normalised(kind, b), control)


@fn(inline=True)
def _quotient(kind: u32, left: u64, right: u64) -> u64:
    """Divide significands, leading 1 at `kind`: 39 bits (single) or 56 at least; bit 0 is set if there is a rest."""
    if kind == SINGLE:
        quotient = (left << 39) // right
        return quotient | u64((left << 39) % right != 0)
    quotient = left // right
    rest = left % right
    for _ in u32.range(5):
        quotient = (quotient << 11) | ((rest << 11) // right)
        rest = (rest << 11) % right
    return quotient | u64(rest != 0)


@fn(inline=True)
def _divide(kind: u32, left: u64, right: u64, control: u32) -> u64:
    a = left
    b = right
    sign = (left ^ right) >> sign_place(kind)
    if not is_ordinary(kind, a) or not is_ordinary(kind, b):
        a = squash(kind, left, control)
        b = squash(kind, right, control)
        numbers = exponent_of(kind, a) != top(kind) and exponent_of(kind, b) != top(kind)
        if not numbers or magnitude(kind, a) == 0 or magnitude(kind, b) == 0:
            return _divide_special(kind, a, b, control)
    shift = LEAD - kind
    quotient = _quotient(kind, normalised(kind, a) >> shift, normalised(kind, b) >> shift)
    # Its leading 1 is at 39 or 38 (single), 55 or 54.
    full = i32(39 if kind == SINGLE else 55)
    ahead = u32(clz(quotient)) - 1
    exponent = true_exponent(kind, a) - true_exponent(kind, b) + bias(kind) + (LEAD - full) - i32(ahead)
    return round_pack(kind, sign, exponent, quotient << ahead, control)


@fn(inline=False)
def _divide_special(kind: u32, left: u64, right: u64, control: u32) -> u64:
    sign = (left ^ right) >> sign_place(kind)
    if is_nan(kind, left) or is_nan(kind, right):
        return propagate(kind, left, right, control)
    left_infinite = exponent_of(kind, left) == top(kind)
    right_infinite = exponent_of(kind, right) == top(kind)
    left_zero = magnitude(kind, left) == 0
    if (left_infinite and right_infinite) or (left_zero and magnitude(kind, right) == 0):
        return invalid(kind)
    if left_infinite:
        return infinity(kind, sign)
    if left_zero or right_infinite:
        return sign << sign_place(kind)
    raise_flags(DZC)
    return infinity(kind, sign)


@fn
def _square_root(kind: u32, operand: u64, control: u32) -> u64:
    number = squash(kind, operand, control)
    if is_nan(kind, number):
        return propagate(kind, number, number, control)
    if magnitude(kind, number) == 0:
        return number
    if number >> sign_place(kind) != 0:
        return invalid(kind)
    if exponent_of(kind, number) == top(kind):
        return number
    power = true_exponent(kind, number) - bias(kind)
    # The radicand is significand * 2^(power odd): two bits at a time into `rest`, from bit 63 down.
    left = normalised(kind, number) << (u32(power) & 1)
    rest = u64(0)
    root = u64(0)
    for _ in u32.range(56):
        rest = (rest << 2) | (left >> 62)
        left <<= 2
        root <<= 1
        if rest > root << 1:
            rest -= (root << 1) + 1
            root += 1
    # 56 bits of root: its leading 1 is at 55.
    significand = (root << 7) | u64(rest != 0)
    return round_pack(kind, 0, (power >> 1) + bias(kind), significand, control)


@fn(inline=False)
def add_single(left: u32, right: u32, control: u32) -> u32:
    """Return the sum."""
    return u32(_add(SINGLE, u64(left), u64(right), control))


@fn(inline=False)
def add_double(left: u64, right: u64, control: u32) -> u64:
    """Return the sum."""
    return _add(DOUBLE, left, right, control)


@fn(inline=False)
def multiply_single(left: u32, right: u32, control: u32) -> u32:
    """Return the product."""
    return u32(_multiply(SINGLE, u64(left), u64(right), control))


@fn(inline=False)
def multiply_double(left: u64, right: u64, control: u32) -> u64:
    """Return the product."""
    return _multiply(DOUBLE, left, right, control)


@fn(inline=False)
def divide_single(left: u32, right: u32, control: u32) -> u32:
    """Return the quotient."""
    return u32(_divide(SINGLE, u64(left), u64(right), control))


@fn(inline=False)
def divide_double(left: u64, right: u64, control: u32) -> u64:
    """Return the quotient."""
    return _divide(DOUBLE, left, right, control)


@fn(inline=False)
def square_root(kind: u32, number: u64, control: u32) -> u64:
    """Return the square root."""
    return _square_root(kind, number, control)
