# SPDX-License-Identifier: Apache-2.0
"""VLDR, VSTR, VLDM, VSTM (ARM A7.6). Always word-aligned (A3.2.1); the base is written when every access succeeded.

`rd` is the first word of the register file, `ra` the number of words, `imm` the offset of the first access, `rm` the change of
the base in words, `aux` flags.
"""

from typing import Final

from ovm.board.access.memory import alignment_fault, load_word_by, store_word
from ovm.board.cache.outstanding import BY_FLOATING
from ovm.board.processor.exceptions import data_abort, undefined
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.sizes import FLOATING_WORDS
from ovm.board.state import CPU
from ovm.board.vfp.state import FLOATING, enabled, plainly_enabled
from ovm.metal import fn, u32

# Record.aux, besides NEEDS_UPPER.
WRITE_BACK: Final = 1 << 0
DOWN: Final = 1 << 1
IS_DOUBLE: Final = 1 << 2


@fn(inline=True)
def _address(record: Record) -> u32:
    base = CPU.r[record.rn]
    return (base & 0xFFFF_FFFC if record.rn == 15 else base) + record.imm


@fn(inline=True)
def _swap(record: Record) -> u32:
    """Return 1 if the words of a doubleword are in reverse order in memory (ARM A3.3)."""
    return u32(CPU.big_endian != 0 and record.aux & IS_DOUBLE != 0)


@fn(inline=True)
def _write_back(record: Record) -> None:
    if record.aux & WRITE_BACK != 0:
        change = u32(record.rm) * 4
        base = CPU.r[record.rn]
        CPU.r[record.rn] = base - change if record.aux & DOWN != 0 else base + change


@fn(inline=False)
def _load(record: Record, at: u32) -> u32:
    state = FLOATING[CPU.number]
    if not plainly_enabled(state) and not enabled(state, u32(record.aux)):
        return undefined(at)
    address = _address(record)
    if address & 3 != 0:
        alignment_fault(address, 0)
        return data_abort(at)
    swap = _swap(record)
    for index in u32.range(u32(record.ra), bound=FLOATING_WORDS):
        value = load_word_by(address, at | BY_FLOATING)
        if value >> 32 != 0:
            return data_abort(at)
        state.words[(u32(record.rd) + index) ^ swap] = u32(value)
        address += 4
    _write_back(record)
    return after(record, at)


@fn(inline=False)
def _store(record: Record, at: u32) -> u32:
    state = FLOATING[CPU.number]
    if not plainly_enabled(state) and not enabled(state, u32(record.aux)):
        return undefined(at)
    address = _address(record)
    if address & 3 != 0:
        alignment_fault(address, 1)
        return data_abort(at)
    swap = _swap(record)
    for index in u32.range(u32(record.ra), bound=FLOATING_WORDS):
        if store_word(address, state.words[(u32(record.rd) + index) ^ swap]):
            return data_abort(at)
        address += 4
    _write_back(record)
    return after(record, at)


@fn(inline=False)
def _load_double(record: Record, at: u32) -> u32:
    """Execute VLDR of D; unlike a load of several registers it changes nothing when it fails."""
    state = FLOATING[CPU.number]
    if not plainly_enabled(state) and not enabled(state, u32(record.aux)):
        return undefined(at)
    address = _address(record)
    if address & 3 != 0:
        alignment_fault(address, 0)
        return data_abort(at)
    first = load_word_by(address, at | BY_FLOATING)
    if first >> 32 != 0:
        return data_abort(at)
    second = load_word_by(address + 4, at | BY_FLOATING)
    if second >> 32 != 0:
        return data_abort(at)
    swap = _swap(record)
    state.words[u32(record.rd) ^ swap] = u32(first)
    state.words[(u32(record.rd) + 1) ^ swap] = u32(second & 0xFFFF_FFFF)
    return after(record, at)


@fn(inline=True)
def load_words(record: Record, at: u32, variant: u32) -> u32:
    """Execute VLDM, VPOP, VLDR of S."""
    return _load(record, at)


@fn(inline=True)
def load_double(record: Record, at: u32, variant: u32) -> u32:
    """Execute VLDR of D."""
    return _load_double(record, at)


@fn(inline=True)
def store_words(record: Record, at: u32, variant: u32) -> u32:
    """Execute VSTM, VPUSH, VSTR."""
    return _store(record, at)
