# SPDX-License-Identifier: Apache-2.0
"""Lane functions of Advanced SIMD: integers of one register (ARM A7.4.5). Lane functions are described in `lanes`."""

from ovm.board.vfp.element import saturate
from ovm.metal import clz, fn, i64, u32, u64


@fn(inline=False)
def absolute(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VABS."""
    return 0 - x if i64(x) < 0 else x


@fn(inline=False)
def negate(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VNEG."""
    return 0 - x


@fn(inline=False)
def absolute_limited(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQABS."""
    return saturate(0 - x if i64(x) < 0 else x, size, False)


@fn(inline=False)
def negate_limited(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQNEG."""
    return saturate(0 - x, size, False)


@fn(inline=False)
def leading_zeros(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCLZ; the operand is unsigned."""
    return u64(clz(x)) - (64 - (u64(8) << size))


@fn(inline=False)
def leading_signs(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCLS; the operand is signed."""
    return u64(clz(x ^ u64(i64(x) >> 63))) - (64 - (u64(8) << size)) - 1


@fn(inline=False)
def count_ones(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCNT."""
    count = u64(0)
    for index in u32.range(8):
        count += (x >> index) & 1
    return count
