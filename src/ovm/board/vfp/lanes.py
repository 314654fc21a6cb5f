# SPDX-License-Identifier: Apache-2.0
"""What Advanced SIMD does to one lane: integers of three registers (ARM A7.4.1, A7.4.2, A7.4.3).

Every lane function takes the operands x, y and the destination z, extended to 64 bits as the instruction's type says,
log2 of the element's bytes, and whether the type is unsigned. Of its result the caller takes as many bits as fit.
"""

from typing import Final

from ovm.board.vfp.state import FPSCR_QC, raise_flags
from ovm.metal import fn, i64, u32, u64

ONES: Final = 0xFFFF_FFFF_FFFF_FFFF
SMALLEST: Final = 1 << 63


@fn(inline=True)
def extend(value: u64, size: u32, unsigned: bool) -> u64:
    """Extend the lowest element of a size to 64 bits."""
    shift = u32(64) - (u32(8) << size)
    if unsigned:
        return (value << shift) >> shift
    return u64(i64(value << shift) >> shift)


@fn(inline=True)
def truth(condition: bool) -> u64:
    """Return what a comparison leaves."""
    return u64(ONES) if condition else u64(0)


@fn(inline=False)
def saturate(value: u64, size: u32, unsigned: bool) -> u64:
    """Return a signed value as near as an element of up to 32 bits holds it; QC tells when it is not equal."""
    bits = u32(8) << size
    highest = (i64(1) << bits) - 1 if unsigned else (i64(1) << (bits - 1)) - 1
    lowest = i64(0) if unsigned else -highest - 1
    if i64(value) > highest:
        raise_flags(u32(FPSCR_QC))
        return u64(highest)
    if i64(value) < lowest:
        raise_flags(u32(FPSCR_QC))
        return u64(lowest)
    return value


@fn(inline=True)
def limit(negative: bool, size: u32, unsigned: bool) -> u64:
    """Return the element nearest to what is out of range."""
    raise_flags(u32(FPSCR_QC))
    bits = u32(8) << size
    if unsigned:
        return u64(0) if negative else u64(ONES) >> (64 - bits)
    return u64(ONES) << (bits - 1) if negative else (u64(1) << (bits - 1)) - 1


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


@fn(inline=False)
def halving_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VHADD."""
    return u64(i64(x + y) >> 1)


@fn(inline=False)
def rounding_halving_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VRHADD."""
    return u64(i64(x + y + 1) >> 1)


@fn(inline=False)
def halving_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VHSUB."""
    return u64(i64(x - y) >> 1)


@fn(inline=False)
def saturating_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VQADD."""
    return sum_limited(x, y, size, unsigned)


@fn(inline=False)
def saturating_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VQSUB."""
    return difference_limited(x, y, size, unsigned)


@fn(inline=False)
def greater(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VCGT."""
    return truth(i64(x) > i64(y))


@fn(inline=False)
def greater_equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VCGE."""
    return truth(i64(x) >= i64(y))


@fn(inline=False)
def equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VCEQ."""
    return truth(x == y)


@fn(inline=False)
def less(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VCLT with zero."""
    return truth(i64(x) < i64(y))


@fn(inline=False)
def less_equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VCLE with zero."""
    return truth(i64(x) <= i64(y))


@fn(inline=False)
def test(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VTST."""
    return truth(x & y != 0)


@fn(inline=False)
def largest(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VMAX, VPMAX."""
    return u64(max(i64(x), i64(y)))


@fn(inline=False)
def smallest(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VMIN, VPMIN."""
    return u64(min(i64(x), i64(y)))


@fn(inline=False)
def distance(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VABD, VABDL."""
    return x - y if i64(x) > i64(y) else y - x


@fn(inline=False)
def distance_accumulate(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VABA, VABAL."""
    return z + (x - y if i64(x) > i64(y) else y - x)


@fn(inline=False)
def add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VADD, VADDL, VADDW, VPADD."""
    return x + y


@fn(inline=False)
def subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VSUB, VSUBL, VSUBW."""
    return x - y


@fn(inline=False)
def multiply(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VMUL, VMULL."""
    return x * y


@fn(inline=False)
def multiply_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VMLA, VMLAL."""
    return z + x * y


@fn(inline=False)
def multiply_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VMLS, VMLSL."""
    return z - x * y


@fn(inline=False)
def multiply_polynomial(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VMUL.P8, VMULL.P8: coefficients modulo 2."""
    product = u64(0)
    for bit in u32.range(8):
        if (y >> bit) & 1 != 0:
            product ^= (x & 0xFF) << bit
    return product


@fn(inline=False)
def double_high(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VQDMULH."""
    return saturate(u64(i64(x * y) >> ((u32(8) << size) - 1)), size, False)


@fn(inline=False)
def double_high_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VQRDMULH."""
    bits = u32(8) << size
    return saturate(u64(i64(x * y + (u64(1) << (bits - 2))) >> (bits - 1)), size, False)


@fn(inline=True)
def _doubled(x: u64, y: u64, size: u32) -> u64:
    product = x * y
    return sum_limited(product, product, size + 1, False)


@fn(inline=False)
def double_long(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VQDMULL."""
    return _doubled(x, y, size)


@fn(inline=False)
def double_long_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VQDMLAL."""
    return sum_limited(z, _doubled(x, y, size), size + 1, False)


@fn(inline=False)
def double_long_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VQDMLSL."""
    return difference_limited(z, _doubled(x, y, size), size + 1, False)


@fn(inline=False)
def add_high(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VADDHN."""
    return (x + y) >> (u32(8) << size)


@fn(inline=False)
def subtract_high(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VSUBHN."""
    return (x - y) >> (u32(8) << size)


@fn(inline=False)
def add_high_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VRADDHN."""
    bits = u32(8) << size
    return (x + y + (u64(1) << (bits - 1))) >> bits


@fn(inline=False)
def subtract_high_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """VRSUBHN."""
    bits = u32(8) << size
    return (x - y + (u64(1) << (bits - 1))) >> bits
