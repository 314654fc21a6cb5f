# SPDX-License-Identifier: Apache-2.0
"""The compiler of a block from the records of a line."""

from __future__ import annotations

from collections.abc import Callable
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
from ovm.board.execute import branch, media, multiple, multiply, single, system
from ovm.board.execute import data as execute_data
from ovm.board.execute.table import HANDLERS
from ovm.board.predictor import counter_of
from ovm.board.record import CARE_CROSSING, CARE_FETCH, CARE_IT, CARE_PC, CONDITION_ALWAYS, Record, record_at, slots_of_failed
from ovm.board.state import CPU
from ovm.board.vfp import execute as vfp
from ovm.board.vfp import transfer as vfp_transfer
from ovm.metal import fn, table, u8, u16, u32, unroll

_FORMS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    execute_data.data_immediate: data.data_immediate,
    execute_data.data_register: data.data_register,
    execute_data.data_shifted: data.data_shifted,
    execute_data.data_shifted_flags: data.data_shifted_flags,
    execute_data.data_by_register: data.data_by_register,
    execute_data.move_wide: data.move_wide,
    single.load_offset: access.load_offset,
    single.store_offset: access.store_offset,
    single.load_indexed: access.load_indexed,
    single.store_indexed: access.store_indexed,
    single.load_any: access.load_any,
    single.store_any: access.store_any,
    single.load_pair: several_words.load_pair,
    single.store_pair: several_words.store_pair,
    single.load_to_pc: several_words.load_to_pc,
    multiple.load_multiple: several_words.load_multiple,
    multiple.store_multiple: several_words.store_multiple,
    vfp.floating: floating.operate,
    vfp_transfer.load_words: floating.load_words,
    vfp_transfer.load_double: floating.load_double,
    vfp_transfer.store_words: floating.store_words,
    multiply.multiply: multiply_media.multiply,
    multiply.multiply_long: multiply_media.multiply_long,
    multiply.multiply_halves: multiply_media.multiply_halves,
    system.hint: multiply_media.hint,
    media.extend: multiply_media.extend,
    media.reverse: multiply_media.reverse,
    media.bit_field: multiply_media.bit_field,
    media.bit_field_insert: multiply_media.bit_field_insert,
    branch.compare_branch: branches.compare_branch,
    branch.branch: branches.branch,
    branch.branch_link: branches.branch_link,
    branch.branch_register: branches.branch_register,
    branch.branch_link_register: branches.branch_link_register,
    branch.table_branch: several_words.table_branch,
}
_KINDS: Final = list(_FORMS)
FORMS: Final = [(number + 1, form) for number, form in enumerate(_FORMS.values())]
NO_FORM: Final = 0
BRANCH_IF: Final = len(_KINDS) + 1
IF_THEN: Final = BRANCH_IF + 1
COMPARE_BRANCH: Final = _KINDS.index(branch.compare_branch) + 1


def _kind(function: Callable[..., Any]) -> int:
    if function is branch.branch_if:
        return BRANCH_IF
    if function is system.if_then:
        return IF_THEN
    return _KINDS.index(function) + 1 if function in _FORMS else NO_FORM


KINDS = table(u8, [_kind(each.function) if each.number > 1 else NO_FORM for each in HANDLERS])
VARIANTS = table(u16, [each.variant for each in HANDLERS])
MOST: Final = 16  # instructions in a line
LEAST: Final = 2  # instructions from which on a block is worth making


@fn
def _can_follow(record: Record) -> bool:
    """Return whether an instruction may be the next one of the block; in an IT block it must have been decoded in one."""
    if PROGRESS.at >= PROGRESS.end or record.handler <= 1 or KINDS[record.handler] == NO_FORM:
        return False
    # The next line is checked when the instruction is executed.
    cares = u32(CARE_IT | CARE_CROSSING | CARE_FETCH) if _is_in_line(record) else u32(CARE_IT | CARE_CROSSING)
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
        branches.address_here(EAX, u32(4) if CPU.thumb != 0 else u32(8))
        state(MOV_TO, EAX, PC * 4)
    return _form(record, u32(KINDS[record.handler]), u32(VARIANTS[record.handler]))


@fn
def _form(record: Record, kind: u32, variant: u32) -> bool:
    for number, form in unroll(FORMS):
        if kind == number:
            done: bool = form(record, variant)
            return done
    return False
