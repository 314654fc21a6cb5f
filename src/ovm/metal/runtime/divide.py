# SPDX-License-Identifier: Apache-2.0
"""Division for a processor without a divide instruction (Cortex-A9).

Shift and subtract, beginning where the operands' leading bits meet: at most as many turns as the quotient has bits.
Division by zero gives 0 and leaves the dividend as remainder; signed results round to minus infinity.
"""

from ovm.metal import bound, clz, fn, i32, i64, u32, u64


@fn
def u32_divide(dividend: u32, divisor: u32) -> u32:
    """Return dividend // divisor."""
    if divisor == 0 or divisor > dividend:
        return u32(0)
    shift = clz(divisor) - clz(dividend)
    part = divisor << shift
    rest = dividend
    quotient = u32(0)
    bit = u32(1) << shift
    while bit != 0:
        bound(32)
        if rest >= part:
            rest -= part
            quotient |= bit
        part = part >> 1
        bit = bit >> 1
    return quotient


@fn
def u32_modulo(dividend: u32, divisor: u32) -> u32:
    """Return dividend % divisor."""
    return dividend - u32_divide(dividend, divisor) * divisor


@fn
def i32_divide(dividend: i32, divisor: i32) -> i32:
    """Return dividend // divisor."""
    top = u32(dividend)
    bottom = u32(divisor)
    if dividend < 0:
        top = -top
    if divisor < 0:
        bottom = -bottom
    quotient = u32_divide(top, bottom)
    if (dividend < 0) != (divisor < 0):
        if quotient * bottom != top and bottom != 0:
            quotient += 1
        quotient = -quotient
    return i32(quotient)


@fn
def i32_modulo(dividend: i32, divisor: i32) -> i32:
    """Return dividend % divisor."""
    return dividend - i32_divide(dividend, divisor) * divisor


@fn
def u64_divide(dividend: u64, divisor: u64) -> u64:
    """Return dividend // divisor."""
    if dividend >> 32 == 0 and divisor >> 32 == 0:
        return u64(u32_divide(u32(dividend), u32(divisor)))
    if divisor == 0 or divisor > dividend:
        return u64(0)
    shift = clz(divisor) - clz(dividend)
    part = divisor << shift
    rest = dividend
    quotient = u64(0)
    bit = u64(1) << shift
    while bit != 0:
        bound(64)
        if rest >= part:
            rest -= part
            quotient |= bit
        part = part >> 1
        bit = bit >> 1
    return quotient


@fn
def u64_modulo(dividend: u64, divisor: u64) -> u64:
    """Return dividend % divisor."""
    return dividend - u64_divide(dividend, divisor) * divisor


@fn
def i64_divide(dividend: i64, divisor: i64) -> i64:
    """Return dividend // divisor."""
    top = u64(dividend)
    bottom = u64(divisor)
    if dividend < 0:
        top = -top
    if divisor < 0:
        bottom = -bottom
    quotient = u64_divide(top, bottom)
    if (dividend < 0) != (divisor < 0):
        if quotient * bottom != top and bottom != 0:
            quotient += 1
        quotient = -quotient
    return i64(quotient)


@fn
def i64_modulo(dividend: i64, divisor: i64) -> i64:
    """Return dividend % divisor."""
    return dividend - i64_divide(dividend, divisor) * divisor
