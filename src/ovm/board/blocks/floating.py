# SPDX-License-Identifier: Apache-2.0
"""Extension registers in host code: their loads and stores (`vfp/transfer.py`), and calls of the functions that compute with
them.

No instruction in a block changes the right to use them, so a block checks once, at the first one without a condition.
"""

from typing import Final

from ovm.board.arena import x86
from ovm.board.arena.place import BLOCKS, Blocks
from ovm.board.arena.x86 import EAX, ECX, EDX, MOV, MOV_TO, constant, jump_if, line_field, link, put, put_word, state
from ovm.board.blocks.access import ADDEND, READ, WRITE, find_line
from ovm.board.blocks.branches import address_here
from ovm.board.blocks.exits import PROGRESS, handle_if
from ovm.board.blocks.registers import assign, forget, value_of
from ovm.board.blocks.several_words import MOST, find_words, load_word, store_word
from ovm.board.record import Record, record_at
from ovm.board.sizes import FLOATING_WORDS
from ovm.board.state import CPU, Cpu
from ovm.board.vfp import transfer
from ovm.board.vfp.execute import OPERATIONS
from ovm.board.vfp.state import (
    CPACR_ACCESS,
    CPACR_FULL,
    FLOATING,
    FPEXC_EN,
    FPSCR_SHORT_VECTOR,
    NSACR_FULL,
    NSACR_OPEN,
    OPERATION,
    Floating,
)
from ovm.metal import address, fn, offsetof, sizeof, u32

CPACR: Final = offsetof(Cpu, "cpacr")
SCR: Final = offsetof(Cpu, "scr")
NSACR: Final = offsetof(Cpu, "nsacr")
FPSCR: Final = offsetof(Floating, "fpscr")
FPEXC: Final = offsetof(Floating, "fpexc")
COMPUTE: Final = offsetof(Blocks, "compute")
EDI: Final = 7
PC: Final = 15


@fn
def _registers() -> u32:
    """Return the offset of the running core's extension registers from CPU."""
    return u32(address(FLOATING)) + CPU.number * sizeof(Floating) - u32(address(CPU))


@fn
def _is(field: u32, mask: u32, value: u32) -> None:
    """Compare some bits of a field."""
    state(MOV, EAX, field)
    constant(x86.AND, EAX, mask)
    constant(x86.CMP, EAX, value)


@fn
def _look() -> None:
    """Leave the instruction to the handler unless the extension is enabled without restriction (`vfp.state.plainly_enabled`).

    Changes EAX.
    """
    if PROGRESS.floating != 0:
        return
    PROGRESS.floating = PROGRESS.conditional ^ 1
    _is(CPACR, CPACR_ACCESS, CPACR_FULL)
    handle_if(x86.IF_NOT_EQUAL)
    _is(_registers() + FPEXC, FPEXC_EN, FPEXC_EN)
    handle_if(x86.IF_NOT_EQUAL)
    _is(_registers() + FPSCR, FPSCR_SHORT_VECTOR, 0)
    handle_if(x86.IF_NOT_EQUAL)
    _is(SCR, 1, 0)
    secure = jump_if(x86.IF_EQUAL)
    _is(NSACR, NSACR_FULL, NSACR_OPEN)
    handle_if(x86.IF_NOT_EQUAL)
    link(secure, BLOCKS.here)


@fn
def _is_hard(record: Record) -> bool:
    count = u32(record.ra)
    return count == 0 or count > MOST or (record.rn == PC and (count > 1 or record.aux & transfer.WRITE_BACK != 0))


@fn
def _find(record: Record, field: u32) -> None:
    """Lead EAX to the words."""
    if record.rn != PC:
        find_words(field, value_of(u32(record.rn)), record.imm, u32(record.ra) * 4)
        return
    address_here(EAX, 4 if CPU.thumb != 0 else 8)
    constant(x86.AND, EAX, 0xFFFF_FFFC)
    constant(x86.ADD, EAX, record.imm)
    find_line(field, 4)
    line_field(x86.ADD, EAX, ADDEND)


@fn
def _write_back(record: Record) -> None:
    if record.aux & transfer.WRITE_BACK != 0:
        change = u32(record.rm) * 4
        x86.memory(x86.LEA, EDX, value_of(u32(record.rn)), 0 - change if record.aux & transfer.DOWN != 0 else change)
        assign(u32(record.rn), EDX)


@fn
def compute(at: u32) -> None:
    """Execute an instruction that may use the extension registers; blocks call this at its address in the host."""
    record = record_at(at)
    OPERATIONS[u32(record.aux) & OPERATION](record, FLOATING[CPU.number])


@fn
def operate(record: Record, variant: u32) -> bool:
    """Write a call for any instruction except loads, stores and system registers."""
    if BLOCKS.compute == 0:
        return False
    _look()
    constant(MOV, EDI, PROGRESS.at)
    # call [RBX + where the address is]; a function keeps RBX, RBP and R12 to R15
    put(0xFF)
    put(0x93)
    put_word(u32(address(BLOCKS)) + COMPUTE - u32(address(CPU)))
    for number in u32.range(16):
        forget(number)
    return True


@fn
def _load(record: Record) -> bool:
    if _is_hard(record):
        return False
    _look()
    _find(record, READ)
    for index in u32.range(u32(record.ra), bound=FLOATING_WORDS):
        load_word(ECX, index * 4)
        state(MOV_TO, ECX, _registers() + (u32(record.rd) + index) * 4)
    _write_back(record)
    return True


@fn
def load_words(record: Record, variant: u32) -> bool:
    """Write the code of VLDM, VPOP, VLDR of S."""
    return _load(record)


@fn
def load_double(record: Record, variant: u32) -> bool:
    """Write the code of VLDR of D."""
    return _load(record)


@fn
def store_words(record: Record, variant: u32) -> bool:
    """Write the code of VSTM, VPUSH, VSTR."""
    if _is_hard(record):
        return False
    _look()
    _find(record, WRITE)
    for index in u32.range(u32(record.ra), bound=FLOATING_WORDS):
        state(MOV, ECX, _registers() + (u32(record.rd) + index) * 4)
        store_word(ECX, index * 4)
    _write_back(record)
    return True
