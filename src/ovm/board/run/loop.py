# SPDX-License-Identifier: Apache-2.0
"""The interpreter's loop: it takes a record, checks whether anything needs attention, and executes its handler."""

from typing import Final

from ovm.board.arena.drop import forget_blocks_at
from ovm.board.arena.place import BY_HANDLER, HEAT
from ovm.board.blocks.run import run_blocks
from ovm.board.decode.branches import may_branch
from ovm.board.events import fold_branches
from ovm.board.execute.predict import passed_over
from ovm.board.execute.table import HANDLERS
from ovm.board.processor.account import handler_begins, settle
from ovm.board.processor.debug_steps import before_instruction, instruction_begins
from ovm.board.processor.exceptions import take_interrupt
from ovm.board.processor.flow import goto_page, pc_of
from ovm.board.record import (
    CARE_CROSSING,
    CARE_FETCH,
    CARE_IT,
    CARE_PC,
    Record,
    record_at,
    slots_of_failed,
)
from ovm.board.run.filling import fetch_again, fill
from ovm.board.state import (
    ATTEND_ACCOUNT,
    ATTEND_DEBUG,
    ATTEND_FETCH,
    ATTEND_HANDLER,
    ATTEND_INTERRUPT,
    ATTEND_IT,
    ATTEND_IT_NOW,
    ATTEND_IT_SHIFT,
    ATTEND_STOP,
    ATTEND_TURNS,
    CPU,
    STOP_EVENTS,
    STOP_NONE,
    STOP_TURNS,
)
from ovm.metal import VirtAddr, fn, pointer, table, u16, u32, u64, unroll

MOST_TURNS: Final = (1 << 31) - 1  # in effect no bound
CALLED: Final = HANDLERS[1:]  # number 0 stands for an instruction that is not decoded
ALL_SEEN: Final = u32(0xFFFF_FFFF)
AGAIN: Final = u32(1)  # not an address of a record: the present record is to be examined again
CARE_MORE: Final = CARE_IT | CARE_CROSSING | CARE_FETCH
CALLED_COUNT: Final = len(CALLED)
HANDLER_MASK: Final = u32((1 << CALLED_COUNT.bit_length()) - 1)
# For each condition XOR 14: bit NZCV is set where it holds (ARM A8.3).


def _holds(condition: int, flags: int) -> bool:
    n, z, c, v = (bool(flags >> bit & 1) for bit in (3, 2, 1, 0))
    plain = (z, c, n, v, c and not z, n == v, n == v and not z, True)
    return plain[condition >> 1] != bool(condition & 1)


def _mask(condition: int) -> int:
    return sum(_holds(condition, flags) << flags for flags in range(16))


PASSES = table(u16, [0xFFFF if code ^ 14 >= 14 else _mask(code ^ 14) for code in range(16)])


@fn(inline=True)
def _flags() -> u32:
    return ((CPU.negative >> 31) << 3) | (u32(CPU.zero == 0) << 2) | (CPU.carry << 1) | CPU.overflow


@fn(inline=True)
def passes(condition: u32) -> bool:
    """Return whether a condition, given as its difference from AL, holds."""
    return (u32(PASSES[condition & 15]) >> _flags()) & 1 != 0


@fn
def _account() -> None:
    if CPU.attention & ATTEND_ACCOUNT != 0:
        CPU.attention &= 0xFFFF_FFFF ^ ATTEND_ACCOUNT
        settle()


@fn(inline=False)
def attend(at: u32) -> u32:
    """Do the work that an instruction needs before it is executed; return `at` if it is to be executed now, or AGAIN."""
    if CPU.attention & ATTEND_DEBUG != 0:
        before_instruction(at)
    if CPU.attention & ATTEND_STOP != 0:
        CPU.attention &= 0xFFFF_FFFF ^ ATTEND_STOP
        if CPU.stopped == STOP_NONE:
            # A request while no core ran, which only devices' events make.
            CPU.stopped = STOP_EVENTS
        return at
    CPU.attention &= 0xFFFF_FFFF ^ ATTEND_IT_NOW
    _account()
    taken = _before_record(at)
    record = record_at(at)
    if taken == at and record.handler > 1:
        taken = _fetched(record, at)
    if taken != at:
        CPU.uncounted += 1
        return taken
    if record.handler <= 1:
        return at
    if CPU.attention & ATTEND_HANDLER != 0:
        handler_begins()
    if CPU.attention & ATTEND_DEBUG != 0:
        instruction_begins(at)
    return _by_state(record, at)


@fn
def _before_record(at: u32) -> u32:
    """Take an interrupt, or enter the page again; return the record with which to continue, or AGAIN if it is this one."""
    if CPU.attention & ATTEND_INTERRUPT != 0:
        CPU.attention &= 0xFFFF_FFFF ^ ATTEND_INTERRUPT
        taken = take_interrupt(at)
        if taken != at:
            return taken
    if CPU.attention & ATTEND_FETCH != 0:
        entered = goto_page(pc_of(at))
        return entered if entered != at else AGAIN
    return at


@fn
def _fetched(record: Record, at: u32) -> u32:
    """Make sure that a record is still valid and that its line is there; return the record with which to continue."""
    care = u32(record.condition)
    if (care & CARE_IT != 0) != (CPU.attention & ATTEND_IT != 0):
        forget_blocks_at(at)
        record.handler = 0
    elif care & CARE_CROSSING != 0:
        # The page of the second halfword may be another one by now.
        return fill(at)
    elif care & CARE_FETCH != 0:
        return fetch_again(at)
    return at


@fn
def _by_state(record: Record, at: u32) -> u32:
    """Set r15 and ITSTATE for an instruction; return the next one if its condition fails."""
    state = CPU.attention >> ATTEND_IT_SHIFT
    care = u32(record.condition)
    if care & CARE_PC != 0:
        CPU.r[15] = pc_of(at) + (4 if CPU.thumb != 0 else 8)
    if state == 0:
        return at if passes(care) else _pass_over(at)
    CPU.it_now = state
    following = (state & 0xE0) | ((state << 1) & 0x1F) if state & 7 != 0 else u32(0)
    CPU.attention = (CPU.attention & (0xFFFF_FFFF ^ ATTEND_IT)) | (following << ATTEND_IT_SHIFT) | ATTEND_IT_NOW
    return at if passes((state >> 4) ^ 14) else _pass_over(at)


@fn
def _pass_over(at: u32) -> u32:
    """Return the record after one whose condition fails."""
    record = record_at(at)
    CPU.slots += u64(slots_of_failed(record))
    if may_branch(record):
        passed_over(at)
    return at + u32(record.step)


@fn(inline=False)
def _attend_here(at: u32) -> u32:
    """Do the work for the record at `at` besides its handler; return the record with which to continue.

    With BY_HANDLER, it is to be executed at once.
    """
    if CPU.attention & ATTEND_TURNS != 0:
        if CPU.turns == 0:
            if CPU.stopped == STOP_NONE:
                CPU.stopped = STOP_TURNS
            return at | BY_HANDLER
        CPU.turns -= 1
    following = attend(at)
    if following == AGAIN:
        return at
    if following == at and CPU.stopped == STOP_NONE and record_at(at).handler == 0:
        CPU.uncounted += 1
        filled = fill(at)
        if record_at(at).handler != 0:
            CPU.decoded = CPU.turn + 1
        return filled
    return following if following != at else at | BY_HANDLER


@fn(inline=True)
def _careful(at: u32) -> u32:
    """Handle a record that has more than a handler's number; return the one with which to continue, as `_attend_here` does.

    A condition, the PC as an operand and a block need only this; other cases need more.
    """
    record = record_at(at)
    condition = u32(record.condition)
    if CPU.attention != 0 or record.handler == 0 or condition & CARE_MORE != 0:
        return _attend_here(at)
    if condition & HEAT != 0:
        following = run_blocks(at)
        if following != 0:
            return following
    if condition & CARE_PC != 0:
        CPU.r[15] = pc_of(at) + (4 if CPU.thumb != 0 else 8)
    return at | BY_HANDLER if passes(condition) else _pass_over(at)


@fn
def run(turns: u32) -> u32:
    """Execute up to `turns` instructions, until CPU.limit; return their number. CPU.stopped gives the reason if it is less.

    An instruction whose fetch takes the core to the limit is still executed, whether or not it was decoded before; the handler
    of a failed fetch is not.
    """
    at = CPU.at
    slots = CPU.slots
    done = u32(MOST_TURNS)
    seen = ALL_SEEN
    before = CPU.instructions
    CPU.stopped = STOP_NONE
    CPU.uncounted = 0
    CPU.decoded = ALL_SEEN
    if CPU.limit == 0:
        CPU.limit = u64(0) - 1
    if turns < MOST_TURNS:
        CPU.turns = turns
        CPU.attention |= ATTEND_TURNS
    for turn in u32.range(MOST_TURNS):
        if slots >= CPU.limit and seen == ALL_SEEN and CPU.decoded != turn:
            done = turn
            break
        record = record_at(at)
        number = (pointer(u32, VirtAddr(at))[0] | CPU.attention) & seen
        seen = ALL_SEEN
        called = number - 1
        if called >= CALLED_COUNT:
            CPU.turn = turn
            CPU.slots = slots
            following = _careful(at)
            slots = CPU.slots
            at = following & ~BY_HANDLER
            if CPU.stopped != STOP_NONE:
                done = turn if following & BY_HANDLER != 0 else turn + 1
                break
            if following & BY_HANDLER != 0:
                CPU.uncounted += 1
                seen = HANDLER_MASK
            continue
        slots += u64(record.cost)
        CPU.slots = slots
        for handler in unroll(CALLED):
            if called == handler.number - 1:
                at = handler.function(record, at, handler.variant)
                break
    if CPU.stopped == STOP_TURNS:
        CPU.stopped = STOP_NONE
    CPU.at = at
    CPU.attention &= 0xFFFF_FFFF ^ (ATTEND_STOP | ATTEND_IT_NOW | ATTEND_TURNS)
    done -= CPU.uncounted
    CPU.slots = slots
    CPU.instructions += u64(done)
    fold_branches()
    CPU.turn = CPU.uncounted
    return u32(CPU.instructions - before)


@fn
def start(address: u32) -> None:
    """Set the next instruction to the one at `address`, in the present instruction set."""
    CPU.at = goto_page(address)


@fn
def program_counter() -> u32:
    """Return the address of the next instruction."""
    return pc_of(CPU.at)
