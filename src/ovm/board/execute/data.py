# SPDX-License-Identifier: Apache-2.0
"""Data processing (ARM A5.2.1 to A5.2.3, A6.3.1, A6.3.3, A6.3.11), for A32 and T32 alike.

A shift by immediate lies in `aux`: amount (1 to 32, 0 for none) and kind << 8; RRX is kind 4.
"""

from typing import Final

from ovm.board import events
from ovm.board.execute.alu import CMN, CMP, LSL, MOV, OPERATION, ROR, SETS_FLAGS, TEQ, TST, operate, shift, shift_carry
from ovm.board.execute.predict import indirect, returned
from ovm.board.processor.exceptions import unpredictable
from ovm.board.processor.flow import after, goto, goto_page, interwork
from ovm.board.processor.status import may_enter, return_to, spsr
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.board.worlds import secure
from ovm.metal import fn, u32

RRX: Final = 4
IMMEDIATE: Final = 16
LINK: Final = 14
CARRY_KEPT: Final = 2  # aux of an immediate: its rotation leaves the carry alone


@fn(inline=True)
def _finish(record: Record, at: u32, variant: u32, result: u32) -> u32:
    operation = variant & OPERATION
    if operation < TST or operation > CMN:
        CPU.r[record.rd] = result
    return after(record, at)


@fn(inline=True)
def data_immediate(record: Record, at: u32, variant: u32) -> u32:
    """Execute an operation on Rn and `imm`; aux is the carry that its expansion gives."""
    carry = u32(record.aux)
    if carry == CARRY_KEPT:
        carry = CPU.carry
    return _finish(record, at, variant, operate(variant, CPU.r[record.rn], record.imm, carry))


@fn(inline=True)
def data_register(record: Record, at: u32, variant: u32) -> u32:
    """Execute an operation on Rn and Rm, not shifted."""
    return _finish(record, at, variant, operate(variant, CPU.r[record.rn], CPU.r[record.rm], CPU.carry))


@fn(inline=True)
def data_shifted(record: Record, at: u32, variant: u32) -> u32:
    """Execute an operation on Rn and Rm shifted by a constant, flags untouched; the shift's kind is in the variant."""
    kind = (variant >> 8) & 3
    # LSL and ROR by 32 do not exist; with that knowledge the compiler leaves out a test.
    amount = u32(record.aux) & (31 if kind == LSL or kind == ROR else 63)
    return _finish(record, at, variant, operate(variant, CPU.r[record.rn], shift(CPU.r[record.rm], kind, amount), 0))


@fn(inline=True)
def data_shifted_flags(record: Record, at: u32, variant: u32) -> u32:
    """Execute an operation on Rn and Rm shifted by a constant, flags set, or any RRX."""
    value = CPU.r[record.rm]
    kind = u32(record.aux) >> 8
    amount = u32(record.aux) & 0xFF
    if kind == RRX:
        carry = value & 1
        value = (CPU.carry << 31) | (value >> 1)
    else:
        carry = shift_carry(value, kind, amount)
        value = shift(value, kind, amount)
    return _finish(record, at, variant, operate(variant, CPU.r[record.rn], value, carry))


@fn(inline=True)
def data_by_register(record: Record, at: u32, variant: u32) -> u32:
    """Execute an operation on Rn and Rm shifted by the low byte of Ra; the kind is in aux."""
    value = CPU.r[record.rm]
    amount = CPU.r[record.ra] & 0xFF
    carry = CPU.carry
    if amount != 0:
        carry = shift_carry(value, u32(record.aux), amount)
        value = shift(value, u32(record.aux), amount)
    return _finish(record, at, variant, operate(variant, CPU.r[record.rn], value, carry))


@fn(inline=False)
def _any_operand(record: Record) -> u32:
    """Return the second operand of a rare form: `ra` says IMMEDIATE or register."""
    if record.ra == IMMEDIATE:
        return record.imm
    value = CPU.r[record.rm]
    kind = u32(record.aux) >> 8
    if kind == RRX:
        return (CPU.carry << 31) | (value >> 1)
    return shift(value, kind, u32(record.aux) & 0xFF)


@fn(inline=True)
def data_to_pc(record: Record, at: u32, variant: u32) -> u32:
    """Execute data processing with the PC as destination, flags untouched: a branch (ARM A2.3.1, ALUWritePC).

    MOV PC, LR is a return (A9 TRM 7.3.2).
    """
    target = operate(u32(record.rd), CPU.r[record.rn], _any_operand(record), 0)
    if CPU.thumb != 0:
        target |= 1
    if record.rd == MOV and record.ra != IMMEDIATE and record.rm == LINK and record.aux == 0:
        returned(record, at, target)
    else:
        indirect(record, at, target)
    if CPU.thumb != 0:
        return goto(target & 0xFFFF_FFFE)
    return interwork(target)


@fn(inline=True)
def data_return(record: Record, at: u32, variant: u32) -> u32:
    """Execute an exception return: SUBS PC, LR and related (ARM B9.3.19, B9.3.20)."""
    target = operate(u32(record.rd), CPU.r[record.rn], _any_operand(record), 0)
    return exception_return(at, target, spsr())


@fn(inline=False)
def exception_return(at: u32, target: u32, status: u32) -> u32:
    """Go to `target` with a saved status. An illegal mode or J set is UNPREDICTABLE (ARM B1.8.12)."""
    if not may_enter(status & 0x1F) or status & 0x0100_0000 != 0:
        return unpredictable(at, status)
    return_to(status)
    events.happened(events.RETURN, CPU.mode | u32(secure()) << 16, target)
    return goto_page(target & (0xFFFF_FFFE if CPU.thumb != 0 else 0xFFFF_FFFC))


@fn(inline=True)
def move_wide(record: Record, at: u32, variant: u32) -> u32:
    """Execute MOVT: write the top half."""
    CPU.r[record.rd] = (CPU.r[record.rd] & 0xFFFF) | record.imm
    return after(record, at)


COMPARES: Final = (TST, TEQ, CMP, CMN)
PLAIN: Final = tuple(operation for operation in range(17) if operation not in COMPARES)
FLAGGED: Final = tuple(operation | SETS_FLAGS for operation in range(17))
