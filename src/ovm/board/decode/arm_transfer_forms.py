# SPDX-License-Identifier: Apache-2.0
"""Operand forms of A32's loads, stores and synchronisation (ARM A5.2.8, A5.2.10, A5.3, A5.5)."""

from typing import Final

from ovm.board.decode.forms import bits, needs_pc, registers, shift_of
from ovm.board.decode.pattern import GOOD, UNPREDICTABLE
from ovm.board.execute import multiple, single
from ovm.board.execute.single_rows import IS_LOAD, IS_PAIR
from ovm.board.execute.table import number_of
from ovm.board.record import Record
from ovm.metal import fn, u8, u16, u32

LOAD_TO_PC: Final = number_of(single.load_to_pc)
LOAD_FAST: Final = u32(number_of(single.load_offset))
STORE_FAST: Final = u32(number_of(single.store_offset))
LOAD_INDEXED: Final = u32(number_of(single.load_indexed))
STORE_INDEXED: Final = u32(number_of(single.store_indexed))
LOAD_ANY: Final = u32(number_of(single.load_any))
STORE_ANY: Final = u32(number_of(single.store_any))
PRELOAD: Final = number_of(single.preload_data)
LOAD_PAIR: Final = u16(number_of(single.load_pair))
STORE_PAIR: Final = u16(number_of(single.store_pair))
LOAD_USER: Final = u16(number_of(multiple.load_multiple_user))
STORE_USER: Final = u16(number_of(multiple.store_multiple_user))
LOAD_RETURN: Final = number_of(multiple.load_multiple_return)


@fn
def _addressing(word: u32) -> u32:
    """Return aux of the P and W bits."""
    index = word & (1 << 24) != 0
    aux = u32(single.INDEX if index else single.WRITE_BACK)
    if word & (1 << 21) != 0:
        aux |= single.WRITE_BACK if index else single.USER
    return aux


@fn
def _register_offset(word: u32) -> u32:
    """Return aux of a shifted register."""
    real = shift_of(bits(word, 5, 2), bits(word, 7, 5))
    aux = u32(single.OFFSET_REGISTER)
    if word & (1 << 23) == 0:
        aux |= single.OFFSET_DOWN
    if real >> 8 == 4:
        return aux | single.RRX
    return aux | ((real >> 8) << single.KIND) | ((real & 0xFF) << single.AMOUNT)


@fn
def choose_transfer(record: Record, aux: u32, extra: u32) -> u32:
    """Choose the handler of a single load or store whose registers are set (extra: IS_LOAD | size)."""
    record.aux = u16(aux)
    size = extra & 7
    load = extra & IS_LOAD != 0
    t = u32(record.rd)
    n = u32(record.rn)
    if aux & single.WRITE_BACK != 0 and (n == 15 or n == t):
        return UNPREDICTABLE
    if aux & single.OFFSET_REGISTER != 0 and record.rm == 15:
        return UNPREDICTABLE
    if t == 15 and (size != 0 or aux & single.USER != 0):
        return UNPREDICTABLE
    if t == 15 and load:
        record.handler = LOAD_TO_PC
        return GOOD
    if t == 15:
        needs_pc(record)
    simple = aux & (0x3FF ^ single.OFFSET_DOWN) == single.INDEX | single.OFFSET_REGISTER
    if aux == single.INDEX:
        record.handler = u16((LOAD_FAST if load else STORE_FAST) + size)
    elif simple:
        record.handler = u16((LOAD_INDEXED if load else STORE_INDEXED) + size)
        record.imm = 0xFFFF_FFFF if aux & single.OFFSET_DOWN != 0 else 0
    else:
        record.handler = u16((LOAD_ANY if load else STORE_ANY) + size)
    return GOOD


@fn(inline=False)
def transfer_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDR, STR, LDRB, STRB with a 12-bit offset."""
    registers(record, bits(word, 12, 4), bits(word, 16, 4), 0)
    offset = word & 0xFFF
    record.imm = offset if word & (1 << 23) != 0 else 0 - offset
    return choose_transfer(record, _addressing(word), extra)


@fn(inline=False)
def transfer_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDR, STR, LDRB, STRB with a shifted register."""
    registers(record, bits(word, 12, 4), bits(word, 16, 4), word & 15)
    return choose_transfer(record, _addressing(word) | _register_offset(word), extra)


@fn
def choose_preload(record: Record, aux: u32, write: bool) -> u32:
    """Choose the handler of a PLD or PLDW whose registers are set."""
    record.aux = u16(aux)
    record.handler = u16(PRELOAD + u32(write))
    if write and record.rn == 15 or aux & single.OFFSET_REGISTER != 0 and record.rm == 15:
        return UNPREDICTABLE
    return GOOD


@fn(inline=False)
def preload_immediate(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode PLD and PLDW with a 12-bit offset."""
    registers(record, 0, bits(word, 16, 4), 0)
    offset = word & 0xFFF
    record.imm = offset if word & (1 << 23) != 0 else 0 - offset
    return choose_preload(record, single.INDEX, word & (1 << 22) == 0)


@fn(inline=False)
def preload_register(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode PLD and PLDW with a shifted register."""
    registers(record, 0, bits(word, 16, 4), word & 15)
    return choose_preload(record, _register_offset(word) | single.INDEX, word & (1 << 22) == 0)


@fn(inline=False)
def transfer_half(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode halfwords, signed bytes and pairs: bit 22 chooses an 8-bit offset or a register."""
    registers(record, bits(word, 12, 4), bits(word, 16, 4), word & 15)
    aux = _addressing(word)
    up = word & (1 << 23) != 0
    if word & (1 << 22) != 0:
        offset = ((word >> 4) & 0xF0) | (word & 0xF)
        record.imm = offset if up else 0 - offset
        registers(record, u32(record.rd), u32(record.rn), 0)
    else:
        if word & 0xF00 != 0:
            return UNPREDICTABLE
        aux |= single.OFFSET_REGISTER
        if not up:
            aux |= single.OFFSET_DOWN
    if extra & IS_PAIR == 0:
        return choose_transfer(record, aux, extra)
    return _pair(record, aux, extra)


@fn
def _pair(record: Record, aux: u32, extra: u32) -> u32:
    t = u32(record.rd)
    n = u32(record.rn)
    m = u32(record.rm)
    register = aux & single.OFFSET_REGISTER != 0
    if t & 1 != 0 or t == 14 or aux & single.USER != 0 or (register and m == 15):
        return UNPREDICTABLE
    if aux & single.WRITE_BACK != 0 and (n == 15 or n == t or n == t + 1):
        return UNPREDICTABLE
    if register and extra & IS_LOAD != 0 and (m == t or m == t + 1):
        return UNPREDICTABLE
    record.aux = u16(aux)
    record.ra = u8(t + 1)
    record.handler = LOAD_PAIR if extra & IS_LOAD != 0 else STORE_PAIR
    return GOOD


@fn(inline=False)
def block_transfer(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDM (extra 1), STM (0), with P, U, S and W."""
    n = bits(word, 16, 4)
    chosen = word & 0xFFFF
    write_back = word & (1 << 21) != 0
    user = word & (1 << 22) != 0
    record.rn = u8(n)
    record.imm = chosen
    record.aux = u16(block_mode(word))
    record.handler = u16(handler)
    if n == 15 or chosen == 0:
        return UNPREDICTABLE
    if user:
        if extra != 0 and chosen & 0x8000 != 0:
            record.handler = LOAD_RETURN
        else:
            record.handler = LOAD_USER if extra != 0 else STORE_USER
            if write_back:
                return UNPREDICTABLE
    if write_back and (chosen >> n) & 1 != 0 and (extra != 0 or chosen & ((1 << n) - 1) != 0):
        return UNPREDICTABLE
    if extra == 0 and chosen & 0x8000 != 0:
        needs_pc(record)
    return GOOD


@fn
def block_mode(word: u32) -> u32:
    """Return aux of a block transfer from bits P, U and W."""
    before = word & (1 << 24) != 0
    down = word & (1 << 23) == 0
    aux = u32(0)
    if down:
        aux |= multiple.DOWN
    if before:
        aux |= multiple.BEFORE
    if word & (1 << 21) != 0:
        aux |= multiple.WRITE_BACK
    return aux


@fn(inline=False)
def return_state(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode RFE (Rn), SRS (mode)."""
    n = bits(word, 16, 4)
    if extra == 0 and n == 15:
        return UNPREDICTABLE
    record.rn = u8(n)
    record.imm = word & 31
    record.aux = u16(block_mode(word))
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def exclusive_load(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode LDREX: Rt, Rn; extra 3 is a pair."""
    t = bits(word, 12, 4)
    n = bits(word, 16, 4)
    if t == 15 or n == 15 or (extra == 3 and (t & 1 != 0 or t == 14)):
        return UNPREDICTABLE
    registers(record, t, n, 0)
    record.ra = u8(t + 1)
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def exclusive_store(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode STREX: Rd, Rt, Rn, which may not overlap; extra 3 is a pair."""
    d = bits(word, 12, 4)
    n = bits(word, 16, 4)
    t = word & 15
    if d == 15 or t == 15 or n == 15 or d == n or d == t:
        return UNPREDICTABLE
    if extra == 3 and (t & 1 != 0 or t == 14 or d == t + 1):
        return UNPREDICTABLE
    registers(record, d, n, t)
    record.ra = u8(t + 1)
    record.handler = u16(handler)
    return GOOD


@fn(inline=False)
def swapping(record: Record, word: u32, handler: u32, extra: u32) -> u32:
    """Decode SWP: Rt, Rt2, Rn."""
    t = bits(word, 12, 4)
    n = bits(word, 16, 4)
    m = word & 15
    if t == 15 or m == 15 or n == 15 or n == t or n == m:
        return UNPREDICTABLE
    registers(record, t, n, m)
    record.handler = u16(handler)
    return GOOD
