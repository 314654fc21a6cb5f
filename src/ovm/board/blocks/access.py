# SPDX-License-Identifier: Apache-2.0
"""Loads and stores as host code if they hit a line (`lines`); all others are left to the handler."""

from typing import Final

from ovm.board.arena import x86
from ovm.board.arena.x86 import EAX, ECX, EDX, MOV, both, constant, line_field, place, put, shifted
from ovm.board.blocks.data import shift_constant
from ovm.board.blocks.exits import handle_if
from ovm.board.blocks.registers import assign, value_of
from ovm.board.execute import single
from ovm.board.execute.alu import LSL
from ovm.board.record import Record
from ovm.board.shortcuts.lines import LINE_COUNT, Line
from ovm.metal import fn, offsetof, u32

READ: Final = offsetof(Line, "read")
WRITE: Final = offsetof(Line, "write")
ADDEND: Final = offsetof(Line, "addend")
LINE_OFFSETS: Final = (LINE_COUNT - 1) << 4


@fn
def find_line(field: u32, size: u32) -> None:
    """Leave a miss to the handler; ECX then leads to the line of the address in EAX. Changes EDX."""
    both(MOV, ECX, EAX)
    shifted(x86.SHR, ECX, 1)
    constant(x86.AND, ECX, LINE_OFFSETS)
    both(MOV, EDX, EAX)
    constant(x86.AND, EDX, 0xFFFF_FFE0 | (size - 1))
    line_field(x86.CMP, EDX, field)
    handle_if(x86.IF_NOT_EQUAL)


@fn
def size_of(variant: u32) -> u32:
    """Return the bytes of an access."""
    if variant == single.WORD:
        return 4
    if variant == single.BYTE or variant == single.SIGNED_BYTE:
        return 1
    return 2


@fn
def load(variant: u32) -> None:
    """Load the data at EAX into EAX."""
    find_line(READ, size_of(variant))
    line_field(x86.ADD, EAX, ADDEND)
    put(0x41)
    match variant:
        case 0:
            put(MOV)
        case 1:
            put(0x0F)
            put(x86.MOVZX_BYTE)
        case 2:
            put(0x0F)
            put(x86.MOVZX_WORD)
        case 3:
            put(0x0F)
            put(x86.MOVSX_BYTE)
        case _:
            put(0x0F)
            put(x86.MOVSX_WORD)
    place(EAX, 0)


@fn
def _store(variant: u32, source: u32) -> None:
    """Store a register of the host at EAX."""
    find_line(WRITE, size_of(variant))
    line_field(x86.ADD, EAX, ADDEND)
    if variant == single.HALF:
        put(0x66)
    put(0x41 | ((source >> 3) << 2))
    put(0x88 if variant == single.BYTE else x86.MOV_TO)
    place(source, 0)


@fn
def _offset(record: Record, down: bool) -> None:
    """Compute EAX = Rn + or - ECX."""
    both(MOV, EAX, value_of(u32(record.rn)))
    both(x86.SUB if down else x86.ADD, EAX, ECX)


@fn
def _indexed(record: Record) -> None:
    shift_constant(u32(record.rm), LSL, (u32(record.aux) >> single.AMOUNT) & 31)
    _offset(record, record.imm != 0)


@fn
def load_offset(record: Record, variant: u32) -> bool:
    """Load from Rn + immediate."""
    x86.memory(x86.LEA, EAX, value_of(u32(record.rn)), record.imm)
    load(variant)
    assign(u32(record.rd), EAX)
    return True


@fn
def store_offset(record: Record, variant: u32) -> bool:
    """Store to Rn + immediate."""
    source = value_of(u32(record.rd))
    x86.memory(x86.LEA, EAX, value_of(u32(record.rn)), record.imm)
    _store(variant, source)
    return True


@fn
def load_indexed(record: Record, variant: u32) -> bool:
    """Load from Rn + or - (Rm << amount)."""
    _indexed(record)
    load(variant)
    assign(u32(record.rd), EAX)
    return True


@fn
def store_indexed(record: Record, variant: u32) -> bool:
    """Store to Rn + or - (Rm << amount)."""
    source = value_of(u32(record.rd))
    _indexed(record)
    _store(variant, source)
    return True


@fn
def _is_strange(record: Record) -> bool:
    aux = u32(record.aux)
    if aux & (single.USER | single.RRX) != 0:
        return True
    return record.rn == 15 and aux & single.WRITE_BACK != 0


@fn
def moved(record: Record) -> None:
    """Put base plus offset into EAX."""
    aux = u32(record.aux)
    base = value_of(u32(record.rn))
    if aux & single.OFFSET_REGISTER == 0:
        if aux & single.ALIGN_BASE != 0:
            both(MOV, EAX, base)
            constant(x86.AND, EAX, 0xFFFF_FFFC)
            constant(x86.ADD, EAX, record.imm)
        else:
            x86.memory(x86.LEA, EAX, base, record.imm)
        return
    shift_constant(u32(record.rm), (aux >> single.KIND) & 3, aux >> single.AMOUNT)
    both(MOV, EAX, base)
    if aux & single.ALIGN_BASE != 0:
        constant(x86.AND, EAX, 0xFFFF_FFFC)
    both(x86.SUB if aux & single.OFFSET_DOWN != 0 else x86.ADD, EAX, ECX)


@fn
def address_of(record: Record) -> None:
    """Put the address of an access with any addressing mode into EAX."""
    if u32(record.aux) & single.INDEX != 0:
        moved(record)
    else:
        both(MOV, EAX, value_of(u32(record.rn)))


@fn
def write_back(record: Record) -> None:
    """Change the base, when nothing can fail any more. EAX is lost."""
    if u32(record.aux) & single.WRITE_BACK != 0:
        moved(record)
        assign(u32(record.rn), EAX)


@fn
def load_any(record: Record, variant: u32) -> bool:
    """Load with any addressing mode."""
    if _is_strange(record):
        return False
    address_of(record)
    load(variant)
    if u32(record.aux) & single.WRITE_BACK != 0:
        both(MOV, EDX, EAX)
        write_back(record)
        assign(u32(record.rd), EDX)
    else:
        assign(u32(record.rd), EAX)
    return True


@fn
def store_any(record: Record, variant: u32) -> bool:
    """Store with any addressing mode."""
    if _is_strange(record):
        return False
    source = value_of(u32(record.rd))
    address_of(record)
    _store(variant, source)
    write_back(record)
    return True
