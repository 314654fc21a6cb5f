# SPDX-License-Identifier: Apache-2.0
"""Elements of Advanced SIMD as 64-bit values: extending, and saturating with FPSCR.QC (ARM A2.6.3, SatQ).

A size is log2 of an element's bytes.
"""

from typing import Final

from ovm.board.vfp.state import FPSCR_QC, raise_flags
from ovm.metal import fn, i64, u32, u64

ONES: Final = u64(0xFFFF_FFFF_FFFF_FFFF)


@fn(inline=True)
def extend(value: u64, size: u32, unsigned: bool) -> u64:
    """Extend the lowest element of a size to 64 bits."""
    shift = 64 - (8 << size)
    if unsigned:
        return (value << shift) >> shift
    return u64(i64(value << shift) >> shift)


@fn(inline=True)
def truth(condition: bool) -> u64:
    """Return the result of a comparison."""
    return ONES if condition else 0


@fn(inline=False)
def saturate(value: u64, size: u32, unsigned: bool) -> u64:
    """Return the nearest value to a signed one that an element of up to 32 bits can hold; set QC if it differs."""
    bits = 8 << size
    highest = (i64(1) << bits) - 1 if unsigned else (i64(1) << (bits - 1)) - 1
    lowest = i64(0) if unsigned else -highest - 1
    if i64(value) > highest:
        raise_flags(FPSCR_QC)
        return u64(highest)
    if i64(value) < lowest:
        raise_flags(FPSCR_QC)
        return u64(lowest)
    return value


@fn(inline=True)
def limit(negative: bool, size: u32, unsigned: bool) -> u64:
    """Return the element nearest to a value out of range."""
    raise_flags(FPSCR_QC)
    bits = 8 << size
    if unsigned:
        return 0 if negative else ONES >> (64 - bits)
    return ONES << (bits - 1) if negative else (u64(1) << (bits - 1)) - 1


@fn(inline=False)
def sum_limited(x: u64, y: u64, size: u32, unsigned: bool) -> u64:
    """Return x + y, saturated, for any size."""
    total = x + y
    if size < 3:
        return saturate(total, size, unsigned)
    if unsigned:
        return limit(False, size, unsigned) if total < x else total
    return limit(x >> 63 != 0, size, unsigned) if ((x ^ total) & (y ^ total)) >> 63 != 0 else total


@fn(inline=False)
def difference_limited(x: u64, y: u64, size: u32, unsigned: bool) -> u64:
    """Return x - y, saturated, for any size."""
    total = x - y
    if size < 3:
        return saturate(total, size, unsigned)
    if unsigned:
        return limit(True, size, unsigned) if x < y else total
    return limit(x >> 63 != 0, size, unsigned) if ((x ^ y) & (x ^ total)) >> 63 != 0 else total
