# SPDX-License-Identifier: Apache-2.0
"""Lane functions of Advanced SIMD: singles, always to nearest, flushing to zero, default NaN (ARM A2.7.9).

Lane functions are described in `lanes`.
"""

from typing import Final

from ovm.board.vfp.arithmetic import add_single, multiply_single
from ovm.board.vfp.compare import EQUAL, GREATER, LESS, compare, extreme_single
from ovm.board.vfp.convert import from_integer, to_integer
from ovm.board.vfp.element import truth
from ovm.board.vfp.number import SINGLE
from ovm.board.vfp.scalar import subtract_single
from ovm.board.vfp.state import ROUND_ZERO, STANDARD
from ovm.metal import fn, u32, u64

_SIGN: Final = 0x8000_0000
_SIZE: Final = 0x7FFF_FFFF
_WORD: Final = 0xFFFF_FFFF


@fn(inline=False)
def add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VADD, VPADD."""
    return u64(add_single(u32(x), u32(y), STANDARD))


@fn(inline=False)
def subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSUB."""
    return u64(subtract_single(u32(x), u32(y), STANDARD))


@fn(inline=False)
def distance(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VABD."""
    return u64(subtract_single(u32(x), u32(y), STANDARD)) & _SIZE


@fn(inline=False)
def multiply(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMUL."""
    return u64(multiply_single(u32(x), u32(y), STANDARD))


@fn(inline=False)
def multiply_add(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMLA: two roundings."""
    return u64(add_single(u32(z), multiply_single(u32(x), u32(y), STANDARD), STANDARD))


@fn(inline=False)
def multiply_subtract(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMLS."""
    return u64(add_single(u32(z), multiply_single(u32(x), u32(y), STANDARD) ^ _SIGN, STANDARD))


@fn(inline=True)
def _compared(x: u64, y: u64, loud: bool) -> u32:
    return compare(SINGLE, x & _WORD, y & _WORD, loud, STANDARD)


@fn(inline=False)
def equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCEQ."""
    return truth(_compared(x, y, False) == EQUAL)


@fn(inline=True)
def _not_less(x: u64, y: u64) -> u64:
    result = _compared(x, y, True)
    return truth(result == GREATER or result == EQUAL)


@fn(inline=False)
def greater_equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCGE."""
    return _not_less(x, y)


@fn(inline=False)
def greater(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCGT."""
    return truth(_compared(x, y, True) == GREATER)


@fn(inline=False)
def less(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCLT with zero."""
    return truth(_compared(x, y, True) == LESS)


@fn(inline=False)
def less_equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCLE with zero."""
    return _not_less(y, x)


@fn(inline=False)
def size_greater_equal(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VACGE."""
    return _not_less(x & _SIZE, y & _SIZE)


@fn(inline=False)
def size_greater(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VACGT."""
    return truth(_compared(x & _SIZE, y & _SIZE, True) == GREATER)


@fn(inline=False)
def largest(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMAX, VPMAX."""
    return u64(extreme_single(u32(x), u32(y), False, STANDARD))


@fn(inline=False)
def smallest(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VMIN, VPMIN."""
    return u64(extreme_single(u32(x), u32(y), True, STANDARD))


@fn(inline=False)
def absolute(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VABS: the bits alone."""
    return x & _SIZE


@fn(inline=False)
def negate(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VNEG."""
    return x ^ _SIGN


@fn(inline=False)
def from_fixed(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCVT from integer or fixed point; y has the fraction's bits."""
    return from_integer(SINGLE, u32(x), not unsigned, u32(y), STANDARD)


@fn(inline=False)
def to_fixed(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VCVT to integer or fixed point."""
    return u64(to_integer(SINGLE, x & _WORD, not unsigned, 32, u32(y), STANDARD | ROUND_ZERO))
