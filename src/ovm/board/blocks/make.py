# SPDX-License-Identifier: Apache-2.0
"""The compiler of a block from the records of a line."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from ovm.board.arena.drop import forget_blocks
from ovm.board.arena.place import ARENA, ARENA_BYTES, BLOCK_ROOM, BLOCKS, HEAT, set_block
from ovm.board.arena.x86 import EAX, MOV_TO, R14, R15, count, jump_if, state
from ovm.board.blocks import access, branches, data, floating, multiply_media, several_words
from ovm.board.blocks.actions import PASS_BRANCH, PASS_OVER
from ovm.board.blocks.conditions import CONDITIONS, FLAGS, UNKNOWN, condition_of
from ovm.board.blocks.enter import write_ends
from ovm.board.blocks.exits import (
    PROGRESS,
    begin_block,
    come_back,
    end_block,
    finish_entry,
    it_after,
    leave_at,
    look_at_line,
    note_it,
    write_exits,
)
from ovm.board.blocks.registers import PC, after_condition, before_condition, forget_copies, next_instruction
from ovm.board.decode.branches import may_branch
from ovm.board.execute.table import ROWS
from ovm.board.predictor import counter_of
from ovm.board.record import CARE_CROSSING, CARE_FETCH, CARE_IT, CARE_PC, CONDITION_ALWAYS, Record, record_at, slots_of_failed
from ovm.board.state import CPU
from ovm.metal import fn, table, u8, u16, u32, unroll

_FILES: Final[dict[str, ModuleType]] = {
    "access": access,
    "branches": branches,
    "data": data,
    "floating": floating,
    "multiply_media": multiply_media,
    "several_words": several_words,
}
# Kinds of instructions, by the host code that their rows name; these two are in this file.
_HOSTS: Final = list(dict.fromkeys(row.host for row in ROWS if row.host))
_HERE: Final = ("branches.branch_if", "make.if_then")
NO_FORM: Final = 0
BRANCH_IF: Final = _HOSTS.index(_HERE[0]) + 1
IF_THEN: Final = _HOSTS.index(_HERE[1]) + 1
COMPARE_BRANCH: Final = _HOSTS.index("branches.compare_branch") + 1


def _writer(host: str) -> Callable[..., Any]:
    file, function = host.split(".")
    form: Callable[..., Any] = getattr(_FILES[file], function)
    return form


FORMS: Final = [(number + 1, _writer(host)) for number, host in enumerate(_HOSTS) if host not in _HERE]
KINDS = table(u8, [_HOSTS.index(row.host) + 1 if row.host else NO_FORM for row in ROWS])
VARIANTS = table(u16, [row.variant for row in ROWS])
MOST: Final = 16  # instructions in a line
LEAST: Final = 2  # instructions from which on a block is worth making


@fn
def _can_follow(record: Record) -> bool:
    """Return whether an instruction may be the next one of the block; in an IT block it must have been decoded in one."""
    if PROGRESS.at >= PROGRESS.end or record.handler <= 1 or KINDS[record.handler] == NO_FORM:
        return False
    # The next line is checked when the instruction is executed.
    cares = u32(CARE_IT | CARE_CROSSING | CARE_FETCH if _is_in_line(record) else CARE_IT | CARE_CROSSING)
    if PROGRESS.it == 0:
        return u32(record.condition) & cares == 0
    return u32(record.condition) & cares == CARE_IT and KINDS[record.handler] != IF_THEN


@fn
def _is_in_line(record: Record) -> bool:
    return PROGRESS.at + u32(record.step) <= PROGRESS.end


@fn(inline=False)
def make_block(at: u32) -> None:
    """Make the block that begins with the record at `at`, if it is worth it."""
    if BLOCKS.used == 0 or BLOCKS.used + BLOCK_ROOM > ARENA + ARENA_BYTES:
        forget_blocks()
        write_ends()
    BLOCKS.here = BLOCKS.used
    forget_copies()
    begin_block(at)
    FLAGS.known = UNKNOWN
    room = u32(0)  # slots before the present instruction, at most
    goes_on = True
    for _ in u32.range(MOST):
        record = record_at(PROGRESS.at)
        if not goes_on or not _can_follow(record) or not _instruction(record):
            break
        PROGRESS.room = room
        room += u32(record.cost)
        goes_on = _condition(record) < CONDITIONS or _may_go_on(record)
        PROGRESS.it = it_after(PROGRESS.it) if KINDS[record.handler] != IF_THEN else record.imm
        PROGRESS.at += u32(record.step)
        PROGRESS.slots += u32(record.cost)
        PROGRESS.done += 1
    _finish(at, goes_on)


@fn
def _may_go_on(record: Record) -> bool:
    """Return whether the next instruction may follow one without a condition."""
    return KINDS[record.handler] == COMPARE_BRANCH or not may_branch(record)


@fn
def _finish(at: u32, goes_on: bool) -> None:
    record = record_at(at)
    if PROGRESS.done < LEAST and goes_on:
        record.condition = u16(u32(record.condition) & (0xFFFF ^ HEAT))
        return
    if goes_on:
        count(R14, PROGRESS.slots)
        count(R15, PROGRESS.done)
        end_block(PROGRESS.at)
    write_exits()
    set_block(at, PROGRESS.begin)
    finish_entry()
    BLOCKS.used = (BLOCKS.here + 15) & 0xFFFF_FFF0


@fn
def _condition(record: Record) -> u32:
    """Return the condition of an instruction, its own or that of its IT block; values from CONDITIONS on mean none."""
    if KINDS[record.handler] == BRANCH_IF:
        return u32(VARIANTS[record.handler]) & 15
    if PROGRESS.it != 0:
        return PROGRESS.it >> 4
    return (u32(record.condition) & 15) ^ CONDITION_ALWAYS


@fn
def _instruction(record: Record) -> bool:
    """Write the code of an instruction; return False, with nothing written, if it is left to its handler."""
    here = BLOCKS.here
    number = PROGRESS.exits
    kind = u32(KINDS[record.handler])
    if kind == IF_THEN:
        return True
    if not _is_in_line(record):
        look_at_line()
        FLAGS.known = UNKNOWN
    known = FLAGS.known
    FLAGS.known = UNKNOWN
    next_instruction()
    PROGRESS.counter = counter_of(branches.offset_here())
    if kind == BRANCH_IF:
        return branches.branch_if(record, u32(VARIANTS[record.handler]), known)
    note_it()
    PROGRESS.conditional = u32(_condition(record) < CONDITIONS)
    done = _unconditional(record) if PROGRESS.conditional == 0 else _conditional(record, known)
    if not done:
        BLOCKS.here = here
        PROGRESS.exits = number
    return done


@fn
def _conditional(record: Record, known: u32) -> bool:
    number = PROGRESS.exits
    condition = condition_of(_condition(record), known)
    failed = slots_of_failed(record)
    what = PASS_BRANCH if may_branch(record) else PASS_OVER
    leave_at(jump_if(condition ^ 1), what, PROGRESS.at + u32(record.step), PROGRESS.slots + failed, PROGRESS.done + 1)
    before_condition()
    if not _unconditional(record):
        return False
    after_condition()
    FLAGS.known = UNKNOWN
    come_back(number, failed - u32(record.cost))
    return True


@fn
def _unconditional(record: Record) -> bool:
    if u32(record.condition) & CARE_PC != 0:
        branches.address_here(EAX, 4 if CPU.thumb != 0 else 8)
        state(MOV_TO, EAX, PC * 4)
    return _form(record, u32(KINDS[record.handler]), u32(VARIANTS[record.handler]))


@fn
def _form(record: Record, kind: u32, variant: u32) -> bool:
    for number, form in unroll(FORMS):
        if kind == number:
            done: bool = form(record, variant)
            return done
    return False
