# SPDX-License-Identifier: Apache-2.0
"""Lane functions of Advanced SIMD: shifts by a register and by an immediate (ARM A7.4.1, A7.4.4).

An immediate is y. Lane functions are described in `lanes`.
"""

from ovm.board.vfp.element import ONES, extend, limit, saturate
from ovm.metal import fn, i32, i64, u32, u64


@fn(inline=True)
def _down(x: u64, count: u32, unsigned: bool) -> u64:
    return x >> count if unsigned else u64(i64(x) >> count)


@fn(inline=True)
def _down_rounded(x: u64, count: u32, unsigned: bool) -> u64:
    """Shift right; the last bit to fall out rounds."""
    if count == 0:
        return x
    return _down(x, count, unsigned) + (_down(x, count - 1, unsigned) & 1)


@fn(inline=True)
def _up_limited(x: u64, count: u32, size: u32, unsigned: bool) -> u64:
    """Shift left, saturating."""
    if x == 0:
        return x
    moved = extend(x << count, size, unsigned)
    if count >= 8 << size or _down(moved, count, unsigned) != x:
        return limit(not unsigned and x >> 63 != 0, size, unsigned)
    return moved


@fn(inline=True)
def _amount(y: u64) -> i32:
    """Return the shift that a lane of a register asks for: its lowest byte, signed."""
    return i32(u32(y & 0xFF) << 24) >> 24


@fn(inline=False)
def shift(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSHL by register."""
    amount = _amount(y)
    return x << u32(amount) if amount >= 0 else _down(x, u32(-amount), unsigned)


@fn(inline=False)
def shift_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRSHL."""
    amount = _amount(y)
    return x << u32(amount) if amount >= 0 else _down_rounded(x, u32(-amount), unsigned)


@fn(inline=False)
def shift_limited(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQSHL by register."""
    amount = _amount(y)
    return _up_limited(x, u32(amount), size, unsigned) if amount >= 0 else _down(x, u32(-amount), unsigned)


@fn(inline=False)
def shift_limited_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQRSHL."""
    amount = _amount(y)
    return _up_limited(x, u32(amount), size, unsigned) if amount >= 0 else _down_rounded(x, u32(-amount), unsigned)


@fn(inline=False)
def right(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSHR, VSHRN, VMOVN."""
    return _down(x, u32(y), unsigned)


@fn(inline=False)
def right_accumulate(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSRA."""
    return z + _down(x, u32(y), unsigned)


@fn(inline=False)
def right_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRSHR, VRSHRN."""
    return _down_rounded(x, u32(y), unsigned)


@fn(inline=False)
def right_rounded_accumulate(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VRSRA."""
    return z + _down_rounded(x, u32(y), unsigned)


@fn(inline=False)
def right_insert(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSRI; the operands are unsigned."""
    mask = (ONES >> (64 - (8 << size))) >> y
    return (z & ~mask) | (x >> y)


@fn(inline=False)
def left(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSHL by immediate, VSHLL, VMOVL."""
    return x << y


@fn(inline=False)
def left_insert(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VSLI."""
    return (z & ((u64(1) << y) - 1)) | (x << y)


@fn(inline=False)
def left_limited(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQSHL by immediate."""
    return _up_limited(x, u32(y), size, unsigned)


@fn(inline=False)
def left_limited_unsigned(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQSHLU: from signed to unsigned."""
    if i64(x) < 0:
        return limit(True, size, True)
    return _up_limited(x, u32(y), size, True)


@fn(inline=True)
def _narrowed(x: u64, size: u32, unsigned: bool) -> u64:
    """Saturate a value to a narrower element of its own sign."""
    if not unsigned:
        return saturate(x, size, False)
    if x >> (8 << size) != 0:
        return limit(False, size, True)
    return x


@fn(inline=False)
def narrow_limited(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQSHRN, VQMOVN."""
    return _narrowed(_down(x, u32(y), unsigned), size, unsigned)


@fn(inline=False)
def narrow_limited_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQRSHRN."""
    return _narrowed(_down_rounded(x, u32(y), unsigned), size, unsigned)


@fn(inline=False)
def narrow_to_unsigned(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQSHRUN, VQMOVUN."""
    return saturate(_down(x, u32(y), False), size, True)


@fn(inline=False)
def narrow_to_unsigned_rounded(x: u64, y: u64, z: u64, size: u32, unsigned: bool) -> u64:
    """Compute VQRSHRUN."""
    return saturate(_down_rounded(x, u32(y), False), size, True)
