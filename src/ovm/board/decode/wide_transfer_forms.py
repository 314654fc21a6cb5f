# SPDX-License-Identifier: Apache-2.0
"""Operand forms of the loads, stores, exclusives and table branches of 32-bit T32 (ARM A6.3.5 to A6.3.10)."""

from typing import Final

from ovm.board.decode import arm_transfer_forms
from ovm.board.decode.arm_transfer_forms import choose_preload, choose_transfer
from ovm.board.decode.forms import bits, registers
from ovm.board.decode.narrow_forms import aligned_pc, breaks_it
from ovm.board.decode.pattern import GOOD, UNDEFINED, UNPREDICTABLE
from ovm.board.decode.wide_forms import is_bad
from ovm.board.execute import hints, single
from ovm.board.execute.single_rows import IS_LOAD
from ovm.board.execute.table import number_of
from ovm.board.parameters import PARAMETERS
from ovm.board.record import Record
from ovm.metal import fn, u8, u16, u32

HINT: Final = number_of(hints.hint)


@fn
def _cannot_load(t: u32, size: u32) -> bool:
    """Tell whether Rt is UNPREDICTABLE: SP in anything but a word, PC in a word only as a load that may branch."""
    return t == 13 and size != 0


@fn
def _hint(record: Record, size: u32, n: u32, m: u32, aux: u32) -> u32:
    """Decode loads of bytes and halfwords to the PC: PLD and PLDW, others do nothing (ARM A6.3.8, A6.3.9)."""
    if size == single.BYTE or (size == single.HALF and n != 15):
        registers(record, 0, n, m)
        return choose_preload(record, aux, size == single.HALF)
    record.handler = HINT
    return GOOD


@fn(inline=False)
def transfer_twelve(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode loads and stores with 12 bits; from the PC, up or down."""
    t = bits(word, 12, 4)
    n = bits(word, 16, 4)
    size = extra & 7
    load = extra & IS_LOAD != 0
    if n == 15 and not load:
        return UNDEFINED
    offset = word & 0xFFF
    record.imm = offset if n != 15 or word & (1 << 23) != 0 else 0 - offset
    if n == 15:
        record.imm += aligned_pc()
    if t == 15 and load and size != 0:
        return _hint(record, size, n, 0, single.INDEX)
    if _cannot_load(t, size) or (t == 15 and (not load or breaks_it())):
        return UNPREDICTABLE
    registers(record, t, n, 0)
    return choose_transfer(record, single.INDEX, extra)


@fn(inline=False)
def transfer_eight(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode loads and stores with 8 bits and P, U, W: pre- and post-indexed, negative and unprivileged."""
    t = bits(word, 12, 4)
    n = bits(word, 16, 4)
    size = extra & 7
    load = extra & IS_LOAD != 0
    index = word & (1 << 10) != 0
    up = word & (1 << 9) != 0
    back = word & (1 << 8) != 0
    if n == 15 or (not index and not back):
        return UNDEFINED
    record.imm = word & 0xFF if up else 0 - (word & 0xFF)
    if t == 15 and load and size != 0 and index and not up and not back:
        return _hint(record, size, n, 0, single.INDEX)
    if _cannot_load(t, size) or (t == 15 and (not load or size != 0 or breaks_it())):
        return UNPREDICTABLE
    registers(record, t, n, 0)
    aux = u32(single.INDEX if index else 0)
    if index and up and not back:
        if t == 13:
            return UNPREDICTABLE
        aux |= single.USER
    elif back:
        aux |= single.WRITE_BACK
    return choose_transfer(record, aux, extra)


@fn(inline=False)
def transfer_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode loads and stores with Rm shifted left by up to 3."""
    t = bits(word, 12, 4)
    n = bits(word, 16, 4)
    m = word & 15
    size = extra & 7
    load = extra & IS_LOAD != 0
    if n == 15:
        return UNDEFINED
    aux = (single.INDEX | single.OFFSET_REGISTER) | (bits(word, 4, 2) << single.AMOUNT)
    if t == 15 and load and size != 0:
        return UNPREDICTABLE if is_bad(m) else _hint(record, size, n, m, aux)
    if is_bad(m) or _cannot_load(t, size) or (t == 15 and (not load or breaks_it())):
        return UNPREDICTABLE
    registers(record, t, n, m)
    return choose_transfer(record, aux, extra)


@fn(inline=False)
def pair(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDRD (extra 1), STRD."""
    t = bits(word, 12, 4)
    second = bits(word, 8, 4)
    n = bits(word, 16, 4)
    index = word & (1 << 24) != 0
    up = word & (1 << 23) != 0
    back = word & (1 << 21) != 0
    if is_bad(t) or is_bad(second) or (extra != 0 and t == second) or (back and (n == 15 or n == t or n == second)):
        return UNPREDICTABLE
    if n == 15 and extra == 0:
        return UNPREDICTABLE
    registers(record, t, n, 0)
    record.ra = u8(second)
    offset = (word & 0xFF) * 4
    record.imm = offset if up else 0 - offset
    if n == 15:
        record.imm += aligned_pc()
    aux = u32(single.INDEX if index else 0)
    record.aux = u16(aux | single.WRITE_BACK) if back else u16(aux)
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def block(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDM (extra 1), STM: at least two registers, or as the parameter says; SP never, PC and LR not both."""
    chosen = word & 0xFFFF
    n = bits(word, 16, 4)
    if chosen & (chosen - 1) == 0 and (extra == 0 or PARAMETERS.single_t32_ldm == 0):
        return UNPREDICTABLE
    if chosen & 0x2000 != 0 or (extra == 0 and chosen & 0x8000 != 0):
        return UNPREDICTABLE
    if chosen & 0xC000 == 0xC000 or (chosen & 0x8000 != 0 and breaks_it()):
        return UNPREDICTABLE
    if word & (1 << 21) != 0 and (chosen >> n) & 1 != 0:
        return UNPREDICTABLE
    return arm_transfer_forms.block_transfer(record, word & 0x01AF_FFFF, handler, extra)


@fn(inline=False)
def return_state(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode RFE (extra 0), SRS (1): DB or IA by bit 24."""
    if extra == 0 and breaks_it():
        return UNPREDICTABLE
    before = word & (1 << 24) == 0
    moved = (word & 0x002F_001F) | (1 << 24 if before else 1 << 23)
    return arm_transfer_forms.return_state(record, moved, handler, extra)


@fn(inline=False)
def exclusive(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode exclusives: size, | 8 a load, | 16 with an 8-bit offset and Rd higher up."""
    t = bits(word, 12, 4)
    n = bits(word, 16, 4)
    second = bits(word, 8, 4)
    load = extra & 8 != 0
    double = extra & 3 == 3
    d = second if extra & 16 != 0 else word & 15
    if n == 15 or is_bad(t) or (double and is_bad(second)):
        return UNPREDICTABLE
    if load:
        if double and t == second:
            return UNPREDICTABLE
        registers(record, t, n, 0)
    else:
        if is_bad(d) or d == n or d == t or (double and d == second):
            return UNPREDICTABLE
        registers(record, d, n, t)
    record.ra = u8(second)
    record.imm = (word & 0xFF) * 4 if extra & 16 != 0 else 0
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def table_branch(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode TBB, TBH."""
    n = bits(word, 16, 4)
    if n == 13 or is_bad(word & 15) or breaks_it():
        return UNPREDICTABLE
    registers(record, 0, n, word & 15)
    record.handler = u16(handler)
    return GOOD
