# SPDX-License-Identifier: Apache-2.0
"""Forms of Advanced SIMD operands other than three registers (ARM A7.4, A7.7)."""

from typing import Final

from ovm.board.decode.floating_forms import data
from ovm.board.decode.forms import bits
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.execute.table import number_of
from ovm.board.record import Record
from ovm.board.vfp import elements
from ovm.board.vfp.state import NEEDS_SIMD, NEEDS_UPPER, SIZE
from ovm.metal import fn, u8, u16, u32

ELEMENTS: Final = number_of(elements.elements)
# More of a shape: the constant of an operation on one register.
TO_LEFT: Final = 1 << 24  # a shift to the left
BY_WIDTH: Final = 1 << 25  # the element's width
SHORT_D: Final = 1 << 26  # elements of words only in Q


@fn(inline=False)
def one(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode Vd and Vm: the walkers want Vm as `rn`, a constant as `rm`."""
    outcome = data(record, word, handler, extra)
    record.rn = record.rm
    size = (u32(record.aux) >> SIZE) & 3
    record.rm = u8(8 << size) if extra & BY_WIDTH != 0 else 0
    return outcome


@fn(inline=False)
def pair(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VUZP and VZIP."""
    if extra & SHORT_D != 0 and word & 0x40 == 0 and (word >> 18) & 3 == 2:
        return UNDEFINED
    return data(record, word, handler, extra)


@fn(inline=False)
def reverse(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VREV: the elements are smaller than the units in which they are reversed."""
    if ((word >> 7) & 3) + ((word >> 18) & 3) >= 3:
        return UNDEFINED
    return data(record, word, handler, extra)


@fn(inline=False)
def shift(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode shifts: L:imm6 has size and amount (ARM A7.4.4)."""
    outcome = data(record, word, handler, extra)
    amount = bits(word, 16, 6)
    size = u32(0)
    if word & 0x80 != 0:
        size = u32(3)
    elif amount >= 8:
        size = u32(2 if amount >= 32 else (1 if amount >= 16 else 0))
    else:
        return UNDEFINED
    width = 8 << size
    kept = amount & (width - 1)
    record.rn = record.rm
    record.rm = u8(kept) if extra & TO_LEFT != 0 else u8(width - kept)
    record.aux = u16((u32(record.aux) & (0xFFFF ^ (3 << SIZE))) | (size << SIZE))
    return outcome


@fn(inline=False)
def constant(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VMOV and related instructions with an immediate; one code is not used."""
    if (word >> 8) & 15 == 15 and word & 0x20 != 0:
        return UNDEFINED
    return data(record, word, handler, extra)


@fn(inline=False)
def extract(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VEXT: D has 8 bytes."""
    if word & 0x40 == 0 and word & 0x800 != 0:
        return UNDEFINED
    return data(record, word, handler, extra)


@fn(inline=False)
def look_up(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VTBL, VTBX: the table ends with D31 at the latest."""
    outcome = data(record, word, handler, extra)
    last = u32(record.rn) + bits(word, 8, 2)
    if last > 31:
        return UNPREDICTABLE
    if last > 15:
        record.aux |= NEEDS_UPPER
    return outcome


@fn(inline=False)
def duplicate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VDUP of a scalar: imm4 names a size."""
    if bits(word, 16, 3) == 0:
        return UNDEFINED
    return data(record, word, handler, extra)


@fn
def _transfer(record: Record, word: u32, kind: u32, registers: u32, fields: u32) -> u32:
    """Set what all transfers of elements have; `registers` is how many from the first to the last."""
    d = ((word >> 18) & 16) | bits(word, 12, 4)
    n = bits(word, 16, 4)
    record.rd = u8(d)
    record.rn = u8(n)
    record.rm = u8(word & 15)
    record.ra = u8(kind)
    record.imm = fields
    record.handler = ELEMENTS
    record.aux = NEEDS_SIMD | NEEDS_UPPER if d + registers > 16 else NEEDS_SIMD
    if n == 15 or d + registers > 32:
        return UNPREDICTABLE
    return GOOD


@fn
def _fields(size: u32, structure: u32, registers: u32, step: u32, lane: u32, alignment: u32) -> u32:
    low = (structure << elements.STRUCTURE) | (registers << elements.REGISTERS) | (step << elements.STEP)
    return size | low | (lane << elements.LANE) | (alignment << elements.ALIGNMENT)


@fn(inline=False)
def multiple(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Multiple structures; extra: structure, registers << 4, step << 8, alignments that there are << 12."""
    size = bits(word, 6, 2)
    align = bits(word, 4, 2)
    structure = extra & 15
    registers = (extra >> 4) & 15
    step = (extra >> 8) & 15
    if (size == 3 and structure != 1) or (extra >> (12 + align)) & 1 == 0:
        return UNDEFINED
    kind = (word >> 21) & 1
    span = registers + (structure - 1) * step
    alignment = u32(0) if align == 0 else align + 2
    return _transfer(record, word, kind, span, _fields(size, structure, registers, step, 0, alignment))


@fn(inline=False)
def lane(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode one structure to or from one lane; extra: elements in it (ARM A8.8.321 and its neighbours, table of index_align)."""
    size = bits(word, 10, 2)
    code = bits(word, 4, 4)
    low = code & ((1 << size) - 1) if size != 2 else code & 3
    step = u32(2 if size != 0 and code & (1 << size) != 0 else 1)
    alignment = u32(0)
    if extra == 1:
        bad = (size == 0 and code & 1 != 0) or (size == 1 and code & 2 != 0) or (size == 2 and code & 4 != 0)
        if bad or (size == 2 and (low == 1 or low == 2)):
            return UNDEFINED
        step = u32(1)
        alignment = size if code & 1 != 0 else u32(0)
    elif extra == 2:
        if size == 2 and code & 2 != 0:
            return UNDEFINED
        alignment = size + 1 if code & 1 != 0 else u32(0)
    elif extra == 3:
        if code & 1 != 0 or (size == 2 and low != 0):
            return UNDEFINED
    else:
        if size == 2 and low == 3:
            return UNDEFINED
        if size == 2:
            alignment = low + 2 if low != 0 else u32(0)
        else:
            alignment = size + 2 if code & 1 != 0 else u32(0)
    kind = elements.LANE_LOAD if word & (1 << 21) != 0 else u32(elements.LANE_STORE)
    index = code >> (size + 1)
    return _transfer(record, word, kind, 1 + (extra - 1) * step, _fields(size, extra, 1, step, index, alignment))


@fn(inline=False)
def every_lane(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode one structure to all lanes; extra: elements in it. T is bit 5, the alignment's bit 4."""
    size = bits(word, 6, 2)
    aligned = word & 0x10 != 0
    twice = word & 0x20 != 0
    if (size == 3 and (extra != 4 or not aligned)) or (extra == 3 and aligned) or (extra == 1 and size == 0 and aligned):
        return UNDEFINED
    alignment = u32(0)
    if aligned:
        alignment = size + extra // 2
        if extra == 4:
            alignment = u32(4) if size == 3 else (u32(3) if size == 2 else size + 2)
    width = min(size, u32(2))
    copies = u32(2 if twice and extra == 1 else 1)
    step = u32(2 if twice else 1)
    span = copies if extra == 1 else 1 + (extra - 1) * step
    fields = _fields(width, extra, copies, step, 0, alignment)
    return _transfer(record, word, elements.EVERY_LANE, span, fields)
