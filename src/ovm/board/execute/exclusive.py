# SPDX-License-Identifier: Apache-2.0
"""Synchronisation (ARM A3.4, A8.8.32, A8.8.75 to A8.8.78, A8.8.212 to A8.8.215): exclusives, CLREX, SWP.

One monitor for each core, tagging the physical address of a 32-byte granule (A9 TRM 1.3: cache line). Stores of the
other core to the granule clear it (`memory`); so that they are noticed, none of them may hit a line.
"""

from typing import Final

from ovm.arm.control import SCTLR_SW
from ovm.board.access.fast_path import GRANULE
from ovm.board.access.memory import alignment_fault, load_byte, load_half, load_word, store_byte, store_half, store_word
from ovm.board.cache.hints import drop_core_writes
from ovm.board.execute.row import Instruction, a32, t32
from ovm.board.mapping import ACCESS_READ, ACCESS_WRITE
from ovm.board.mmu.translate import translate
from ovm.board.processor.exceptions import data_abort, undefined
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.board.worlds import state_world
from ovm.metal import fn, u32, u64

BYTE: Final = 0
HALF: Final = 1
WORD: Final = 2
PAIR: Final = 3


@fn
def _load(address: u32, size: u32) -> u64:
    if size == BYTE:
        return load_byte(address)
    if size == HALF:
        return load_half(address)
    return load_word(address)


@fn
def _store(address: u32, value: u32, size: u32) -> bool:
    if size == BYTE:
        return store_byte(address, value)
    if size == HALF:
        return store_half(address, value)
    return store_word(address, value)


@fn
def hold_exclusive(physical: u32) -> None:
    """Set the running core's monitor to the granule of an address."""
    CPU.exclusive = 1
    CPU.exclusive_address = physical & GRANULE
    drop_core_writes(1 - CPU.number, physical)


@fn(inline=False)
def _load_exclusive(record: Record, at: u32, size: u32) -> u32:
    address = CPU.r[record.rn] + record.imm
    if address & ((1 << size) - 1) != 0:
        alignment_fault(address, 0)
        return data_abort(at)
    value = _load(address, size)
    if value >> 32 != 0:
        return data_abort(at)
    if size == PAIR:
        high = load_word(address + 4)
        if high >> 32 != 0:
            return data_abort(at)
        CPU.r[record.ra] = u32(high)
    CPU.r[record.rd] = u32(value)
    hold_exclusive(translate(address, ACCESS_READ))
    return after(record, at)


@fn(inline=True)
def load_exclusive(record: Record, at: u32, variant: u32) -> u32:
    """Execute LDREX and its sizes; the second register of a pair is `ra`."""
    return _load_exclusive(record, at, variant)


@fn(inline=False)
def _store_exclusive(record: Record, at: u32, size: u32) -> u32:
    address = CPU.r[record.rn] + record.imm
    if address & ((1 << size) - 1) != 0:
        alignment_fault(address, 1)
        return data_abort(at)
    held = CPU.exclusive != 0 and CPU.exclusive_address == translate(address, ACCESS_WRITE) & GRANULE
    if CPU.fault != 0:
        return data_abort(at)
    CPU.exclusive = 0
    if held:
        if _store(address, CPU.r[record.rm], size):
            return data_abort(at)
        if size == PAIR and store_word(address + 4, CPU.r[record.ra]):
            return data_abort(at)
    CPU.r[record.rd] = u32(not held)
    return after(record, at)


@fn(inline=True)
def store_exclusive(record: Record, at: u32, variant: u32) -> u32:
    """Execute STREX and its sizes: Rd is 0 when the store happened; the value is Rm and, of a pair, `ra`."""
    return _store_exclusive(record, at, variant)


@fn(inline=True)
def clear_exclusive(record: Record, at: u32, variant: u32) -> u32:
    """Execute CLREX."""
    CPU.exclusive = 0
    return after(record, at)


@fn(inline=False)
def _swap(record: Record, at: u32, size: u32) -> u32:
    if CPU.world[state_world()].sctlr & SCTLR_SW == 0:
        return undefined(at)
    address = CPU.r[record.rn]
    if size == WORD and address & 3 != 0:
        # The load comes first.
        alignment_fault(address, 0)
        return data_abort(at)
    value = _load(address, size)
    if value >> 32 != 0 or _store(address, CPU.r[record.rm], size):
        return data_abort(at)
    CPU.r[record.rd] = u32(value)
    return after(record, at)


@fn(inline=True)
def swap(record: Record, at: u32, variant: u32) -> u32:
    """Execute SWP, SWPB: UNDEFINED unless SCTLR.SW (A9 4.3.9)."""
    return _swap(record, at, variant)


_ARM_STORE: Final = "arm_transfer_forms.exclusive_store"
_ARM_LOAD: Final = "arm_transfer_forms.exclusive_load"
_WIDE: Final = "wide_transfer_forms.exclusive"
# By size: the name's end, and the number of the encoding in A32 and T32; T32 has words with an offset.
_SIZES: Final = {BYTE: ("b", 2, 4), HALF: ("h", 3, 5), WORD: ("", 0, 0), PAIR: ("d", 1, 7)}


def _load_row(size: int) -> Instruction:
    suffix, arm, wide = _SIZES[size]
    bits = f"111010001101nnnn tttt{'ssss' if size == PAIR else 'oooo'}{wide:04b}oooo"
    thumb = t32("ldrex" + suffix, bits, _WIDE, size | 8)
    if size == WORD:
        thumb = t32("ldrex", "111010000101nnnn ttttooooiiiiiiii", _WIDE, size | 8 | 16)
    patterns = (a32("ldrex" + suffix, f"cccc00011{arm:02b}1nnnnttttoooo1001oooo", _ARM_LOAD, size), thumb)
    return Instruction(load_exclusive, size, patterns)


def _store_row(size: int) -> Instruction:
    suffix, arm, wide = _SIZES[size]
    bits = f"111010001100nnnn tttt{'ssss' if size == PAIR else 'oooo'}{wide:04b}dddd"
    thumb = t32("strex" + suffix, bits, _WIDE, size)
    if size == WORD:
        thumb = t32("strex", "111010000100nnnn ttttddddiiiiiiii", _WIDE, size | 16)
    patterns = (a32("strex" + suffix, f"cccc00011{arm:02b}0nnnnddddoooo1001tttt", _ARM_STORE, size), thumb)
    return Instruction(store_exclusive, size, patterns)


ROWS: Final = [
    *[_load_row(size) for size in (BYTE, HALF, WORD, PAIR)],
    *[_store_row(size) for size in (BYTE, HALF, WORD, PAIR)],
    Instruction(
        clear_exclusive,
        patterns=(
            a32("clrex", "111101010111oooooooozzzz0001oooo", "arm_forms.plain"),
            t32("clrex", "111100111011oooo 10z0oooo0010oooo", "arm_forms.plain"),
        ),
    ),
    Instruction(swap, BYTE, (a32("swpb", "cccc00010100nnnnttttzzzz1001mmmm", "arm_transfer_forms.swapping"),)),
    Instruction(swap, WORD, (a32("swp", "cccc00010000nnnnttttzzzz1001mmmm", "arm_transfer_forms.swapping"),)),
]
