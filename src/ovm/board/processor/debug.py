# SPDX-License-Identifier: Apache-2.0
"""Breakpoints and watchpoints.

None costs anything while it is not used. A breakpoint acts where records are made: the instruction at such an address is never
kept decoded, so `breakpoint_here` is called each time. A watchpoint keeps its lines out of the table of
lines that hit, so each access to them comes by `watch_access`.

An access is watched by the virtual address that the program uses. The instruction that makes it is completed first;
an instruction at a breakpoint is not begun. A core that a breakpoint or a step has stopped continues from there.
"""

from typing import Final

from ovm.board.processor.debug_steps import STEPS, disarm, forget_pass, forget_record
from ovm.board.record import RECORD_BYTES, SLOT_BASE, SLOT_BYTES, SLOTS, USED_SLOTS
from ovm.board.state import ATTEND_DEBUG, ATTEND_STOP, CPU, STOP_BREAKPOINT, STOP_NONE, STOP_WATCHPOINT
from ovm.metal import Struct, array, fn, static, u32

MOST: Final = 128  # breakpoints, and watchpoints
NO_ROOM: Final = 0xFFFF_FFFF

# Breakpoint.flags; neither core flag means no breakpoint.
ON_CORE_0: Final = 1
ON_CORE_1: Final = 2
PHYSICAL: Final = 4

# Watchpoint.flags.
ON_READ: Final = 1
ON_WRITE: Final = 2

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


class Debug(Struct):
    """The numbers of stops."""

    breakpoints: u32
    watchpoints: u32


BREAKPOINTS = static(array(Breakpoint, MOST))
WATCHPOINTS = static(array(Watchpoint, MOST))
DEBUG = static(Debug)


@fn
def forget_offset(offset: u32) -> None:
    """Drop decoded instructions at an offset in any page: any page may be mapped at the address in question."""
    for slot in u32.range(1, SLOTS):
        if slot <= USED_SLOTS.value:
            base = SLOT_BASE + slot * SLOT_BYTES
            forget_record(base + (offset >> 2) * RECORD_BYTES)
            forget_record(base + (offset >> 1) * RECORD_BYTES)


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
            _forget_passes(address)
            return number
    return NO_ROOM


@fn
def remove_breakpoint(number: u32) -> None:
    """Remove a breakpoint."""
    if number < MOST and BREAKPOINTS[number].flags != 0:
        BREAKPOINTS[number].flags = 0
        DEBUG.breakpoints -= 1
        _forget_passes(BREAKPOINTS[number].place)


@fn
def _forget_passes(place: u32) -> None:
    """Clear the cores' permission to pass an address: its breakpoint is another one, or none."""
    for core in u32.range(2):
        if (STEPS[core].pass_pc ^ place) & 0xFFF == 0:
            forget_pass(core)


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
    return NO_ROOM


@fn
def remove_watchpoint(number: u32) -> None:
    """Remove a watchpoint."""
    if number < MOST and WATCHPOINTS[number].flags != 0:
        WATCHPOINTS[number].flags = 0
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
    # An instruction that crosses pages comes here twice: it is decoded anew when it is executed.
    begun = steps.once == at and steps.once_slots == CPU.slots
    if found == 2 and steps.pass_pc != pc and not begun:
        steps.pass_pc = pc
        CPU.event_pc = pc
        CPU.stopped = STOP_BREAKPOINT
        CPU.attention |= ATTEND_STOP
        return True
    steps.pass_pc = 1
    steps.once = at
    steps.once_slots = CPU.slots
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
    """Return whether the line of an address has a watched byte, and so must not become one that hits."""
    return DEBUG.watchpoints != 0 and _watched(address & LINE_MASK, address | 31, ON_READ | ON_WRITE)


@fn(inline=True)
def watch_access(address: u32, size: u32, write: u32) -> None:
    """Stop the core after the present instruction if it accesses a watched byte."""
    if DEBUG.watchpoints != 0 and _watched(address, address + size - 1, ON_READ << write):
        CPU.stopped = STOP_WATCHPOINT
        CPU.event_word = address
        CPU.attention |= ATTEND_STOP


@fn
def forget_access() -> None:
    """Cancel a watched access: its instruction aborts, and will make it again or not at all."""
    if CPU.stopped == STOP_WATCHPOINT:
        CPU.stopped = STOP_NONE
        CPU.attention &= 0xFFFF_FFFF ^ ATTEND_STOP


@fn(inline=False)
def _watched(first: u32, last: u32, flags: u32) -> bool:
    for number in u32.range(MOST):
        each = WATCHPOINTS[number]
        if each.flags & flags != 0 and each.first <= last and first <= each.last:
            return True
    return False


@fn
def forget_stops() -> None:
    """Remove every breakpoint, watchpoint and step."""
    for number in u32.range(MOST):
        BREAKPOINTS[number].flags = 0
        WATCHPOINTS[number].flags = 0
    DEBUG.breakpoints = 0
    DEBUG.watchpoints = 0
    disarm()
    for core in u32.range(2):
        forget_pass(core)
