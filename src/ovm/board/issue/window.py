# SPDX-License-Identifier: Apache-2.0
"""The issue slots of an instruction, computed once from itself and those that follow it in memory.

Cortex-A9 decodes two instructions a cycle, renames their registers, and issues each when its operands and a unit are ready,
out of order: two ALUs of which one multiplies, one unit for addresses, one for floating point, and one instruction a cycle to
the last two together (LLVM's model of the core). `_span` simulates that for a stretch of code: an instruction is decoded a slot
behind the one before it, but not before one of PARAMETERS.issue_window is issued, and the stretch takes until the last of
them is done with its unit. An instruction costs the time of the stretch with it minus the time without it. So the costs of a
stretch add up to its time, wherever it is entered; an instruction for whose result no other waits costs one slot; and a wait
that others fill costs only its unfilled rest.

Branches are predicted, so they wait for no operand. The stretch continues at the target of an unconditional branch, or of a
conditional one back, so the turns of a loop follow each other. It ends if the target is in a register, at the end of the page,
of the
line where lines hold bytes of their own, or `slots.REACH` away, and after 16 instructions. Results that are still to come at its
end are ignored: the wait for them in the next stretch is lost.
"""

from typing import Final

from ovm.board.cache.hints import mark_code
from ovm.board.cache.stale import stale
from ovm.board.clock import SLOTS_PER_CYCLE
from ovm.board.decode.instruction import decode_arm, decode_narrow, decode_wide
from ovm.board.decode.narrow_forms import it_now
from ovm.board.decode.pattern import PLACE
from ovm.board.execute import system
from ovm.board.execute.roles import ALU, FLOATING, MULTIPLIER, TRANSFER
from ovm.board.execute.table import number_of
from ovm.board.issue.describe import describe, issue_cycles
from ovm.board.issue.facts import CONDITIONAL, DRAINS, LAST, TAKES_FORWARD, Facts
from ovm.board.parameters import PARAMETERS
from ovm.board.record import Record
from ovm.board.shortcuts.slots import LINE_BYTES, PAGE_BYTES, REACH
from ovm.board.state import ATTEND_IT, ATTEND_IT_SHIFT, CPU
from ovm.metal import Array, Struct, VirtAddr, array, fn, pointer, static, u16, u32

MOST_LOOKED: Final = 16
MOST_SLOTS: Final = u32(255)
IF_THEN: Final = number_of(system.if_then)
# Units in `Stretch.free`; the port leads to addresses and floating point.
FIRST_ALU: Final = u32(0)  # which multiplies
SECOND_ALU: Final = u32(1)
ADDRESSES: Final = u32(2)
FLOATS: Final = u32(3)
PORT: Final = 4
UNITS: Final = 5


class Stretch(Struct):
    """The instructions of a stretch, and the times when units are free, in slots."""

    facts: Array[Facts] = array(Facts, MOST_LOOKED)
    free: Array[u32] = array(u32, UNITS)
    following: Record  # decoded for its facts


STRETCH = static(Stretch)


@fn(inline=False)
def slots_of(record: Record, pc: u32, physical: u32, place: u32) -> u32:
    """Return the slots of an instruction. The next ones are at these addresses, their bytes at `place`."""
    if PARAMETERS.issue_window == 0:
        return min(issue_cycles(record) * SLOTS_PER_CYCLE, MOST_SLOTS)
    state = it_now()
    describe(record, state, STRETCH.facts[0])
    count = _look_ahead(_state_after(record, state), pc, physical, place)
    # Without it the others may choose their ALUs less well, but decoding it takes a slot in any case.
    least = _span(1, count) + 1
    return min(max(_span(0, count), least) + 1 - least, MOST_SLOTS)


@fn
def _state_after(record: Record, state: u32) -> u32:
    """Return the ITSTATE behind an instruction (ARM A2.5.2)."""
    if record.handler == IF_THEN:
        return record.imm
    return (state & 0xE0) | ((state << 1) & 0x1F) if state & 7 != 0 else 0


@fn
def _look_ahead(first_state: u32, pc: u32, physical: u32, place: u32) -> u32:
    """Fill in the facts of the next instructions; return their number. Stores to them are noticed from now on."""
    attention = CPU.attention
    virtual = PLACE.value
    state = first_state
    # Distances from `pc`: of the last one examined, and of the next.
    begin = virtual - pc
    done = u32(0)
    count = u32(1)
    for number in u32.range(1, MOST_LOOKED):
        before = STRETCH.facts[number - 1]
        if before.kind & LAST != 0:
            done = begin + before.onward
        size = _size(pc, done, place)
        if done == begin or size == 0:
            break
        mark_code(physical + done)
        mark_code(physical + done + size - 1)
        PLACE.value = pc + done
        CPU.attention = (attention & (0xFFFF_FFFF ^ ATTEND_IT)) | (state << ATTEND_IT_SHIFT)
        _decode(place + done, size)
        describe(STRETCH.following, state, STRETCH.facts[number])
        count += 1
        state = _state_after(STRETCH.following, state)
        begin = done
        done += size
    CPU.attention = attention
    PLACE.value = virtual
    return count


@fn
def _size(pc: u32, done: u32, place: u32) -> u32:
    """Return the bytes of the instruction `done` from `pc`; 0 if that is out of reach of the one that ends at `pc`."""
    last = LINE_BYTES - 1 if stale() else PAGE_BYTES - 1
    if done + REACH > 2 * REACH or ((pc + done) ^ (pc - 2)) & ~last != 0:
        return 0
    left = last + 1 - ((pc + done) & last)
    if CPU.thumb == 0:
        return 4
    if pointer(u16, VirtAddr(place + done))[0] >> 11 < 0b11101:
        return 2
    return 4 if left >= 4 else 0


@fn
def _decode(place: u32, size: u32) -> None:
    if CPU.thumb == 0:
        decode_arm(STRETCH.following, pointer(u32, VirtAddr(place))[0])
        return
    halves = pointer(u16, VirtAddr(place))
    if size == 2:
        decode_narrow(STRETCH.following, u32(halves[0]))
    else:
        decode_wide(STRETCH.following, (u32(halves[0]) << 16) | u32(halves[1]))


@fn(inline=False)
def _span(first: u32, count: u32) -> u32:
    """Return the slots from the decoding of the first of these instructions until all are done with their units."""
    for unit in u32.range(UNITS):
        STRETCH.free[unit] = 0
    end = u32(0)
    decoded = u32(0)
    for number in u32.range(first, count, bound=MOST_LOOKED):
        facts = STRETCH.facts[number]
        slots = facts.busy * SLOTS_PER_CYCLE
        if number - first >= PARAMETERS.issue_window:
            decoded = max(decoded, STRETCH.facts[number - PARAMETERS.issue_window].issue)
        if facts.kind & DRAINS != 0:
            return max(_drained(first, number), decoded) + slots
        facts.issue = _issue(facts.unit, max(_ready(first, number), decoded), decoded, slots)
        end = max(end, facts.issue + max(slots, 2) - 1)
        decoded += 1
    return end


@fn
def _drained(first: u32, number: u32) -> u32:
    """Return the time when all instructions before this one are done."""
    end = u32(0)
    for each in u32.range(first, number, bound=MOST_LOOKED):
        facts = STRETCH.facts[each]
        end = max(end, facts.issue + facts.busy * SLOTS_PER_CYCLE)
    return end


@fn
def _ready(first: u32, number: u32) -> u32:
    """Return the time when the operands of an instruction are there, by the last one before it that writes each."""
    facts = STRETCH.facts[number]
    wanted = facts.reads | facts.locates
    ready = u32(0)
    for back in u32.range(number - first, bound=MOST_LOOKED):
        other = STRETCH.facts[number - 1 - back]
        if other.writes & wanted != 0:
            latency = other.forwarded if facts.kind & TAKES_FORWARD != 0 else other.result
            if other.writes & wanted & facts.locates != 0:
                latency = other.to_address
            ready = max(ready, other.issue + latency * SLOTS_PER_CYCLE)
        if other.updated & wanted != 0:
            ready = max(ready, other.issue + SLOTS_PER_CYCLE)
        if other.kind & CONDITIONAL == 0:
            wanted &= ~(other.writes | other.updated)
    return ready


@fn
def _issue(unit: u32, ready: u32, decoded: u32, slots: u32) -> u32:
    """Take a unit as soon as it and the operands are ready; return that slot.

    An ALU is free for others while an instruction waits for its operands; addresses and floating point go in order.
    """
    free = STRETCH.free
    if unit == ALU or unit == MULTIPLIER:
        which = FIRST_ALU if unit == MULTIPLIER or free[FIRST_ALU] < free[SECOND_ALU] else SECOND_ALU
        when = max(ready, free[which])
        free[which] = max(free[which], decoded) + slots
        return when
    if unit != TRANSFER and unit != FLOATING:
        return ready
    which = ADDRESSES if unit == TRANSFER else FLOATS
    when = max(max(ready, free[which]), free[PORT])
    free[which] = when + slots
    free[PORT] = max(free[PORT], decoded) + SLOTS_PER_CYCLE
    return when
