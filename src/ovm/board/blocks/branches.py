# SPDX-License-Identifier: Apache-2.0
"""Branches as host code; those into the other instruction set are left to their handlers."""

from typing import Final

from ovm.board.arena import x86
from ovm.board.arena.place import BLOCKS
from ovm.board.arena.x86 import (
    EAX,
    ECX,
    EDX,
    MOV,
    R14,
    R15,
    both,
    compare_state,
    constant,
    count,
    increment,
    jump_if,
    link,
    shifted,
    state,
)
from ovm.board.blocks.across import PAGE_VIRTUAL, go_far, go_on_there
from ovm.board.blocks.actions import NOT_TAKEN, TAKEN, TAKEN_FAR, WRONG
from ovm.board.blocks.conditions import condition_of
from ovm.board.blocks.exits import PROGRESS, go_on, handle_if, leave_at
from ovm.board.blocks.prediction import (
    BRANCHES,
    compare_counter,
    compare_return,
    compare_target,
    expect,
    pop_return,
    push_return,
    remember_taken,
)
from ovm.board.blocks.registers import assign, value_of
from ovm.board.execute.branch import LINK, NEAR
from ovm.board.record import Record
from ovm.board.state import CPU, Cpu
from ovm.metal import fn, offsetof, u32

UNPREDICTED: Final = offsetof(Cpu, "unpredicted")


@fn
def offset_here() -> u32:
    """Return the offset of the present instruction in its page."""
    return (PROGRESS.at - CPU.page_records) >> CPU.page_shift


@fn
def address_here(register: u32, distance: u32) -> None:
    """Put the present instruction's address + `distance` into a register of the host."""
    state(MOV, register, PAGE_VIRTUAL)
    constant(x86.ADD, register, offset_here() + distance)


@fn
def _record_of(record: Record, variant: u32) -> u32:
    """Return the record of a branch's target; 0 in another page."""
    return PROGRESS.at + record.imm if variant & NEAR != 0 else 0


@fn
def _done(record: Record) -> None:
    """Add the time of the present instruction: control goes elsewhere."""
    count(R14, PROGRESS.slots + u32(record.cost))
    count(R15, PROGRESS.done + 1)


@fn
def _branch_when(record: Record, variant: u32, condition: u32) -> None:
    """Branch if a condition of the host holds."""
    target = _record_of(record, variant)
    slots = PROGRESS.slots + u32(record.cost)
    site = jump_if(condition)
    if target == 0:
        leave_at(site, TAKEN_FAR, offset_here() + record.imm, slots, PROGRESS.done + 1)
    else:
        leave_at(site, TAKEN, target, slots, PROGRESS.done + 1)
    site = expect(PROGRESS.counter, 0)
    leave_at(site, NOT_TAKEN, PROGRESS.at + u32(record.step), slots, PROGRESS.done + 1)


@fn
def branch_if(record: Record, variant: u32, known: u32) -> bool:
    """Write the code of B<c>."""
    _branch_when(record, variant, condition_of(variant & 15, known))
    return True


@fn
def compare_branch(record: Record, variant: u32) -> bool:
    """Write the code of CBZ and CBNZ."""
    value = value_of(u32(record.rn))
    both(0x85, value, value)
    _branch_when(record, variant, x86.IF_NOT_EQUAL if variant & 1 != 0 else x86.IF_EQUAL)
    return True


@fn
def begin_branch() -> None:
    """Leave a branch whose condition holds to the handler if its counter was not sure of that."""
    if PROGRESS.conditional != 0:
        compare_counter(PROGRESS.counter, 1)
        handle_if(x86.IF_NOT_EQUAL)


@fn
def _count() -> None:
    """Count a branch whose direction was predicted. Changes ECX."""
    if PROGRESS.conditional != 0:
        remember_taken()
    else:
        increment(BRANCHES)


@fn
def _direct(record: Record, variant: u32) -> None:
    """Branch to a target in the instruction; without a condition that is mispredicted only while prediction is off."""
    _count()
    if PROGRESS.conditional == 0:
        compare_state(UNPREDICTED, 0)
        leave_at(jump_if(x86.IF_NOT_EQUAL), WRONG, 0, 0, 0)
    _done(record)
    target = _record_of(record, variant)
    if target == 0:
        go_far(offset_here() + record.imm)
    else:
        go_on(target)


@fn
def branch(record: Record, variant: u32) -> bool:
    """Write the code of B."""
    begin_branch()
    _direct(record, variant)
    return True


@fn
def branch_link(record: Record, variant: u32) -> bool:
    """Write the code of BL."""
    begin_branch()
    address_here(EAX, u32(record.aux) + CPU.thumb)
    assign(LINK, EAX)
    push_return()
    _direct(record, variant)
    return True


@fn
def _same_set() -> None:
    """Leave a branch to the address in EAX to the handler if that is in the other instruction set, or not aligned."""
    both(MOV, ECX, EAX)
    constant(x86.AND, ECX, 1 if CPU.thumb != 0 else 3)
    handle_if(x86.IF_EQUAL if CPU.thumb != 0 else x86.IF_NOT_EQUAL)


@fn
def go_to_address(record: Record) -> None:
    """Continue with the instruction whose address is in EAX."""
    _done(record)
    both(MOV, ECX, EAX)
    state(x86.XOR, ECX, PAGE_VIRTUAL)
    constant(x86.AND, ECX, 0xFFFF_F000)
    link(jump_if(x86.IF_NOT_EQUAL), BLOCKS.across)
    constant(x86.AND, EAX, 0xFFE if CPU.thumb != 0 else 0xFFC)
    shifted(x86.SHL, EAX, CPU.page_shift)
    constant(x86.ADD, EAX, CPU.page_records)
    go_on_there()


@fn
def _predicted() -> None:
    """Leave a branch to the handler if its target was mispredicted, by the host's flags, or not predicted."""
    handle_if(x86.IF_NOT_EQUAL)
    if PROGRESS.conditional == 0:
        compare_state(UNPREDICTED, 0)
        handle_if(x86.IF_NOT_EQUAL)


@fn
def follow(returns: bool) -> None:
    """Predict a branch to the address in EAX; leave it to the handler if it is mispredicted, or changes the set."""
    _same_set()
    if returns:
        compare_return()
        _predicted()
        pop_return()
    else:
        address_here(ECX, 0)
        compare_target(offset_here())
        _predicted()
    _count()


@fn
def branch_register(record: Record, variant: u32) -> bool:
    """Write the code of BX."""
    begin_branch()
    both(MOV, EAX, value_of(u32(record.rm)))
    follow(record.rm == LINK)
    go_to_address(record)
    return True


@fn
def branch_link_register(record: Record, variant: u32) -> bool:
    """Write the code of BLX to a register."""
    begin_branch()
    both(MOV, EAX, value_of(u32(record.rm)))
    follow(False)
    both(MOV, EDX, EAX)
    address_here(EAX, u32(record.aux) + CPU.thumb)
    assign(LINK, EAX)
    push_return()
    both(MOV, EAX, EDX)
    go_to_address(record)
    return True
