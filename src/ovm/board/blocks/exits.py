# SPDX-License-Identifier: Apache-2.0
"""Entries and exits of a block.

Time and count are kept in registers while blocks run, and updated at each exit by the instructions that were executed up to
there. A block is entered only if the limit lies behind the beginning of its last instruction, so each instruction of it
is executed exactly when the loop would have executed it.
"""

from typing import Final

from ovm.board.arena.place import BLOCKS, BY_HANDLER, Blocks, block_of, is_block
from ovm.board.arena.x86 import (
    EAX,
    IF_GREATER_OR_EQUAL,
    IF_LESS,
    IF_NOT_EQUAL,
    MOV,
    R14,
    R15,
    call,
    constant,
    constant_state,
    count,
    jump,
    jump_if,
    jump_to,
    link,
    put,
    put_word,
)
from ovm.board.blocks import actions
from ovm.board.blocks.across import go_far
from ovm.board.blocks.actions import DONE, HANDLE, PASS_OVER, REFUSE, TAKEN_FAR
from ovm.board.blocks.prediction import expect
from ovm.board.record import CARE_FETCH, RECORD_BYTES, Record, record_at
from ovm.board.state import ATTEND_IT_NOW, ATTEND_IT_SHIFT, CPU, Cpu
from ovm.metal import Struct, VirtAddr, address, array, fn, offsetof, pointer, static, u32

MOST_EXITS: Final = 128
SITE: Final = offsetof(Blocks, "site")

ATTENTION: Final = offsetof(Cpu, "attention")
CONDITION: Final = offsetof(Record, "condition")
IT_NOW: Final = offsetof(Cpu, "it_now")
ENTRY_BYTES: Final = u32(16)  # from a block's beginning to the test of the limit


class Exit(Struct):
    """A jump out of a block; it gets its target when all instructions are written."""

    site: u32
    what: u32
    at: u32  # the record with which to continue
    slots: u32
    done: u32
    back: u32  # the place to which to return
    late: u32  # slots in addition to those if the condition had held, for PASS_OVER and PASS_BRANCH
    counter: u32  # of the predictor
    it: u32  # ITSTATE of the instruction


class Progress(Struct):
    """The block that is being made."""

    exits: u32
    slots: u32  # that instructions up to the present one take
    done: u32  # instructions up to the present one
    room: u32  # slots up to the last one
    counter: u32  # of the predictor: the present instruction's
    it: u32  # ITSTATE of the present instruction; 0 outside IT blocks
    conditional: u32  # 1 if the present instruction has a condition
    floating: u32  # 1 if the block has checked that the extension registers may be used
    at: u32  # the present record
    first: u32  # the record with which it begins
    begin: u32
    line: u32  # records of its line: the first one, and the end
    end: u32


EXITS = static(array(Exit, MOST_EXITS))
PROGRESS = static(Progress)


@fn
def leave_at(site: u32, what: u32, at: u32, slots: u32, done: u32) -> None:
    """Let a jump leave the block."""
    each = EXITS[PROGRESS.exits]
    each.site = site
    each.what = what
    each.at = at
    each.slots = slots
    each.done = done
    each.counter = PROGRESS.counter
    each.it = PROGRESS.it
    each.back = BLOCKS.here
    PROGRESS.exits += 1


@fn
def handle_if(condition: u32) -> None:
    """Leave the present instruction to its handler if a condition of the host holds; no part of it has been done."""
    leave_at(jump_if(condition), HANDLE, PROGRESS.at, PROGRESS.slots, PROGRESS.done)


@fn
def compare_slots(value: u32) -> None:
    """Compare R14 with the negative slots of the instructions before the last one."""
    # cmp R14, value
    put(0x49)
    put(0x81)
    put(0xFE)
    put_word(value)


@fn
def begin_block(first: u32) -> None:
    """Test the conditions for executing a block."""
    size = (8 * RECORD_BYTES) << CPU.thumb
    PROGRESS.line = first - (first - CPU.page_records) % size
    PROGRESS.end = PROGRESS.line + size
    PROGRESS.at = first
    PROGRESS.exits = 0
    PROGRESS.it = 0
    PROGRESS.floating = 0
    PROGRESS.slots = 0
    PROGRESS.done = 0
    PROGRESS.first = first
    PROGRESS.begin = BLOCKS.here
    # cmp dword [RBP + first], the record's first word: it begins this block, and its line is there
    put(0x81)
    put(0xBD)
    put_word(first)
    put_word(0)
    leave_at(jump_if(IF_NOT_EQUAL), REFUSE, first, 0, 0)
    compare_slots(0)
    leave_at(jump_if(IF_GREATER_OR_EQUAL), REFUSE, first, 0, 0)


@fn
def finish_entry() -> None:
    """Fill in the constant to which the entry compares, when the block is complete."""
    pointer(u32, VirtAddr(PROGRESS.begin + 6))[0] = pointer(u32, VirtAddr(PROGRESS.first))[0]
    pointer(u32, VirtAddr(PROGRESS.begin + 19))[0] = 0 - PROGRESS.room


@fn
def go_on(at: u32) -> None:
    """Continue with another record, whose block follows at once if it has one."""
    if at == PROGRESS.first:
        jump_to(PROGRESS.begin + ENTRY_BYTES)
    elif is_block(record_at(at)):
        # Within the same line, whose records carry equal marks, the first record's mark needn't be tested.
        jump_to(block_of(at) + (ENTRY_BYTES if at >= PROGRESS.line and at < PROGRESS.end else 0))
    else:
        site = jump()
        constant(MOV, EAX, at)
        constant_state(u32(address(BLOCKS)) + SITE - u32(address(CPU)), site)
        jump_to(BLOCKS.leave)


@fn
def come_back(number: u32, slots: u32) -> None:
    """Let the exit for a failed condition come back here, with this many slots in addition."""
    each = EXITS[number]
    each.back = BLOCKS.here
    each.late = slots
    if slots == 0 and each.what == PASS_OVER:
        link(each.site, BLOCKS.here)
        each.what = DONE


@fn
def it_after(it: u32) -> u32:
    """Return the ITSTATE that follows (ARM A2.5.2)."""
    return (it & 0xE0) | ((it << 1) & 0x1F) if it & 7 != 0 else 0


@fn
def note_it() -> None:
    """Note the ITSTATE of the present instruction."""
    if PROGRESS.it != 0:
        constant_state(IT_NOW, PROGRESS.it)


@fn
def look_at_line() -> None:
    """Leave before the present instruction, which reaches into the next line, if that is not in the cache."""
    # test byte [RBP + the record's condition], CARE_FETCH
    put(0xF6)
    put(0x85)
    put_word(PROGRESS.at + CONDITION)
    put(CARE_FETCH)
    leave_at(jump_if(IF_NOT_EQUAL), REFUSE, PROGRESS.at, PROGRESS.slots, PROGRESS.done)


@fn
def end_block(at: u32) -> None:
    """Continue with the record behind the last one; in the loop if it is in an IT block."""
    if PROGRESS.it == 0:
        go_on(at)
        return
    constant_state(ATTENTION, PROGRESS.it << ATTEND_IT_SHIFT)
    constant(MOV, EAX, at)
    jump_to(BLOCKS.leave)


@fn
def write_exits() -> None:
    """Write the code of the exits."""
    for index in u32.range(MOST_EXITS):
        if index < PROGRESS.exits and EXITS[index].what != DONE:
            _write_exit(EXITS[index])


@fn
def _write_exit(each: Exit) -> None:
    link(each.site, BLOCKS.here)
    match each.what:
        case actions.PASS_OVER:
            count(R14, each.late)
            jump_to(each.back)
        case actions.TAKEN:
            _write_taken(each)
        case actions.NOT_TAKEN:
            _write_not_taken(each, each.back)
        case actions.WRONG:
            call(BLOCKS.wrong)
            jump_to(each.back)
        case actions.TAKEN_FAR:
            _write_taken(each)
        case actions.PASS_BRANCH:
            site = expect(each.counter, 0)
            back = BLOCKS.here
            count(R14, each.late)
            jump_to(each.back)
            link(site, BLOCKS.here)
            _write_not_taken(each, back)
        case actions.HANDLE:
            if each.it != 0:
                constant_state(ATTENTION, it_after(each.it) << ATTEND_IT_SHIFT | ATTEND_IT_NOW)
            _leave(each, each.at | BY_HANDLER)
        case _:
            if each.it != 0:
                constant_state(ATTENTION, each.it << ATTEND_IT_SHIFT)
            _leave(each, each.at)


@fn
def _write_not_taken(each: Exit, back: u32) -> None:
    """Write the exit of a branch that is not taken and whose counter was not sure."""
    call(BLOCKS.not_taken)
    compare_slots(0 - PROGRESS.room)
    link(jump_if(IF_LESS), back)
    _leave(each, each.at)


@fn
def _write_taken(each: Exit) -> None:
    site = expect(each.counter, 1)
    back = BLOCKS.here
    _count(each)
    if each.what == TAKEN_FAR:
        go_far(each.at)
    else:
        go_on(each.at)
    link(site, BLOCKS.here)
    call(BLOCKS.taken)
    jump_to(back)


@fn
def _count(each: Exit) -> None:
    count(R14, each.slots)
    count(R15, each.done)


@fn
def _leave(each: Exit, following: u32) -> None:
    _count(each)
    constant(MOV, EAX, following)
    jump_to(BLOCKS.leave)
