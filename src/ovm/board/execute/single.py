# SPDX-License-Identifier: Apache-2.0
"""Loads and stores of one register or a pair (ARM A5.3, A5.2.8, A6.3.7 to A6.3.10).

`aux` describes an address: the source of the offset and the change of the base.
"""

from typing import Final

from ovm.board.access.memory import (
    alignment_fault,
    load_byte_by,
    load_half_by,
    load_slowly,
    load_word,
    load_word_by,
    store_byte,
    store_half,
    store_slowly,
    store_word,
)
from ovm.board.access.preload import preload
from ovm.board.cache.outstanding import BY_INDEX, BY_OFFSET
from ovm.board.execute.alu import shift
from ovm.board.execute.predict import indirect, returned
from ovm.board.processor.exceptions import data_abort
from ovm.board.processor.flow import after, interwork
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.metal import fn, u32, u64

# Record.aux
OFFSET_REGISTER: Final = 1 << 0
OFFSET_DOWN: Final = 1 << 1  # of a register; immediates carry their sign
INDEX: Final = 1 << 2  # P: the offset counts for this access
WRITE_BACK: Final = 1 << 3
USER: Final = 1 << 4
RRX: Final = 1 << 5
ALIGN_BASE: Final = 1 << 6  # the base is the PC, rounded down to a word
KIND: Final = 8  # 2 bits
AMOUNT: Final = 10  # 6 bits

STACK: Final = 13

WORD: Final = 0
BYTE: Final = 1
HALF: Final = 2
SIGNED_BYTE: Final = 3
SIGNED_HALF: Final = 4


@fn(inline=True)
def _extended(size: u32, value: u32) -> u32:
    if size == SIGNED_BYTE:
        return (value ^ 0x80) - 0x80
    if size == SIGNED_HALF:
        return (value ^ 0x8000) - 0x8000
    return value


@fn(inline=True)
def _load(size: u32, address: u32, by: u32) -> u64:
    if size == WORD:
        return load_word_by(address, by)
    if size == BYTE or size == SIGNED_BYTE:
        return load_byte_by(address, by)
    return load_half_by(address, by)


@fn(inline=True)
def _store(size: u32, address: u32, value: u32) -> bool:
    if size == WORD:
        return store_word(address, value)
    if size == BYTE:
        return store_byte(address, value)
    return store_half(address, value)


@fn(inline=True)
def _bytes(size: u32) -> u32:
    if size == WORD:
        return 4
    if size == BYTE or size == SIGNED_BYTE:
        return 1
    return 2


@fn(inline=True)
def load_offset(record: Record, at: u32, variant: u32) -> u32:
    """Load from Rn + immediate, base unchanged."""
    value = _load(variant, CPU.r[record.rn] + record.imm, at | BY_OFFSET)
    if value >> 32 != 0:
        return data_abort(at)
    CPU.r[record.rd] = _extended(variant, u32(value))
    return after(record, at)


@fn(inline=True)
def store_offset(record: Record, at: u32, variant: u32) -> u32:
    """Store to Rn + immediate, base unchanged."""
    if _store(variant, CPU.r[record.rn] + record.imm, CPU.r[record.rd]):
        return data_abort(at)
    return after(record, at)


@fn(inline=True)
def _indexed(record: Record) -> u32:
    """Return Rn + (Rm << amount), or the difference: `imm` is then all ones, else 0."""
    offset = CPU.r[record.rm] << ((u32(record.aux) >> AMOUNT) & 31)
    return CPU.r[record.rn] + ((offset ^ record.imm) - record.imm)


@fn(inline=True)
def load_indexed(record: Record, at: u32, variant: u32) -> u32:
    """Load from Rn + or - (Rm << amount), base unchanged."""
    value = _load(variant, _indexed(record), at | BY_INDEX)
    if value >> 32 != 0:
        return data_abort(at)
    CPU.r[record.rd] = _extended(variant, u32(value))
    return after(record, at)


@fn(inline=True)
def store_indexed(record: Record, at: u32, variant: u32) -> u32:
    """Store to Rn + or - (Rm << amount), base unchanged."""
    if _store(variant, _indexed(record), CPU.r[record.rd]):
        return data_abort(at)
    return after(record, at)


@fn(inline=True)
def _moved(record: Record) -> u32:
    """Return base plus offset."""
    aux = u32(record.aux)
    base = CPU.r[record.rn]
    if aux & ALIGN_BASE != 0:
        base &= 0xFFFF_FFFC
    if aux & OFFSET_REGISTER == 0:
        return base + record.imm
    offset = CPU.r[record.rm]
    if aux & RRX != 0:
        offset = (CPU.carry << 31) | (offset >> 1)
    else:
        offset = shift(offset, (aux >> KIND) & 3, aux >> AMOUNT)
    if aux & OFFSET_DOWN != 0:
        return base - offset
    return base + offset


@fn(inline=True)
def _address(record: Record, moved: u32) -> u32:
    return moved if u32(record.aux) & INDEX != 0 else CPU.r[record.rn]


@fn(inline=True)
def _write_back(record: Record, moved: u32) -> None:
    if u32(record.aux) & WRITE_BACK != 0:
        CPU.r[record.rn] = moved


@fn(inline=True)
def _kind(record: Record) -> u32:
    return BY_INDEX if u32(record.aux) & OFFSET_REGISTER != 0 else BY_OFFSET


@fn(inline=True)
def load_any(record: Record, at: u32, variant: u32) -> u32:
    """Load with any addressing mode."""
    moved = _moved(record)
    if u32(record.aux) & USER != 0:
        value = load_slowly(_address(record, moved), _bytes(variant), 1, 0)
    else:
        value = _load(variant, _address(record, moved), at | _kind(record))
    if value >> 32 != 0:
        return data_abort(at)
    _write_back(record, moved)
    CPU.r[record.rd] = _extended(variant, u32(value))
    return after(record, at)


@fn(inline=True)
def store_any(record: Record, at: u32, variant: u32) -> u32:
    """Store with any addressing mode."""
    moved = _moved(record)
    if u32(record.aux) & USER != 0:
        failed = store_slowly(_address(record, moved), CPU.r[record.rd], _bytes(variant), 1)
    else:
        failed = _store(variant, _address(record, moved), CPU.r[record.rd])
    if failed:
        return data_abort(at)
    _write_back(record, moved)
    return after(record, at)


@fn(inline=True)
def load_to_pc(record: Record, at: u32, variant: u32) -> u32:
    """Execute LDR PC: an interworking branch; with r13 as the base it is a return (A9 TRM 7.3.2)."""
    moved = _moved(record)
    value = load_word(_address(record, moved))
    if value >> 32 != 0:
        return data_abort(at)
    _write_back(record, moved)
    if record.rn == STACK:
        returned(record, at, u32(value))
    else:
        indirect(record, at, u32(value))
    return interwork(u32(value))


@fn(inline=True)
def load_pair(record: Record, at: u32, variant: u32) -> u32:
    """Execute LDRD: word-aligned always (ARM A3.2.1); the second register is `ra`."""
    moved = _moved(record)
    address = _address(record, moved)
    if address & 3 != 0:
        alignment_fault(address, 0)
        return data_abort(at)
    low = load_word_by(address, at | _kind(record))
    if low >> 32 != 0:
        return data_abort(at)
    high = load_word_by(address + 4, at | _kind(record))
    if high >> 32 != 0:
        return data_abort(at)
    _write_back(record, moved)
    CPU.r[record.rd] = u32(low)
    CPU.r[record.ra] = u32(high)
    return after(record, at)


@fn(inline=True)
def store_pair(record: Record, at: u32, variant: u32) -> u32:
    """Execute STRD."""
    moved = _moved(record)
    address = _address(record, moved)
    if address & 3 != 0:
        alignment_fault(address, 1)
        return data_abort(at)
    if store_word(address, CPU.r[record.rd]):
        return data_abort(at)
    if store_word(address + 4, CPU.r[record.ra]):
        return data_abort(at)
    _write_back(record, moved)
    return after(record, at)


@fn(inline=False)
def _preload(record: Record) -> None:
    preload(_moved(record))


@fn(inline=True)
def preload_data(record: Record, at: u32, variant: u32) -> u32:
    """Execute PLD (variant 0), PLDW (1)."""
    _preload(record)
    return after(record, at)
