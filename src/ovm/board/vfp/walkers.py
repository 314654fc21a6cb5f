# SPDX-License-Identifier: Apache-2.0
"""Walkers of Advanced SIMD, which apply an operation to the lanes of registers (ARM A7.4).

`ra` names the lane function; `aux` has the element's size, whether the type is unsigned and whether registers are Q.
"""

from typing import Final

from ovm.board.record import Record
from ovm.board.sizes import DOUBLE_BYTES, QUAD_BYTES, QUAD_PARTS
from ovm.board.vfp.element import ONES, extend
from ovm.board.vfp.lane_table import LANES
from ovm.board.vfp.state import QUAD, SIZE, UNSIGNED, Floating, get_double, set_double
from ovm.metal import fn, u32, u64

CONSTANT: Final = 32  # no register: the second operand is a constant


@fn(inline=True)
def size_of(record: Record) -> u32:
    """Return log2 of an element's bytes."""
    return (u32(record.aux) >> SIZE) & 3


@fn(inline=True)
def width_of(record: Record) -> u32:
    """Return the number of bits of the registers."""
    return 128 if record.aux & QUAD != 0 else 64


@fn(inline=True)
def pick(state: Floating, register: u32, index: u32, size: u32, unsigned: bool) -> u64:
    """Return an element of a D register or of the following ones, extended."""
    place = index << (size + 3)
    return extend(get_double(state, register + (place >> 6)) >> (place & 63), size, unsigned)


@fn(inline=False)
def _each(record: Record, state: Floating, sizes: u32, second: u32, constant: u64, width: u32) -> None:
    """Compute `width` bits of result from Vn; `sizes` has those of x, y and the result, 4 bits each."""
    unsigned = record.aux & UNSIGNED != 0
    out = (sizes >> 8) & 3
    low = u64(0)
    high = u64(0)
    for index in u32.range(width >> (out + 3), bound=QUAD_BYTES):
        x = pick(state, u32(record.rn), index, sizes & 3, unsigned)
        y = constant
        if second != CONSTANT:
            y = pick(state, second, index, (sizes >> 4) & 3, unsigned)
        z = pick(state, u32(record.rd), index, out, unsigned)
        result = LANES[u32(record.ra)](x, y, z, size_of(record), unsigned)
        place = index << (out + 3)
        cut = result & (ONES >> (64 - (8 << out)))
        if place < 64:
            low |= cut << place
        else:
            high |= cut << (place - 64)
    set_double(state, u32(record.rd), low)
    if width == 128:
        set_double(state, u32(record.rd) + 1, high)


@fn(inline=True)
def _sizes(x: u32, y: u32, out: u32) -> u32:
    return x | (y << 4) | (out << 8)


@fn(inline=False)
def same(record: Record, state: Floating) -> None:
    """Walk over Vd, Vn, Vm of one size."""
    size = size_of(record)
    _each(record, state, _sizes(size, size, size), u32(record.rm), 0, width_of(record))


@fn(inline=False)
def longer(record: Record, state: Floating) -> None:
    """Walk over Qd of twice the size of Dn and Dm."""
    size = size_of(record)
    _each(record, state, _sizes(size, size, size + 1), u32(record.rm), 0, 128)


@fn(inline=False)
def wider(record: Record, state: Floating) -> None:
    """Walk over Qd and Qn of twice the size of Dm."""
    size = size_of(record)
    _each(record, state, _sizes(size + 1, size, size + 1), u32(record.rm), 0, 128)


@fn(inline=False)
def narrower(record: Record, state: Floating) -> None:
    """Walk over Dd of half the size of Qn and Qm."""
    size = size_of(record)
    _each(record, state, _sizes(size + 1, size + 1, size), u32(record.rm), 0, 64)


@fn
def _scalar(record: Record, state: Floating) -> u64:
    """Return the lane that Vm and M name (ARM A7.4.3)."""
    size = size_of(record)
    four = record.imm & 15
    one = (record.imm >> 5) & 1
    unsigned = record.aux & UNSIGNED != 0
    if size == 1:
        return pick(state, four & 7, (one << 1) | (four >> 3), size, unsigned)
    return pick(state, four, one, size, unsigned)


@fn(inline=False)
def same_scalar(record: Record, state: Floating) -> None:
    """Walk over Vd, Vn and a scalar."""
    size = size_of(record)
    _each(record, state, _sizes(size, size, size), CONSTANT, _scalar(record, state), width_of(record))


@fn(inline=False)
def longer_scalar(record: Record, state: Floating) -> None:
    """Walk over Qd, Dn and a scalar."""
    size = size_of(record)
    _each(record, state, _sizes(size, size, size + 1), CONSTANT, _scalar(record, state), 128)


@fn(inline=False)
def one(record: Record, state: Floating) -> None:
    """Walk over Vd and Vm, which the form has put in `rn`; `rm` is a constant: a shift, or 0."""
    size = size_of(record)
    _each(record, state, _sizes(size, size, size), CONSTANT, u64(record.rm), width_of(record))


@fn(inline=False)
def one_longer(record: Record, state: Floating) -> None:
    """Walk over Qd of twice the size of Dm, and a constant."""
    size = size_of(record)
    _each(record, state, _sizes(size, size, size + 1), CONSTANT, u64(record.rm), 128)


@fn(inline=False)
def one_narrower(record: Record, state: Floating) -> None:
    """Walk over Dd of half the size of Qm, and a constant."""
    size = size_of(record)
    _each(record, state, _sizes(size + 1, size, size), CONSTANT, u64(record.rm), 64)


@fn(inline=False)
def pairs(record: Record, state: Floating) -> None:
    """Walk over Dd of neighbours in Dn, then in Dm."""
    size = size_of(record)
    unsigned = record.aux & UNSIGNED != 0
    half = 4 >> size
    result = u64(0)
    for index in u32.range(8 >> size, bound=DOUBLE_BYTES):
        register = u32(record.rn) if index < half else u32(record.rm)
        first = (index if index < half else index - half) * 2
        x = pick(state, register, first, size, unsigned)
        y = pick(state, register, first + 1, size, unsigned)
        cut = LANES[u32(record.ra)](x, y, 0, size, unsigned) & (ONES >> (64 - (8 << size)))
        result |= cut << (index << (size + 3))
    set_double(state, u32(record.rd), result)


@fn(inline=False)
def pairs_longer(record: Record, state: Floating) -> None:
    """Execute VPADDL, VPADAL (bit 10): neighbours in Vm to elements of twice the size."""
    size = size_of(record)
    unsigned = record.aux & UNSIGNED != 0
    for part in u32.range(width_of(record) >> 6, bound=QUAD_PARTS):
        source = u32(record.rn) + part
        target = u32(record.rd) + part
        before = get_double(state, target) if record.imm & (1 << 10) != 0 else u64(0)
        result = u64(0)
        for index in u32.range(4 >> size, bound=DOUBLE_BYTES // 2):
            place = index << (size + 4)
            total = pick(state, source, index * 2, size, unsigned) + pick(state, source, index * 2 + 1, size, unsigned)
            result |= ((total + (before >> place)) & (ONES >> (64 - (16 << size)))) << place
        set_double(state, target, result)
