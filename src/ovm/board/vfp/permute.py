# SPDX-License-Identifier: Apache-2.0
"""Advanced SIMD operations that move elements and bits (ARM A7.4.1, A7.4.5, A7.4.6, VEXT, VTBL, VDUP)."""

from ovm.board.record import Record
from ovm.board.sizes import DOUBLE_BYTES, QUAD_BYTES, QUAD_PARTS, SIZES
from ovm.board.vfp.convert import half_to_single, single_to_half
from ovm.board.vfp.element import ONES
from ovm.board.vfp.state import FPSCR_AHP, STANDARD, Floating, get_double, set_double
from ovm.board.vfp.walkers import pick, size_of, width_of
from ovm.metal import Array, array, bound, fn, u32, u64


@fn(inline=False)
def bitwise(record: Record, state: Floating) -> None:
    """Execute VAND, VBIC, VORR, VORN, VEOR, VBSL, VBIT, VBIF."""
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        d = get_double(state, u32(record.rd) + part)
        n = get_double(state, u32(record.rn) + part)
        m = get_double(state, u32(record.rm) + part)
        set_double(state, u32(record.rd) + part, _bits(record.imm, d, n, m))


@fn(inline=True)
def _bits(word: u32, d: u64, n: u64, m: u64) -> u64:
    match ((word >> 22) & 4) | ((word >> 20) & 3):
        case 0:
            return n & m
        case 1:
            return n & ~m
        case 2:
            return n | m
        case 3:
            return n | ~m
        case 4:
            return n ^ m
        case 5:
            return (n & d) | (m & ~d)
        case 6:
            return (n & m) | (d & ~m)
        case _:
            return (d & m) | (n & ~m)


@fn(inline=False)
def invert(record: Record, state: Floating) -> None:
    """Execute VMVN of a register."""
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        set_double(state, u32(record.rd) + part, ~get_double(state, u32(record.rm) + part))


@fn(inline=False)
def swap(record: Record, state: Floating) -> None:
    """Execute VSWP."""
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        d = get_double(state, u32(record.rd) + part)
        set_double(state, u32(record.rd) + part, get_double(state, u32(record.rm) + part))
        set_double(state, u32(record.rm) + part, d)


@fn(inline=False)
def constant(record: Record, state: Floating) -> None:
    """Execute VMOV, VMVN, VORR, VBIC of an immediate (ARM A7.4.6)."""
    word = record.imm
    mode = (word >> 8) & 15
    inverted = word & 0x20 != 0
    value = _expand(mode, inverted, ((word >> 17) & 0x80) | ((word >> 12) & 0x70) | (word & 15))
    combined = mode & 1 != 0 and mode < 12
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        before = get_double(state, u32(record.rd) + part)
        if combined:
            result = before & ~value if inverted else before | value
        else:
            result = ~value if inverted and mode != 14 else value
        set_double(state, u32(record.rd) + part, result)


@fn
def _expand(mode: u32, inverted: bool, immediate: u32) -> u64:
    """Return the 64 bits of an immediate."""
    value = u64(immediate)
    if mode < 8:
        value = value << ((mode >> 1) * 8)
    elif mode < 12:
        value = (value << (((mode >> 1) & 1) * 8)) * 0x0001_0001
    elif mode < 14:
        value = (value << 8) | 0xFF if mode == 12 else (value << 16) | 0xFFFF
    elif mode == 15:
        exponent = u64(0x3E00_0000 if immediate & 0x40 != 0 else 0x4000_0000)
        value = ((value & 0x80) << 24) | exponent | ((value & 0x3F) << 19)
    elif inverted:
        return _spread(immediate)
    else:
        return value * 0x0101_0101_0101_0101
    return value | (value << 32)


@fn
def _spread(immediate: u32) -> u64:
    """Return each bit as a byte."""
    value = u64(0)
    for bit in u32.range(8):
        if (immediate >> bit) & 1 != 0:
            value |= u64(0xFF) << (bit * 8)
    return value


@fn(inline=False)
def reverse(record: Record, state: Floating) -> None:
    """Execute VREV64, VREV32, VREV16 by bits 8:7."""
    size = size_of(record)
    turned = (8 >> (((record.imm >> 7) & 3) + size)) - 1
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        result = u64(0)
        for index in u32.range(8 >> size, bound=DOUBLE_BYTES):
            result |= pick(state, u32(record.rm) + part, index, size, True) << ((index ^ turned) << (size + 3))
        set_double(state, u32(record.rd) + part, result)


@fn(inline=True)
def _put(out: Array[u64], index: u32, size: u32, value: u64) -> None:
    place = index << (size + 3)
    out[place >> 6] |= value << (place & 63)


@fn
def _write_both(record: Record, state: Floating, out: Array[u64]) -> None:
    """Write Vd, then Vm."""
    parts = width_of(record) >> 6
    for part in u32.range(parts, bound=QUAD_PARTS):
        set_double(state, u32(record.rd) + part, out[part])
        set_double(state, u32(record.rm) + part, out[parts + part])


@fn(inline=False)
def transpose(record: Record, state: Floating) -> None:
    """Execute VTRN."""
    size = size_of(record)
    count = width_of(record) >> (size + 3)
    out = array(u64, 4)
    for index in u32.range(count, bound=QUAD_BYTES):
        odd = index & 1
        register = u32(record.rd) if odd == 0 else u32(record.rm)
        _put(out, index, size, pick(state, register, index - odd, size, True))
        register = u32(record.rd) if odd == 0 else u32(record.rm)
        _put(out, count + index, size, pick(state, register, index | 1, size, True))
    _write_both(record, state, out)


@fn(inline=False)
def zip_together(record: Record, state: Floating) -> None:
    """Execute VZIP."""
    size = size_of(record)
    out = array(u64, 4)
    for index in u32.range(width_of(record) >> (size + 3), bound=QUAD_BYTES):
        _put(out, index * 2, size, pick(state, u32(record.rd), index, size, True))
        _put(out, index * 2 + 1, size, pick(state, u32(record.rm), index, size, True))
    _write_both(record, state, out)


@fn(inline=False)
def unzip(record: Record, state: Floating) -> None:
    """Execute VUZP."""
    size = size_of(record)
    count = width_of(record) >> (size + 3)
    out = array(u64, 4)
    for index in u32.range(count * 2, bound=2 * QUAD_BYTES):
        register = u32(record.rd) if index < count else u32(record.rm)
        value = pick(state, register, index if index < count else index - count, size, True)
        _put(out, (index >> 1) + (count if index & 1 != 0 else 0), size, value)
    _write_both(record, state, out)


@fn(inline=False)
def extract(record: Record, state: Floating) -> None:
    """Execute VEXT: bytes from imm4 on."""
    count = width_of(record) >> 3
    first = (record.imm >> 8) & 15
    out = array(u64, 4)
    for index in u32.range(count, bound=QUAD_BYTES):
        place = first + index
        register = u32(record.rn) if place < count else u32(record.rm)
        _put(out, index, 0, pick(state, register, place if place < count else place - count, 0, True))
    for part in u32.range(count >> 3, bound=QUAD_PARTS):
        set_double(state, u32(record.rd) + part, out[part])


@fn(inline=False)
def look_up(record: Record, state: Floating) -> None:
    """Execute VTBL, VTBX (bit 6)."""
    entries = (((record.imm >> 8) & 3) + 1) * 8
    before = get_double(state, u32(record.rd)) if record.imm & 0x40 != 0 else u64(0)
    result = u64(0)
    for index in u32.range(8):
        wanted = u32(pick(state, u32(record.rm), index, 0, True))
        found = (before >> (index * 8)) & 0xFF
        if wanted < entries:
            found = pick(state, u32(record.rn), wanted, 0, True)
        result |= found << (index * 8)
    set_double(state, u32(record.rd), result)


@fn(inline=False)
def duplicate(record: Record, state: Floating) -> None:
    """Execute VDUP of a scalar: imm4 has index and size."""
    choice = (record.imm >> 16) & 15
    size = u32(0)
    while choice & 1 == 0:
        bound(SIZES)
        choice >>= 1
        size += 1
    value = pick(state, u32(record.rm), choice >> 1, size, True)
    repeated = value * (ONES // (ONES >> (64 - (8 << size))))
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        set_double(state, u32(record.rd) + part, repeated)


@fn(inline=False)
def halves_to_singles(record: Record, state: Floating) -> None:
    """Execute VCVT.F32.F16."""
    control = STANDARD | (state.fpscr & FPSCR_AHP)
    halves = get_double(state, u32(record.rm))
    for index in u32.range(4):
        state.words[u32(record.rd) * 2 + index] = half_to_single(u32(halves >> (index * 16)) & 0xFFFF, control)


@fn(inline=False)
def singles_to_halves(record: Record, state: Floating) -> None:
    """Execute VCVT.F16.F32."""
    control = STANDARD | (state.fpscr & FPSCR_AHP)
    result = u64(0)
    for index in u32.range(4):
        result |= u64(single_to_half(state.words[u32(record.rm) * 2 + index], control)) << (index * 16)
    set_double(state, u32(record.rd), result)
