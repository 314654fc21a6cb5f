# SPDX-License-Identifier: Apache-2.0
"""Loads that wait at the same time.

A load that misses makes the core wait here until its line is there. The Cortex-A9 continues meanwhile: it issues later
instructions out of order, up to four read misses are outstanding at once (A9 TRM 7.1), and the renaming registers limit how far
it gets. So the
core is charged too much when the next miss comes soon: that one could have been sent while the core waited. `overlap` subtracts
the time that a load waited while others were under way before it.

It keeps the moment at which each load would have been sent: `lead` is how much later the core is than that. A load is not
sent before the registers of its address are loaded nor before the fourth miss before it is done, and while one is under way
the core gets no further than PARAMETERS.miss_window slots. Lines follow each other as fast as level 2 gives them, and those
of memory as they find one of the buffers for them empty. Any other wait of the core in between (exceptions, barriers,
mispredicted branches, devices) ends all of it, and so does a window without a miss: later instructions use the loaded data.

The core's work between misses is not examined. So a base register also waits for a line that holds an address within a page of
it, as a pointer that was copied or advanced does; other values that are computed from loaded ones (an index, for instance)
count as available, which may be too early.
"""

from typing import Final

from ovm.board.clock import SLOTS_PER_CYCLE, stall
from ovm.board.mapping import KIND_NORMAL, MAPPING
from ovm.board.parameters import PARAMETERS
from ovm.board.ram.contention import LEVEL2, MEMORY, spacing
from ovm.board.record import record_at
from ovm.board.sizes import LISTED
from ovm.board.state import CPU, running
from ovm.metal import Array, Struct, VirtAddr, array, bound, ctz, fn, pointer, static, u32, u64

# The kind of a load, besides the address of its record; 0 alone: unknown, so it waits for all before it.
BY_OFFSET: Final = 1  # of rd, from rn and an offset
BY_INDEX: Final = 2  # of rd, from rn and rm
BY_LIST: Final = 3  # of a list of registers, from rn
BY_FLOATING: Final = 4  # of none of the core's, from rn
_KIND: Final = u32(15)

# Missed.source: the line's origin.
NOWHERE: Final = 0
FROM_LEVEL2: Final = 1
FROM_MEMORY: Final = 2

MOST: Final = 4  # read misses at once
REGISTERS: Final = 32  # 16 and more stand for none
PAGE: Final = 4096


class Missed(Struct):
    """The line that the access in progress brought, at `place` in RAM, if it did."""

    source: u32
    place: u32
    latency: u32  # of the line alone
    arrives: u64  # if it was under way already


class Loads(Struct):
    """Of one core. Moments are of `clock.now`."""

    lead: u64
    sent: u64  # time of the last miss
    last: u64  # slots at which the last miss was issued
    stalled: u64  # CPU.stalled after the last miss
    slots: Array[u64] = array(u64, MOST)  # at which a miss was issued
    done: Array[u64] = array(u64, MOST)
    places: Array[u32] = array(u32, MOST)  # its line's place in RAM, 0 if it brought none
    next: u32
    next_fill: u32
    level2_line: u64  # when the last line from there came
    memory_line: u64  # the same
    fills: Array[u64] = array(u64, MOST)  # when lines from memory came that loads wanted
    ready: Array[u64] = array(u64, REGISTERS)


LOADS = static(array(Loads, 2))
MISSED = static(Missed)


@fn(inline=False)
def outstanding_reset() -> None:
    """Clear all misses under way."""
    for core in u32.range(2):
        LOADS[core].lead = 0
        for number in u32.range(MOST):
            LOADS[core].done[number] = 0
            LOADS[core].places[number] = 0
            LOADS[core].fills[number] = 0
        LOADS[core].level2_line = 0
        LOADS[core].memory_line = 0
        LOADS[core].next = 0
        LOADS[core].next_fill = 0
        for register in u32.range(REGISTERS):
            LOADS[core].ready[register] = 0


@fn(inline=True)
def _points_near(place: u32, address: u32) -> bool:
    """Return whether a line holds an address within a page of another one."""
    words = pointer(u32, VirtAddr(place & 0xFFFF_FFE0))
    near = u32(0)
    for number in u32.range(8):
        near |= u32(words[number] - address + PAGE < 2 * PAGE)
    return near != 0


@fn(inline=True)
def _pointer_ready(loads: Loads, address: u32) -> u64:
    """Return the time when the lines are there from which a base register may come."""
    begun = CPU.slots // SLOTS_PER_CYCLE + loads.stalled - loads.lead
    moment = u64(0)
    for number in u32.range(MOST):
        ready = loads.done[number] + u64(PARAMETERS.level1_load)
        if ready > begun and loads.places[number] != 0 and _points_near(loads.places[number], address):
            moment = max(moment, ready)
    return moment


@fn(inline=True)
def _address_ready(loads: Loads, by: u32) -> u64:
    """Return the time when the address of a load is known."""
    record = record_at(by & ~_KIND)
    base = max(loads.ready[record.rn % REGISTERS], _pointer_ready(loads, CPU.r[record.rn % 16]))
    if by & _KIND == BY_INDEX:
        return max(base, loads.ready[record.rm % REGISTERS])
    return base


@fn(inline=True)
def _may_be_sent(loads: Loads) -> u64:
    """Return the time when the misses are done that must precede another one."""
    moment = loads.done[loads.next]
    for number in u32.range(MOST):
        behind = CPU.slots - loads.slots[number]
        if behind > u64(PARAMETERS.miss_window):
            moment = max(moment, loads.done[number] + (behind - u64(PARAMETERS.miss_window)) // SLOTS_PER_CYCLE)
    return moment


@fn(inline=True)
def _note(loads: Loads, by: u32, done: u64) -> None:
    """Note when the loaded data is there, and when an address can be made from it."""
    ready = done + u64(PARAMETERS.level1_load)
    loads.last = CPU.slots
    loads.slots[loads.next] = CPU.slots
    loads.done[loads.next] = done
    loads.places[loads.next] = MISSED.place
    loads.next = (loads.next + 1) % MOST
    if by & _KIND == BY_OFFSET or by & _KIND == BY_INDEX:
        loads.ready[record_at(by & ~_KIND).rd % REGISTERS] = ready
    elif by & _KIND == BY_LIST:
        left = record_at(by & ~_KIND).imm & 0x7FFF
        while left != 0:
            bound(LISTED)
            loads.ready[ctz(left)] = ready
            left &= left - 1


@fn(inline=True)
def from_memory(latency: u32) -> u32:
    """Note that the line of the access in progress comes from memory; return the time for that."""
    MISSED.source = FROM_MEMORY
    MISSED.latency = latency
    return latency


@fn(inline=True)
def memory_pace(core: u32, done: u64) -> u64:
    """Return the time when a line from memory comes, not before a given moment: PARAMETERS.memory_refill after the last one."""
    loads = LOADS[core]
    apart = spacing(core, MEMORY, PARAMETERS.memory_refill)
    loads.memory_line = max(done, loads.memory_line + u64(apart))
    return loads.memory_line


@fn(inline=True)
def line_comes(core: u32, done: u64) -> u64:
    """Return the time when the line of the load in progress comes, not before a given moment, after those under way before it.

    Level 2 gives one after the other; of those that come from memory PARAMETERS.memory_fills are under way at once.
    """
    loads = LOADS[core]
    if MISSED.source == FROM_LEVEL2:
        apart = spacing(core, LEVEL2, PARAMETERS.level2_refill)
        loads.level2_line = max(done, loads.level2_line + u64(apart))
        return loads.level2_line
    if MISSED.source == NOWHERE:
        return done
    if PARAMETERS.memory_fills == 0:
        return memory_pace(core, done)
    when = memory_pace(core, max(done, loads.fills[loads.next_fill] + u64(MISSED.latency)))
    loads.fills[loads.next_fill] = when
    loads.next_fill = loads.next_fill + 1 if loads.next_fill + 1 < min(PARAMETERS.memory_fills, MOST) else 0
    return when


@fn(inline=False)
def overlap(by: u32, stalled: u64, limit: u64) -> None:
    """Reduce the wait of a load that has just waited to what is left beside those before it.

    `stalled` and `limit` are what the core's were before it.
    """
    if MAPPING.kind != KIND_NORMAL:
        return
    loads = LOADS[running()]
    waited = CPU.stalled - stalled
    begun = CPU.slots // SLOTS_PER_CYCLE + stalled
    sent = begun
    if by != 0 and stalled == loads.stalled and CPU.slots - loads.last <= u64(PARAMETERS.miss_window):
        sent = max(max(begun - loads.lead, _may_be_sent(loads)), _address_ready(loads, by))
        sent = min(sent, begun)
    done = max(max(line_comes(running(), sent + waited), MISSED.arrives), begun)
    CPU.stalled = stalled
    CPU.limit = limit
    stall(u32(done - begun))
    loads.lead = done - sent
    loads.stalled = CPU.stalled
    loads.sent = sent
    _note(loads, by, done)


@fn
def go_on(stalled: u64) -> None:
    """Let waits since CPU.stalled had the given value end nothing: loads before them stay under way."""
    loads = LOADS[running()]
    if loads.stalled == stalled:
        loads.stalled = CPU.stalled
