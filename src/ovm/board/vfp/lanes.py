# SPDX-License-Identifier: Apache-2.0
"""Lane functions of Advanced SIMD: integers of three registers (ARM A7.4.1, A7.4.2, A7.4.3).

Every lane function takes the operands x, y and the destination z, extended to 64 bits as the instruction's type says,
log2 of the element's bytes, and whether the type is unsigned. Of its result the caller takes as many bits as fit.
"""

from ovm.board.vfp.element import difference_limited, saturate, sum_limited, truth
from ovm.metal import fn, i64, u32, u64


@fn(inline=False)
def halving_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VHADD."""
    return u64(i64(x + y) >> 1)


@fn(inline=False)
def rounding_halving_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRHADD."""
    return u64(i64(x + y + 1) >> 1)


@fn(inline=False)
def halving_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VHSUB."""
    return u64(i64(x - y) >> 1)


@fn(inline=False)
def saturating_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQADD."""
    return sum_limited(x, y, size, unsigned)


@fn(inline=False)
def saturating_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQSUB."""
    return difference_limited(x, y, size, unsigned)


@fn(inline=False)
def greater(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCGT."""
    return truth(i64(x) > i64(y))


@fn(inline=False)
def greater_equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCGE."""
    return truth(i64(x) >= i64(y))


@fn(inline=False)
def equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCEQ."""
    return truth(x == y)


@fn(inline=False)
def less(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCLT with zero."""
    return truth(i64(x) < i64(y))


@fn(inline=False)
def less_equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCLE with zero."""
    return truth(i64(x) <= i64(y))


@fn(inline=False)
def test(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VTST."""
    return truth(x & y != 0)


@fn(inline=False)
def largest(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMAX, VPMAX."""
    return u64(max(i64(x), i64(y)))


@fn(inline=False)
def smallest(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMIN, VPMIN."""
    return u64(min(i64(x), i64(y)))


@fn(inline=False)
def distance(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VABD, VABDL."""
    return x - y if i64(x) > i64(y) else y - x


@fn(inline=False)
def distance_accumulate(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VABA, VABAL."""
    return z + (x - y if i64(x) > i64(y) else y - x)


@fn(inline=False)
def add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VADD, VADDL, VADDW, VPADD."""
    return x + y


@fn(inline=False)
def subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSUB, VSUBL, VSUBW."""
    return x - y


@fn(inline=False)
def multiply(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMUL, VMULL."""
    return x * y


@fn(inline=False)
def multiply_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMLA, VMLAL."""
    return z + x * y


@fn(inline=False)
def multiply_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMLS, VMLSL."""
    return z - x * y


@fn(inline=False)
def multiply_polynomial(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMUL.P8, VMULL.P8: coefficients modulo 2."""
    product = u64(0)
    for bit in u32.range(8):
        if (y >> bit) & 1 != 0:
            product ^= (x & 0xFF) << bit
    return product


@fn(inline=False)
def double_high(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQDMULH."""
    return saturate(u64(i64(x * y) >> ((8 << size) - 1)), size, False)


@fn(inline=False)
def double_high_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQRDMULH."""
    bits = 8 << size
    return saturate(u64(i64(x * y + (u64(1) << (bits - 2))) >> (bits - 1)), size, False)


@fn(inline=True)
def _doubled(x: u64, y: u64, size: u32) -> u64:
    product = x * y
    return sum_limited(product, product, size + 1, False)


@fn(inline=False)
def double_long(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQDMULL."""
    return _doubled(x, y, size)


@fn(inline=False)
def double_long_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQDMLAL."""
    return sum_limited(z, _doubled(x, y, size), size + 1, False)


@fn(inline=False)
def double_long_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQDMLSL."""
    return difference_limited(z, _doubled(x, y, size), size + 1, False)


@fn(inline=False)
def add_high(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VADDHN."""
    return (x + y) >> (8 << size)


@fn(inline=False)
def subtract_high(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSUBHN."""
    return (x - y) >> (8 << size)


@fn(inline=False)
def add_high_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRADDHN."""
    bits = 8 << size
    return (x + y + (u64(1) << (bits - 1))) >> bits


@fn(inline=False)
def subtract_high_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRSUBHN."""
    bits = 8 << size
    return (x - y + (u64(1) << (bits - 1))) >> bits
