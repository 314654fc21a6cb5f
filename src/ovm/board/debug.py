# SPDX-License-Identifier: Apache-2.0
"""Breakpoints, watchpoints and single steps.

None costs anything while it is not used. A breakpoint acts where records are made: the instruction at such an address
is never kept decoded, so it comes by `breakpoint_here` each time. A watchpoint keeps its lines out of the table of
lines that hit, so each access to them comes by `watch_access`. Steps and instructions that are decoded for once use
`ATTEND_DEBUG`, with which `attend` calls `before_instruction`.

An access is watched by the virtual address that the program uses. The instruction that makes it is completed first;
an instruction at a breakpoint is not begun.
"""

from typing import Final

from ovm.board.flow import pc_of
from ovm.board.record import RECORD_BYTES, SLOT_BASE, SLOT_BYTES, SLOTS, USED_SLOTS, record_at
from ovm.board.state import (
    ATTEND_DEBUG,
    ATTEND_STOP,
    CORES,
    CPU,
    STOP_BREAKPOINT,
    STOP_NONE,
    STOP_REQUEST,
    STOP_WATCHPOINT,
)
from ovm.metal import Struct, array, fn, static, u16, u32, u64

MOST: Final = 128  # breakpoints, and watchpoints
NO_ROOM: Final = 0xFFFF_FFFF

# Breakpoint.flags; neither core flag means no breakpoint.
ON_CORE_0: Final = 1
ON_CORE_1: Final = 2
PHYSICAL: Final = 4

# Watchpoint.flags.
ON_READ: Final = 1
ON_WRITE: Final = 2

KEPT_HANDLERS: Final = 1  # numbers up to this one are no decoded instructions
LINE_MASK: Final = 0xFFFF_FFE0


class Breakpoint(Struct):
    """An address where a core stops before it executes."""

    place: u32
    flags: u32


class Watchpoint(Struct):
    """Bytes that stop a core when it accesses them; `last` is the last of them."""

    first: u32
    last: u32
    flags: u32


class Steps(Struct):
    """What one core has to stop for, or to forget, after the instruction in progress."""

    stepping: u32  # 0 no, 1 wanted, 2 the instruction at `pc` is the one
    pc: u32
    once: u32  # a record that is decoded for one execution only; 0 is none
    pass_pc: u32  # a breakpoint at this address doesn't stop the core once; 1 is none
    # CPU.cycles, which every instruction moves, before the instruction that
    step_cycles: u64  # is stepped
    once_cycles: u64  # is decoded for once
    counted_cycles: u64  # was counted last


class Debug(Struct):
    """How many there are, and where the last watched access went."""

    breakpoints: u32
    watchpoints: u32
    access_address: u32
    access_written: u32
    counting: u32  # bit n: core n's instructions are counted
    spare: u32
    left: u64  # counted instructions until the machine stops


BREAKPOINTS = static(array(Breakpoint, MOST))
WATCHPOINTS = static(array(Watchpoint, MOST))
STEPS = static(array(Steps, 2))
DEBUG = static(Debug)


@fn
def _forget(at: u32) -> None:
    record = record_at(at)
    if record.handler > KEPT_HANDLERS:
        record.handler = u16(0)
        record.cost = u16(0)


@fn
def forget_offset(offset: u32) -> None:
    """Forget what is decoded at an offset in any page: any page may be mapped at the address in question."""
    for slot in u32.range(1, SLOTS):
        if slot <= USED_SLOTS.value:
            base = SLOT_BASE + slot * SLOT_BYTES
            _forget(base + (offset >> 2) * RECORD_BYTES)
            _forget(base + (offset >> 1) * RECORD_BYTES)


@fn
def add_breakpoint(address: u32, flags: u32) -> u32:
    """Add a breakpoint; return its number or NO_ROOM."""
    for number in u32.range(MOST):
        each = BREAKPOINTS[number]
        if each.flags == 0:
            each.place = address
            each.flags = flags
            DEBUG.breakpoints += 1
            forget_offset(address & 0xFFF)
            return number
    return u32(NO_ROOM)


@fn
def remove_breakpoint(number: u32) -> None:
    """Remove a breakpoint."""
    if number < MOST and BREAKPOINTS[number].flags != 0:
        BREAKPOINTS[number].flags = u32(0)
        DEBUG.breakpoints -= 1


@fn
def add_watchpoint(address: u32, size: u32, flags: u32) -> u32:
    """Add a watchpoint; return its number or NO_ROOM. The caller drops the lines of both cores."""
    for number in u32.range(MOST):
        each = WATCHPOINTS[number]
        if each.flags == 0:
            each.first = address
            each.last = address + size - 1
            each.flags = flags
            DEBUG.watchpoints += 1
            return number
    return u32(NO_ROOM)


@fn
def remove_watchpoint(number: u32) -> None:
    """Remove a watchpoint."""
    if number < MOST and WATCHPOINTS[number].flags != 0:
        WATCHPOINTS[number].flags = u32(0)
        DEBUG.watchpoints -= 1


@fn(inline=True)
def breakpoint_here(at: u32, pc: u32, physical: u32) -> bool:
    """Tell whether the core stops before the instruction whose record is to be made; the stop is noted."""
    return DEBUG.breakpoints != 0 and _breakpoint_here(at, pc, physical)


@fn(inline=False)
def _breakpoint_here(at: u32, pc: u32, physical: u32) -> bool:
    found = _match(pc, physical)
    if found == 0:
        return False
    steps = STEPS[CPU.number]
    if found == 2 and steps.pass_pc != pc:
        CPU.event_pc = pc
        CPU.stopped = u32(STOP_BREAKPOINT)
        CPU.attention |= ATTEND_STOP
        return True
    steps.pass_pc = u32(1)
    steps.once = at
    steps.once_cycles = CPU.cycles
    CPU.attention |= ATTEND_DEBUG
    return False


@fn
def _match(pc: u32, physical: u32) -> u32:
    """Return 2 for a breakpoint of this core here, 1 for one that would be here by another mapping or core."""
    found = u32(0)
    for number in u32.range(MOST):
        each = BREAKPOINTS[number]
        if each.flags != 0 and (each.place ^ pc) & 0xFFF == 0:
            where = physical if each.flags & PHYSICAL != 0 else pc
            here = where == each.place and (each.flags >> CPU.number) & 1 != 0
            found = max(found, u32(2) if here else u32(1))
    return found


@fn(inline=True)
def watches_line(address: u32) -> bool:
    """Tell whether the line of an address has a watched byte, and so must not become one that hits."""
    return DEBUG.watchpoints != 0 and _watched(address & LINE_MASK, address | 31, u32(ON_READ | ON_WRITE))


@fn(inline=True)
def watch_access(address: u32, size: u32, write: u32) -> None:
    """Stop the core after the present instruction if it accesses a watched byte."""
    if DEBUG.watchpoints != 0 and _watched(address, address + size - 1, u32(ON_READ) << write):
        CPU.stopped = u32(STOP_WATCHPOINT)
        CPU.event_word = address
        DEBUG.access_address = address
        DEBUG.access_written = write
        CPU.attention |= ATTEND_STOP


@fn(inline=False)
def _watched(first: u32, last: u32, flags: u32) -> bool:
    for number in u32.range(MOST):
        each = WATCHPOINTS[number]
        if each.flags & flags != 0 and each.first <= last and first <= each.last:
            return True
    return False


@fn
def pass_breakpoint(core: u32, pc: u32) -> None:
    """Let a core that stopped at a breakpoint execute the instruction there."""
    STEPS[core].pass_pc = pc


@fn
def arm_step(core: u32) -> None:
    """Let a core stop after its next instruction, whenever that is."""
    STEPS[core].stepping = u32(1)
    _attend(core)


@fn
def count_down(instructions: u64, cores: u32) -> None:
    """Let the machine stop when the cores of the mask are about to begin an instruction after so many more."""
    DEBUG.left = instructions
    DEBUG.counting = cores
    for core in u32.range(2):
        STEPS[core].counted_cycles = u64(0) - 1
        _attend(core)


@fn
def forget_stops() -> None:
    """Remove every breakpoint and watchpoint, and forget steps."""
    for number in u32.range(MOST):
        BREAKPOINTS[number].flags = u32(0)
        WATCHPOINTS[number].flags = u32(0)
    DEBUG.breakpoints = u32(0)
    DEBUG.watchpoints = u32(0)
    disarm()


@fn
def disarm() -> None:
    """Forget steps that were not made."""
    for core in u32.range(2):
        STEPS[core].stepping = u32(0)
        STEPS[core].pass_pc = u32(1)
    DEBUG.counting = u32(0)


@fn
def _attend(core: u32) -> None:
    if CPU.number == core:
        CPU.attention |= ATTEND_DEBUG
    else:
        CORES[core].attention |= ATTEND_DEBUG


@fn(inline=False)
def before_instruction(at: u32) -> None:
    """See to steps before the instruction at `at`; ask the core to stop where one ends.

    `attend` may call this several times for one instruction, until it is decoded or gives way to an interrupt.
    """
    steps = STEPS[CPU.number]
    if steps.once != 0 and steps.once_cycles != CPU.cycles:
        _forget(steps.once)
        steps.once = u32(0)
    if steps.stepping == 1:
        steps.stepping = u32(2)
        steps.pc = pc_of(at)
        steps.step_cycles = CPU.cycles
    elif steps.stepping == 2 and (steps.step_cycles != CPU.cycles or steps.pc != pc_of(at)):
        steps.stepping = u32(0)
        _stop()
    if (DEBUG.counting >> CPU.number) & 1 != 0 and CPU.attention & ATTEND_STOP == 0:
        _count()
    if steps.stepping == 0 and steps.once == 0 and (DEBUG.counting >> CPU.number) & 1 == 0:
        CPU.attention &= 0xFFFF_FFFF ^ ATTEND_DEBUG


@fn
def _count() -> None:
    """Take the instruction that begins off the count, unless that was done when it began before."""
    steps = STEPS[CPU.number]
    if steps.counted_cycles == CPU.cycles:
        return
    if DEBUG.left == 0:
        DEBUG.counting = u32(0)
        _stop()
        return
    DEBUG.left -= 1
    steps.counted_cycles = CPU.cycles


@fn
def _stop() -> None:
    if CPU.stopped == STOP_NONE:
        CPU.stopped = u32(STOP_REQUEST)
    CPU.attention |= ATTEND_STOP
