# SPDX-License-Identifier: Apache-2.0
"""Data processing as host code; `execute/data.py` and `execute/alu.py` define the semantics."""

from typing import Final

from ovm.board.arena import x86
from ovm.board.arena.x86 import EAX, ECX, EDX, MOV, both, constant, constant_state, set_state, shifted, single
from ovm.board.blocks.conditions import CARRY, OF_DIFFERENCE, OF_RESULT, OF_SUM, carry_in, set_flags, set_result
from ovm.board.blocks.registers import assign, value_of
from ovm.board.execute import alu
from ovm.board.execute.alu import (
    ADC,
    ADD,
    AND,
    ASR,
    BIC,
    CMN,
    EOR,
    LSL,
    LSR,
    MVN,
    OPERATION,
    ORN,
    ORR,
    ROR,
    RSB,
    RSC,
    SBC,
    SETS_FLAGS,
    SUB,
    TEQ,
    TST,
)
from ovm.board.execute.alu import (
    MOV as MOVE,
)
from ovm.board.execute.data import CARRY_KEPT, RRX
from ovm.board.record import Record
from ovm.metal import fn, table, u8, u32

CONSTANT: Final = 0xFF  # in place of a register: the operand is a constant
TEST: Final = 0x85

# Operations without a carry chain, as the host's; BIC and ORN invert their operand first.
_LOGICAL: Final = {AND: x86.AND, TST: x86.AND, EOR: x86.XOR, TEQ: x86.XOR, ORR: x86.OR, BIC: x86.AND, ORN: x86.OR}
LOGICAL = table(u8, [_LOGICAL.get(operation, 0) for operation in range(32)])
# ROR, SHL, SHR, SAR by the guest's kind of shift.
SHIFTS = table(u8, [{LSL: x86.SHL, LSR: x86.SHR, ASR: x86.SAR, ROR: x86.ROR}[kind] for kind in range(4)])


@fn
def data_immediate(record: Record, variant: u32) -> bool:
    """Write the code of operations on Rn and a constant."""
    if variant & SETS_FLAGS != 0 and _keeps_overflow(variant) and record.aux != CARRY_KEPT:
        constant_state(CARRY, u32(record.aux))
    _operate(record, variant, CONSTANT, record.imm)
    return True


@fn
def data_register(record: Record, variant: u32) -> bool:
    """Write the code of operations on Rn and Rm."""
    _operate(record, variant, value_of(u32(record.rm)), 0)
    return True


@fn
def data_shifted(record: Record, variant: u32) -> bool:
    """Write the code of operations on Rn and Rm shifted by a constant."""
    kind = (variant >> 8) & 3
    amount = u32(record.aux) & (31 if kind == LSL or kind == ROR else 63)
    shift_constant(u32(record.rm), kind, amount)
    _operate(record, variant & 0xFF, ECX, 0)
    return True


@fn
def data_shifted_flags(record: Record, variant: u32) -> bool:
    """Return the same with flags; not RRX."""
    kind = u32(record.aux) >> 8
    amount = u32(record.aux) & 0xFF
    if kind == RRX or amount == 0 or amount > 32 or (amount == 32 and (kind == LSL or kind == ROR)):
        return False
    logical = _keeps_overflow(variant)
    shift_constant(u32(record.rm), kind, amount if amount < 32 or not logical else 31)
    if logical:
        if amount == 32:
            # A shift by 31 leaves only the sign, and the carry is bit 31.
            both(MOV, EDX, ECX)
            constant(x86.AND, EDX, 1)
            x86.state(x86.MOV_TO, EDX, CARRY)
            if kind == LSR:
                both(x86.XOR, ECX, ECX)
        else:
            set_state(x86.IF_BELOW, CARRY)
    _operate(record, variant, ECX, 0)
    return True


@fn
def data_by_register(record: Record, variant: u32) -> bool:
    """Write the code of operations on Rn and Rm shifted by a register, flags left alone."""
    kind = u32(record.aux)
    if variant & SETS_FLAGS != 0:
        return False
    amount = value_of(u32(record.ra))
    value = value_of(u32(record.rm))
    both(MOV, ECX, amount)
    x86.both_long(x86.MOVZX_BYTE, ECX, ECX)
    both(MOV, EAX, value)
    if kind == ASR:
        constant(MOV, EDX, 31)
        both(x86.CMP, ECX, EDX)
        x86.both_long(0x47, ECX, EDX)  # CMOVA
    elif kind != ROR:
        constant(x86.CMP, ECX, 32)
        both(x86.SBB, EDX, EDX)
    single(0xD3, u32(SHIFTS[kind]), EAX)
    if kind == LSL or kind == LSR:
        both(x86.AND, EAX, EDX)
    both(MOV, ECX, EAX)
    _operate(record, variant, ECX, 0)
    return True


@fn
def shift_constant(guest: u32, kind: u32, amount: u32) -> None:
    """Put a guest's register, shifted by a constant up to 32, into ECX; the host's carry is the shifter's up to 31."""
    both(MOV, ECX, value_of(guest))
    if amount == 32:
        if kind == LSR:
            both(x86.XOR, ECX, ECX)
        else:
            shifted(u32(SHIFTS[kind]), ECX, 31)
    elif amount != 0:
        shifted(u32(SHIFTS[kind]), ECX, amount)


@fn
def move_wide(record: Record, variant: u32) -> bool:
    """Write the code of MOVT."""
    both(MOV, EAX, value_of(u32(record.rd)))
    constant(x86.AND, EAX, 0xFFFF)
    constant(x86.OR, EAX, record.imm)
    assign(u32(record.rd), EAX)
    return True


@fn
def _keeps_overflow(variant: u32) -> bool:
    """Tell whether an operation has no carry chain."""
    operation = variant & OPERATION
    return operation == MOVE or operation == MVN or LOGICAL[operation] != 0


@fn
def _operate(record: Record, variant: u32, right: u32, value: u32) -> None:
    """Do the operation with `right`, a register that is not EAX or EDX, or the constant `value`; write its results."""
    operation = variant & OPERATION
    flags = variant & SETS_FLAGS != 0
    if _keeps_overflow(variant):
        _logical(operation, record, right, value)
        if flags:
            if operation == MOVE or operation == MVN:
                both(TEST, EAX, EAX)
            set_result(OF_RESULT)
    else:
        known = _arithmetic(operation, record, right, value, flags)
        if flags:
            set_flags(known)
    if operation < TST or operation > CMN:
        assign(u32(record.rd), EAX)


@fn
def _logical(operation: u32, record: Record, right: u32, value: u32) -> None:
    inverts = operation == MVN or operation == BIC or operation == ORN
    if operation == MOVE or operation == MVN:
        if right == CONSTANT:
            constant(MOV, EAX, ~value if inverts else value)
        else:
            both(MOV, EAX, right)
            if inverts:
                single(0xF7, 2, EAX)
        return
    operand = right
    if inverts and right != CONSTANT:
        if right != ECX:
            both(MOV, ECX, right)
        single(0xF7, 2, ECX)
        operand = ECX
    both(MOV, EAX, value_of(u32(record.rn)))
    _apply(u32(LOGICAL[operation]), operand, ~value if inverts else value)


@fn
def _apply(opcode: u32, right: u32, value: u32) -> None:
    if right == CONSTANT:
        constant(opcode, EAX, value)
    else:
        both(opcode, EAX, right)


@fn
def _arithmetic(operation: u32, record: Record, right: u32, value: u32, flags: bool) -> u32:
    """Write the operation; return the state of the host's flags behind it."""
    left = value_of(u32(record.rn))
    if operation == ADD and not flags and right == CONSTANT:
        x86.memory(x86.LEA, EAX, left, value)
        return OF_SUM
    if operation == SUB and not flags and right == CONSTANT:
        x86.memory(x86.LEA, EAX, left, 0 - value)
        return OF_DIFFERENCE
    if operation == ADC or operation == SBC or operation == RSC:
        carry_in(operation != ADC)
    if operation == RSB or operation == RSC:
        if right == CONSTANT:
            constant(MOV, EAX, value)
        else:
            both(MOV, EAX, right)
        both(x86.SUB if operation == RSB else x86.SBB, EAX, left)
        return OF_DIFFERENCE
    both(MOV, EAX, left)
    match operation:
        case alu.ADD | alu.CMN:
            _apply(x86.ADD, right, value)
        case alu.ADC:
            _apply(x86.ADC, right, value)
        case alu.SBC:
            _apply(x86.SBB, right, value)
        case _:
            _apply(x86.SUB, right, value)
    return OF_SUM if operation == ADD or operation == CMN or operation == ADC else OF_DIFFERENCE
