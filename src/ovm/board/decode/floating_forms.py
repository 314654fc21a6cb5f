# SPDX-License-Identifier: Apache-2.0
"""Forms of operands of VFP and Advanced SIMD (ARM A7.2.3).

`extra` describes the registers, in a number that `shape` makes.
"""

from typing import Final

from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.execute.table import number_of
from ovm.board.record import Record
from ovm.board.vfp import execute
from ovm.board.vfp.state import NEEDS_SIMD, NEEDS_UPPER, OPERATION, QUAD, SHORT_VECTOR, SIZE, UNSIGNED
from ovm.metal import fn, u8, u16, u32

FLOATING_HANDLER: Final = number_of(execute.floating)

# Kinds of registers in a shape, three bits each for Vd, Vn, Vm.
NONE: Final = 0
IS_S: Final = 1
IS_D: Final = 2
IS_BY_Q: Final = 3  # D, or Q where bit 6 is set
IS_Q: Final = 4
IS_BY_U: Final = 5  # D, or Q where bit 24 is set
_KINDS: Final = {"-": NONE, "S": IS_S, "D": IS_D, "X": IS_BY_Q, "Q": IS_Q, "Y": IS_BY_U}
# More of a shape.
IS_SHORT: Final = 1 << 9
IS_SIMD: Final = 1 << 10
SIZES: Final = 12  # allowed values of the size field: 4 bits
SIZE_PLACE: Final = 16  # lowest bit of the size field: 5 bits
IS_FLOAT: Final = 1 << 21  # the size is that of a single, whatever the field says
SIGN: Final = 22  # 2 bits: the type is unsigned by bit 24, never, always
_SIGNS: Final = {"u": 0, "-": 1, "+": 2}


def shape(kinds: str, *, short: bool = False, simd: bool = False, sizes: str = "0123", place: int = 20, sign: str = "u") -> int:
    """Make a shape: kinds of Vd, Vn, Vm, whether short vectors matter, which sizes ("f": single) at which place."""
    number = sum(_KINDS[kind] << 3 * index for index, kind in enumerate(kinds))
    allowed = 15 if sizes == "f" else sum(1 << int(each) for each in sizes)
    flags = short * IS_SHORT | simd * IS_SIMD | (sizes == "f") * IS_FLOAT
    return number | flags | allowed << SIZES | place << SIZE_PLACE | _SIGNS[sign] << SIGN


@fn
def register_number(kind: u32, four: u32, one: u32) -> u32:
    """Return the number that a field of four bits and one of one bit make."""
    return (four << 1) | one if kind == IS_S else (one << 4) | four


@fn(inline=False)
def data(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode registers at their usual places: D:Vd, N:Vn, M:Vm."""
    record.imm = word
    record.handler = FLOATING_HANDLER
    d_kind = extra & 7
    n_kind = (extra >> 3) & 7
    m_kind = (extra >> 6) & 7
    d = register_number(d_kind, (word >> 12) & 15, (word >> 22) & 1)
    n = register_number(n_kind, (word >> 16) & 15, (word >> 7) & 1)
    m = register_number(m_kind, word & 15, (word >> 5) & 1)
    if not _even(d_kind, d, word) or not _even(n_kind, n, word) or not _even(m_kind, m, word):
        return UNDEFINED
    size = (word >> ((extra >> SIZE_PLACE) & 31)) & 3
    if (extra >> (size + SIZES)) & 1 == 0:
        return UNDEFINED
    needs = u32(NEEDS_UPPER if is_upper(d_kind, d) or is_upper(n_kind, n) or is_upper(m_kind, m) else 0)
    if extra & IS_SIMD != 0:
        needs |= NEEDS_SIMD
    if extra & IS_SHORT != 0:
        needs |= SHORT_VECTOR
    if extra & IS_FLOAT != 0:
        size = u32(2)
    record.rd = u8(d)
    record.rn = u8(n)
    record.rm = u8(m)
    record.ra = u8(handler >> 16)
    record.aux = u16((handler & OPERATION) | needs | (size << SIZE) | _type(word, extra))
    return GOOD


@fn
def _type(word: u32, extra: u32) -> u32:
    """Return UNSIGNED and QUAD of an instruction."""
    sign = (extra >> SIGN) & 3
    kind = extra & 7
    flags = u32(UNSIGNED if sign == 2 or (sign == 0 and word & (1 << 24) != 0) else 0)
    return flags | QUAD if _is_quad(kind, word) else flags


@fn
def _is_quad(kind: u32, word: u32) -> bool:
    by_field = (kind == IS_BY_Q and word & 0x40 != 0) or (kind == IS_BY_U and word & (1 << 24) != 0)
    return kind == IS_Q or by_field


@fn
def _even(kind: u32, number: u32, word: u32) -> bool:
    """Return whether a Q register is named by an even number."""
    return not _is_quad(kind, word) or number & 1 == 0


@fn
def is_upper(kind: u32, number: u32) -> bool:
    """Return whether it is one of D16 to D31."""
    return kind >= IS_D and number >= 16


@fn(inline=False)
def turned(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode shifts by a register, whose first operand is Vm."""
    outcome = data(record, word, handler, extra)
    first = record.rm
    record.rm = record.rn
    record.rn = first
    return outcome


@fn(inline=False)
def fixed(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VCVT of fixed point: no more fraction bits than there are bits."""
    if word & 0x80 == 0 and ((word & 15) << 1) | ((word >> 5) & 1) > 16:
        return UNPREDICTABLE
    return data(record, word, handler, extra)
