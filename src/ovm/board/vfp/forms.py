# SPDX-License-Identifier: Apache-2.0
"""How operands of VFP and Advanced SIMD become records (ARM A7.2.3).

`extra` says what the registers are, in a number that `shape` makes.
"""

from typing import Final

from ovm.board.decode.forms import bits
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.execute.table import number_of
from ovm.board.record import CARE_PC, Record
from ovm.board.state import CPU
from ovm.board.vfp import execute, system, transfer
from ovm.board.vfp.state import NEEDS_SIMD, NEEDS_UPPER, OPERATION, QUAD, SHORT_VECTOR, SIZE, UNSIGNED
from ovm.metal import fn, u8, u16, u32

FLOATING_HANDLER: Final = number_of(execute.floating)
LOAD_WORDS: Final = number_of(transfer.load_words)
LOAD_DOUBLE: Final = number_of(transfer.load_double)
STORE_WORDS: Final = number_of(transfer.store_words)
READ: Final = number_of(system.register_read)
WRITE: Final = number_of(system.register_write)

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
SIZES: Final = 12  # which values of the size field there are: 4 bits
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
def _register(kind: u32, four: u32, one: u32) -> u32:
    """Return the number that a field of four bits and one of one bit make."""
    return (four << 1) | one if kind == IS_S else (one << 4) | four


@fn(inline=False)
def data(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Registers at their usual places: D:Vd, N:Vn, M:Vm."""
    record.imm = word
    record.handler = u16(FLOATING_HANDLER)
    d_kind = extra & 7
    n_kind = (extra >> 3) & 7
    m_kind = (extra >> 6) & 7
    d = _register(d_kind, (word >> 12) & 15, (word >> 22) & 1)
    n = _register(n_kind, (word >> 16) & 15, (word >> 7) & 1)
    m = _register(m_kind, word & 15, (word >> 5) & 1)
    if not _even(d_kind, d, word) or not _even(n_kind, n, word) or not _even(m_kind, m, word):
        return u32(UNDEFINED)
    size = (word >> ((extra >> SIZE_PLACE) & 31)) & 3
    if (extra >> (size + SIZES)) & 1 == 0:
        return u32(UNDEFINED)
    needs = u32(NEEDS_UPPER) if _upper(d_kind, d) or _upper(n_kind, n) or _upper(m_kind, m) else u32(0)
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
    return u32(GOOD)


@fn
def _type(word: u32, extra: u32) -> u32:
    """Return UNSIGNED and QUAD of an instruction."""
    sign = (extra >> SIGN) & 3
    kind = extra & 7
    flags = u32(UNSIGNED) if sign == 2 or (sign == 0 and word & (1 << 24) != 0) else u32(0)
    return flags | QUAD if _is_quad(kind, word) else flags


@fn
def _is_quad(kind: u32, word: u32) -> bool:
    by_field = (kind == IS_BY_Q and word & 0x40 != 0) or (kind == IS_BY_U and word & (1 << 24) != 0)
    return kind == IS_Q or by_field


@fn
def _even(kind: u32, number: u32, word: u32) -> bool:
    """Tell whether a Q register is named by an even number."""
    return not _is_quad(kind, word) or number & 1 == 0


@fn
def _upper(kind: u32, number: u32) -> bool:
    return kind >= IS_D and number >= 16


@fn(inline=False)
def turned(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Shifts by a register, whose first operand is Vm."""
    outcome = data(record, word, handler, extra)
    first = record.rm
    record.rm = record.rn
    record.rn = first
    return outcome


@fn(inline=False)
def fixed(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """VCVT of fixed point: no more fraction bits than there are bits."""
    if word & 0x80 == 0 and ((word & 15) << 1) | ((word >> 5) & 1) > 16:
        return u32(UNPREDICTABLE)
    return data(record, word, handler, extra)


@fn
def _bad_core(t: u32) -> bool:
    """Tell whether a core register may not be named: PC, and SP in T32."""
    return t == 15 or (t == 13 and CPU.thumb != 0)


@fn(inline=False)
def core(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """One core register (rn) and S or D at N:Vn (rd)."""
    t = bits(word, u32(12), u32(4))
    number = _register(extra & 7, (word >> 16) & 15, (word >> 7) & 1)
    if _bad_core(t):
        return u32(UNPREDICTABLE)
    record.rd = u8(number)
    record.rn = u8(t)
    record.imm = word
    record.handler = u16(FLOATING_HANDLER)
    needs = u32(NEEDS_SIMD) if extra & IS_SIMD != 0 else u32(0)
    record.aux = u16(handler | needs | (u32(NEEDS_UPPER) if _upper(extra & 7, number) else u32(0)))
    return u32(GOOD)


@fn(inline=False)
def duplicate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """VDUP of a core register: Q is bit 21, B and E not both."""
    if word & 0x40_0020 == 0x40_0020 or (word & (1 << 21) != 0 and word & (1 << 16) != 0):
        return u32(UNDEFINED)
    return core(record, word, handler, extra)


@fn(inline=False)
def two_cores(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Two core registers (rn, rm) and the words from `ra`: a D, or two S."""
    t = bits(word, u32(12), u32(4))
    second = bits(word, u32(16), u32(4))
    number = _register(extra & 7, word & 15, (word >> 5) & 1)
    if _bad_core(t) or _bad_core(second) or (word & (1 << 20) != 0 and t == second):
        return u32(UNPREDICTABLE)
    if extra & 7 == IS_S and number == 31:
        return u32(UNPREDICTABLE)
    record.rn = u8(t)
    record.rm = u8(second)
    record.ra = u8(number) if extra & 7 == IS_S else u8(number * 2)
    record.imm = word
    record.handler = u16(FLOATING_HANDLER)
    record.aux = u16(handler | (u32(NEEDS_UPPER) if _upper(extra & 7, number) else u32(0)))
    return u32(GOOD)


@fn(inline=False)
def status(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """VMRS (extra 1), VMSR: Rt is rd, the system register rn."""
    register = bits(word, u32(16), u32(4))
    t = bits(word, u32(12), u32(4))
    known = register <= 1 or (register >= 6 and register <= 8)
    if not known:
        return u32(UNPREDICTABLE)
    if extra == 0 and (register == system.IS_MVFR0 or register == system.IS_MVFR1):
        return u32(UNPREDICTABLE)
    if _bad_core(t) and not (t == 15 and extra != 0 and register == system.IS_FPSCR):
        return u32(UNPREDICTABLE)
    record.rd = u8(t)
    record.rn = u8(register)
    record.handler = u16(READ) if extra != 0 else u16(WRITE)
    return u32(GOOD)


@fn(inline=False)
def single_transfer(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """VLDR, VSTR."""
    offset = (word & 0xFF) * 4
    n = bits(word, u32(16), u32(4))
    double = word & 0x100 != 0
    load = word & (1 << 20) != 0
    if n == 15:
        if not load and CPU.thumb != 0:
            return u32(UNPREDICTABLE)
        record.condition |= CARE_PC
    _transfer(record, word, u32(2) if double else u32(1))
    record.imm = offset if word & (1 << 23) != 0 else u32(0) - offset
    if double and load:
        record.handler = u16(LOAD_DOUBLE)
    return u32(GOOD)


@fn
def _transfer(record: Record, word: u32, count: u32) -> None:
    double = word & 0x100 != 0
    four = (word >> 12) & 15
    one = (word >> 22) & 1
    record.rn = u8((word >> 16) & 15)
    record.rd = u8(((one << 4) | four) * 2) if double else u8((four << 1) | one)
    record.ra = u8(count)
    record.rm = u8(word & 0xFF)
    aux = u32(transfer.IS_DOUBLE) if double else u32(0)
    if double and u32(record.rd) + count > 32:
        aux |= NEEDS_UPPER
    record.aux = u16(aux)
    record.handler = u16(LOAD_WORDS) if word & (1 << 20) != 0 else u16(STORE_WORDS)


@fn(inline=False)
def block_transfer(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """VLDM, VSTM, VPUSH, VPOP; an odd count of words for D is FLDMX and FSTMX, which move the base one further."""
    n = bits(word, u32(16), u32(4))
    back = word & (1 << 21) != 0
    double = word & 0x100 != 0
    count = word & 0xFE if double else word & 0xFF
    down = word & (1 << 23) == 0
    _transfer(record, word, count)
    if n == 15 and (back or CPU.thumb != 0):
        return u32(UNPREDICTABLE)
    if count == 0 or count > 32 or u32(record.rd) + count > (u32(64) if double else u32(32)):
        return u32(UNPREDICTABLE)
    if n == 15:
        record.condition |= CARE_PC
    record.imm = u32(0) - (word & 0xFF) * 4 if down else u32(0)
    if back:
        record.aux |= transfer.WRITE_BACK
    if down:
        record.aux |= transfer.DOWN
    return u32(GOOD)


@fn(inline=False)
def scalar(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """A lane of D and a core register: opc1 and opc2 name size and index; bytes and halfwords are Advanced SIMD."""
    choice = ((word >> 19) & 0xC) | ((word >> 5) & 3)
    words = choice & 0b1011 == 0
    if choice & 0b1011 == 0b0010 or (words and word & (1 << 23) != 0):
        return u32(UNDEFINED)
    return core(record, word, handler, extra if words else extra | IS_SIMD)
