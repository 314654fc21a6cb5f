# SPDX-License-Identifier: Apache-2.0
"""Loads and stores of several words, and loads that branch, as host code.

Up to nine words lie in two lines at most. If both hit, and the data behind them is contiguous, all words follow the first one.
A failure after words were loaded is left to the handler, like any other: it loads them again.
"""

from typing import Final

from ovm.board.arena import x86
from ovm.board.arena.x86 import EAX, ECX, EDX, MOV, MOV_TO, both, constant, line_field, place, put, shifted, state
from ovm.board.blocks.access import ADDEND, LINE_OFFSETS, READ, WRITE, address_of, find_line, load, write_back
from ovm.board.blocks.branches import address_here, begin_branch, follow, go_to_address
from ovm.board.blocks.exits import handle_if
from ovm.board.blocks.registers import COPIES, NOWHERE, assign, forget, value_of
from ovm.board.execute import multiple, single
from ovm.board.record import Record
from ovm.metal import fn, u32

MOST: Final = 9
KEPT: Final = 4  # words whose registers the host keeps
STACK: Final = 13
PC: Final = 15


@fn
def find_words(field: u32, base: u32, first: u32, size: u32) -> None:
    """Lead EAX to `size` bytes from a register of the host + `first` on."""
    x86.memory(x86.LEA, EAX, base, first)
    find_line(field, 4)
    line_field(x86.ADD, EAX, ADDEND)
    if size == 4:
        return
    x86.memory(x86.LEA, EDX, base, first + size - 4)
    both(MOV, ECX, EDX)
    shifted(x86.SHR, ECX, 1)
    constant(x86.AND, ECX, LINE_OFFSETS)
    constant(x86.AND, EDX, 0xFFFF_FFE0)
    line_field(x86.CMP, EDX, field)
    handle_if(x86.IF_NOT_EQUAL)
    x86.memory(x86.LEA, EDX, base, first)
    line_field(x86.ADD, EDX, ADDEND)
    both(x86.CMP, EDX, EAX)
    handle_if(x86.IF_NOT_EQUAL)


@fn
def load_word(register: u32, offset: u32) -> None:
    """Load a word at EAX."""
    put(0x41)
    put(MOV)
    place(register, offset)


@fn
def store_word(register: u32, offset: u32) -> None:
    """Store a word at EAX."""
    put(0x41 | ((register >> 3) << 2))
    put(MOV_TO)
    place(register, offset)


@fn
def _count(registers: u32) -> u32:
    count = u32(0)
    for number in u32.range(16):
        count += (registers >> number) & 1
    return count


@fn
def _first(aux: u32, size: u32) -> u32:
    before = aux & multiple.BEFORE != 0
    if aux & multiple.DOWN != 0:
        return (0 if before else 4) - size
    return 4 if before else 0


@fn
def _move_base(record: Record, base: u32, size: u32) -> None:
    """Write the base back; EAX is kept."""
    aux = u32(record.aux)
    if aux & multiple.WRITE_BACK != 0:
        x86.memory(x86.LEA, EDX, base, 0 - size if aux & multiple.DOWN != 0 else size)
        assign(u32(record.rn), EDX)


@fn
def load_multiple(record: Record, variant: u32) -> bool:
    """Write the code of LDM."""
    registers = record.imm
    count = _count(registers)
    if count == 0 or count > MOST or record.rn == PC or (registers >> u32(record.rn)) & 1 != 0:
        return False
    branches = registers & multiple.PC != 0
    if branches:
        begin_branch()
    base = value_of(u32(record.rn))
    find_words(READ, base, _first(u32(record.aux), count * 4), count * 4)
    _load_list(registers & 0x7FFF, count)
    if branches:
        load_word(EAX, count * 4 - 4)
        follow(record.rn == STACK)
    _move_base(record, base, count * 4)
    if branches:
        go_to_address(record)
    return True


@fn
def _load_list(registers: u32, count: u32) -> None:
    offset = u32(0)
    for number in u32.range(16):
        if (registers >> number) & 1 != 0:
            load_word(ECX, offset)
            if count <= KEPT:
                assign(number, ECX)
            else:
                forget(number)
                state(MOV_TO, ECX, number * 4)
            offset += 4


@fn
def store_multiple(record: Record, variant: u32) -> bool:
    """Write the code of STM."""
    registers = record.imm
    count = _count(registers)
    if count == 0 or count > MOST or record.rn == PC or registers & multiple.PC != 0:
        return False
    base = value_of(u32(record.rn))
    find_words(WRITE, base, _first(u32(record.aux), count * 4), count * 4)
    offset = u32(0)
    for number in u32.range(16):
        if (registers >> number) & 1 != 0:
            source = u32(COPIES.where[number])
            if source == NOWHERE:
                source = ECX
                state(MOV, source, number * 4)
            store_word(source, offset)
            offset += 4
    _move_base(record, base, count * 4)
    return True


@fn
def _is_hard(record: Record) -> bool:
    """Return whether a pair's base is moved by a register, or the PC takes part."""
    aux = u32(record.aux)
    if aux & (single.USER | single.RRX) != 0 or record.rd == PC or record.ra == PC:
        return True
    return aux & single.WRITE_BACK != 0 and (aux & single.OFFSET_REGISTER != 0 or record.rn == PC)


@fn
def _find_pair(record: Record, field: u32) -> None:
    """Lead EAX to the words of a pair, which must lie in one line."""
    address_of(record)
    both(MOV, EDX, EAX)
    constant(x86.AND, EDX, 28)
    constant(x86.CMP, EDX, 28)
    handle_if(x86.IF_EQUAL)
    find_line(field, 4)
    line_field(x86.ADD, EAX, ADDEND)


@fn
def load_pair(record: Record, variant: u32) -> bool:
    """Write the code of LDRD."""
    if _is_hard(record):
        return False
    _find_pair(record, READ)
    load_word(ECX, 0)
    load_word(EDX, 4)
    write_back(record)
    assign(u32(record.rd), ECX)
    assign(u32(record.ra), EDX)
    return True


@fn
def store_pair(record: Record, variant: u32) -> bool:
    """Write the code of STRD."""
    if _is_hard(record):
        return False
    low = value_of(u32(record.rd))
    high = value_of(u32(record.ra))
    _find_pair(record, WRITE)
    store_word(low, 0)
    store_word(high, 4)
    write_back(record)
    return True


@fn
def load_to_pc(record: Record, variant: u32) -> bool:
    """Write the code of LDR PC."""
    aux = u32(record.aux)
    if aux & (single.USER | single.RRX) != 0 or (record.rn == PC and aux & single.WRITE_BACK != 0):
        return False
    begin_branch()
    address_of(record)
    load(single.WORD)
    follow(record.rn == STACK)
    both(MOV, EDX, EAX)
    write_back(record)
    both(MOV, EAX, EDX)
    go_to_address(record)
    return True


@fn
def table_branch(record: Record, variant: u32) -> bool:
    """Write the code of TBB and TBH."""
    begin_branch()
    both(MOV, EAX, value_of(u32(record.rm)))
    if variant != 0:
        both(x86.ADD, EAX, EAX)
    both(x86.ADD, EAX, value_of(u32(record.rn)))
    load(single.HALF if variant != 0 else single.BYTE)
    both(x86.ADD, EAX, EAX)
    address_here(ECX, 4 + 1)
    both(x86.ADD, EAX, ECX)
    follow(False)
    go_to_address(record)
    return True
