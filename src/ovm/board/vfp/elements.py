# SPDX-License-Identifier: Apache-2.0
"""VLD1 to VLD4 and VST1 to VST4 (ARM A7.7). The base is written when every access succeeded.

`imm` describes the transfer in fields of 4 bits, by the places below.
"""

from typing import Final

from ovm.board.access.memory import (
    SCTLR_ALIGNMENT,
    alignment_fault,
    load_byte,
    load_half,
    load_word,
    store_byte,
    store_half,
    store_word,
)
from ovm.board.processor.exceptions import data_abort, undefined
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.sizes import DOUBLE_BYTES, MOST_STRUCTURE, QUAD_PARTS
from ovm.board.state import CPU
from ovm.board.vfp.element import ONES
from ovm.board.vfp.state import FLOATING, Floating, enabled, get_double, plainly_enabled, set_double
from ovm.board.worlds import state_world
from ovm.metal import fn, u32

SIZE: Final = 0  # log2 of an element's bytes
STRUCTURE: Final = 4  # elements in a structure, one register each
REGISTERS: Final = 8  # structures' worth of registers; of all lanes, registers written per element
STEP: Final = 12  # from one register of a structure to the next
LANE: Final = 16
ALIGNMENT: Final = 20  # log2
# Record.ra
ALL_STORE: Final = 0
ALL_LOAD: Final = 1
LANE_STORE: Final = 2
LANE_LOAD: Final = u32(3)
EVERY_LANE: Final = 4


@fn(inline=True)
def _field(record: Record, place: u32) -> u32:
    return (record.imm >> place) & 15


@fn
def _load(state: Floating, register: u32, index: u32, size: u32, address: u32) -> bool:
    """Load one element; return True when the access failed."""
    if size == 3:
        first = load_word(address)
        second = load_word(address + 4) if first >> 32 == 0 else first
        if second >> 32 != 0:
            return True
        set_double(state, register, (first << 32) | second if CPU.big_endian != 0 else (second << 32) | first)
        return False
    value = load_word(address) if size == 2 else (load_half(address) if size == 1 else load_byte(address))
    if value >> 32 != 0:
        return True
    place = index << (size + 3)
    mask = (ONES >> (64 - (8 << size))) << place
    set_double(state, register, (get_double(state, register) & ~mask) | (value << place))
    return False


@fn
def _store(state: Floating, register: u32, index: u32, size: u32, address: u32) -> bool:
    """Store one element; return True when the access failed."""
    number = get_double(state, register)
    if size == 3:
        swapped = CPU.big_endian != 0
        if store_word(address, u32(number >> 32) if swapped else u32(number)):
            return True
        return store_word(address + 4, u32(number) if swapped else u32(number >> 32))
    value = u32(number >> (index << (size + 3)))
    if size == 2:
        return store_word(address, value)
    return store_half(address, value & 0xFFFF) if size == 1 else store_byte(address, value & 0xFF)


@fn
def _multiple(record: Record, state: Floating, address: u32, loading: bool) -> bool:
    size = _field(record, SIZE)
    structure = _field(record, STRUCTURE)
    place = address
    for group in u32.range(_field(record, REGISTERS), bound=MOST_STRUCTURE):
        for index in u32.range(8 >> size, bound=DOUBLE_BYTES):
            for part in u32.range(structure, bound=MOST_STRUCTURE):
                register = u32(record.rd) + group + part * _field(record, STEP)
                if loading:
                    if _load(state, register, index, size, place):
                        return True
                elif _store(state, register, index, size, place):
                    return True
                place += 1 << size
    return False


@fn
def _words(record: Record, state: Floating, address: u32, loading: bool) -> bool:
    """Move whole registers as words, which is equal to their elements if memory is little-endian and aligned."""
    for index in u32.range(_field(record, REGISTERS) * 2, bound=DOUBLE_BYTES):
        word = u32(record.rd) * 2 + index
        if loading:
            value = load_word(address + index * 4)
            if value >> 32 != 0:
                return True
            state.words[word] = u32(value)
        elif store_word(address + index * 4, state.words[word]):
            return True
    return False


@fn
def _lane(record: Record, state: Floating, address: u32, loading: bool) -> bool:
    size = _field(record, SIZE)
    index = _field(record, LANE)
    for part in u32.range(_field(record, STRUCTURE), bound=MOST_STRUCTURE):
        register = u32(record.rd) + part * _field(record, STEP)
        place = address + (part << size)
        if loading:
            if _load(state, register, index, size, place):
                return True
        elif _store(state, register, index, size, place):
            return True
    return False


@fn
def _every_lane(record: Record, state: Floating, address: u32) -> bool:
    size = _field(record, SIZE)
    ones = ONES // (ONES >> (64 - (8 << size)))
    for part in u32.range(_field(record, STRUCTURE), bound=MOST_STRUCTURE):
        place = address + (part << size)
        value = load_word(place) if size == 2 else (load_half(place) if size == 1 else load_byte(place))
        if value >> 32 != 0:
            return True
        for copy in u32.range(_field(record, REGISTERS), bound=QUAD_PARTS):
            set_double(state, u32(record.rd) + part * _field(record, STEP) + copy, value * ones)
    return False


@fn
def _misaligned(record: Record, address: u32) -> bool:
    """Return whether the instruction's own alignment, or that of a doubleword element with SCTLR.A, is violated."""
    aligned = (1 << _field(record, ALIGNMENT)) - 1
    if _field(record, SIZE) == 3 and CPU.world[state_world()].sctlr & SCTLR_ALIGNMENT != 0:
        aligned |= 7
    return address & aligned != 0


@fn
def _transfer(record: Record, state: Floating, address: u32) -> bool:
    kind = u32(record.ra)
    if kind == EVERY_LANE:
        return _every_lane(record, state, address)
    loading = kind & 1 != 0
    if kind >= LANE_STORE:
        return _lane(record, state, address, loading)
    if _field(record, STRUCTURE) == 1 and CPU.big_endian == 0 and address & 3 == 0:
        return _words(record, state, address, loading)
    return _multiple(record, state, address, loading)


@fn
def _bytes(record: Record) -> u32:
    structure = _field(record, STRUCTURE)
    if u32(record.ra) <= ALL_LOAD:
        return structure * _field(record, REGISTERS) * 8
    return structure << _field(record, SIZE)


@fn(inline=False)
def _elements(record: Record, at: u32) -> u32:
    state = FLOATING[CPU.number]
    if not plainly_enabled(state) and not enabled(state, u32(record.aux)):
        return undefined(at)
    address = CPU.r[record.rn]
    if _misaligned(record, address):
        alignment_fault(address, u32(record.ra == ALL_STORE or record.ra == LANE_STORE))
        return data_abort(at)
    if _transfer(record, state, address):
        return data_abort(at)
    if record.rm == 13:
        CPU.r[record.rn] = address + _bytes(record)
    elif record.rm != 15:
        CPU.r[record.rn] = address + CPU.r[record.rm]
    return after(record, at)


@fn(inline=True)
def elements(record: Record, at: u32, variant: u32) -> u32:
    """Execute a load or store of elements or structures."""
    return _elements(record, at)
