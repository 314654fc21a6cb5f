# SPDX-License-Identifier: Apache-2.0
"""Forms of transfers between extension registers and core registers or memory (ARM A7.6, A7.8, A7.9)."""

from typing import Final

from ovm.board.decode.floating_forms import FLOATING_HANDLER, IS_S, IS_SIMD, is_upper, register_number
from ovm.board.decode.forms import bits
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.execute.table import number_of
from ovm.board.record import CARE_PC, Record
from ovm.board.state import CPU
from ovm.board.vfp import system, transfer
from ovm.board.vfp.state import NEEDS_SIMD, NEEDS_UPPER
from ovm.metal import fn, u8, u16, u32

LOAD_WORDS: Final = u16(number_of(transfer.load_words))
LOAD_DOUBLE: Final = number_of(transfer.load_double)
STORE_WORDS: Final = u16(number_of(transfer.store_words))
READ: Final = u16(number_of(system.register_read))
WRITE: Final = u16(number_of(system.register_write))


@fn
def _bad_core(t: u32) -> bool:
    """Return whether a core register may not be named: PC, and SP in T32."""
    return t == 15 or (t == 13 and CPU.thumb != 0)


@fn(inline=False)
def core(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode one core register (rn) and S or D at N:Vn (rd)."""
    t = bits(word, 12, 4)
    number = register_number(extra & 7, (word >> 16) & 15, (word >> 7) & 1)
    if _bad_core(t):
        return UNPREDICTABLE
    record.rd = u8(number)
    record.rn = u8(t)
    record.imm = word
    record.handler = FLOATING_HANDLER
    needs = u32(NEEDS_SIMD if extra & IS_SIMD != 0 else 0)
    record.aux = u16(handler | needs | (NEEDS_UPPER if is_upper(extra & 7, number) else 0))
    return GOOD


@fn(inline=False)
def duplicate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VDUP of a core register: Q is bit 21, B and E not both."""
    if word & 0x40_0020 == 0x40_0020 or (word & (1 << 21) != 0 and word & (1 << 16) != 0):
        return UNDEFINED
    return core(record, word, handler, extra)


@fn(inline=False)
def two_cores(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode two core registers (rn, rm) and the words from `ra`: a D, or two S."""
    t = bits(word, 12, 4)
    second = bits(word, 16, 4)
    number = register_number(extra & 7, word & 15, (word >> 5) & 1)
    if _bad_core(t) or _bad_core(second) or (word & (1 << 20) != 0 and t == second):
        return UNPREDICTABLE
    if extra & 7 == IS_S and number == 31:
        return UNPREDICTABLE
    record.rn = u8(t)
    record.rm = u8(second)
    record.ra = u8(number) if extra & 7 == IS_S else u8(number * 2)
    record.imm = word
    record.handler = FLOATING_HANDLER
    record.aux = u16(handler | (NEEDS_UPPER if is_upper(extra & 7, number) else 0))
    return GOOD


@fn(inline=False)
def status(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VMRS (extra 1), VMSR: Rt is rd, the system register rn."""
    register = bits(word, 16, 4)
    t = bits(word, 12, 4)
    known = register <= 1 or (register >= 6 and register <= 8)
    if not known:
        return UNPREDICTABLE
    if extra == 0 and (register == system.IS_MVFR0 or register == system.IS_MVFR1):
        return UNPREDICTABLE
    if _bad_core(t) and not (t == 15 and extra != 0 and register == system.IS_FPSCR):
        return UNPREDICTABLE
    record.rd = u8(t)
    record.rn = u8(register)
    record.handler = READ if extra != 0 else WRITE
    return GOOD


@fn(inline=False)
def single_transfer(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VLDR, VSTR."""
    offset = (word & 0xFF) * 4
    n = bits(word, 16, 4)
    double = word & 0x100 != 0
    load = word & (1 << 20) != 0
    if n == 15:
        if not load and CPU.thumb != 0:
            return UNPREDICTABLE
        record.condition |= CARE_PC
    _transfer(record, word, 2 if double else 1)
    record.imm = offset if word & (1 << 23) != 0 else 0 - offset
    if double and load:
        record.handler = LOAD_DOUBLE
    return GOOD


@fn
def _transfer(record: Record, word: u32, count: u32) -> None:
    double = word & 0x100 != 0
    four = (word >> 12) & 15
    one = (word >> 22) & 1
    record.rn = u8((word >> 16) & 15)
    record.rd = u8(((one << 4) | four) * 2) if double else u8((four << 1) | one)
    record.ra = u8(count)
    record.rm = u8(word & 0xFF)
    aux = u32(transfer.IS_DOUBLE if double else 0)
    if double and u32(record.rd) + count > 32:
        aux |= NEEDS_UPPER
    record.aux = u16(aux)
    record.handler = LOAD_WORDS if word & (1 << 20) != 0 else STORE_WORDS


@fn(inline=False)
def block_transfer(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode VLDM, VSTM, VPUSH, VPOP; an odd count of words for D is FLDMX and FSTMX, which move the base one further."""
    n = bits(word, 16, 4)
    back = word & (1 << 21) != 0
    double = word & 0x100 != 0
    count = word & 0xFE if double else word & 0xFF
    down = word & (1 << 23) == 0
    _transfer(record, word, count)
    if n == 15 and (back or CPU.thumb != 0):
        return UNPREDICTABLE
    if count == 0 or count > 32 or u32(record.rd) + count > (64 if double else 32):
        return UNPREDICTABLE
    if n == 15:
        record.condition |= CARE_PC
    record.imm = 0 - (word & 0xFF) * 4 if down else 0
    if back:
        record.aux |= transfer.WRITE_BACK
    if down:
        record.aux |= transfer.DOWN
    return GOOD


@fn(inline=False)
def scalar(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Return a lane of D and a core register: opc1 and opc2 name size and index; bytes and halfwords are Advanced SIMD."""
    choice = ((word >> 19) & 0xC) | ((word >> 5) & 3)
    words = choice & 0b1011 == 0
    if choice & 0b1011 == 0b0010 or (words and word & (1 << 23) != 0):
        return UNDEFINED
    return core(record, word, handler, extra if words else extra | IS_SIMD)
