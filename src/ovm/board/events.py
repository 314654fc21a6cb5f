# SPDX-License-Identifier: Apache-2.0
"""Events of the machine: counters of each core that always run, and a ring of events for subscribers.

Only the slow paths call here. `EVENTS.mask` has the wanted kinds; when the ring is nearly full the loop is asked to stop, so
that no event is lost.
"""

from typing import Final

from ovm.board import clock
from ovm.board.state import ATTEND_STOP, CPU, STOP_EVENTS, STOP_NONE, running
from ovm.metal import Array, Struct, array, bound, fn, static, u8, u16, u32, u64

# Kinds of events: the bit of the mask, and the meaning of `first` and `second`.
EXCEPTION: Final = 0  # vector offset | mode entered << 8 | Secure before << 16; address of return
RETURN: Final = 1  # mode entered | Secure after << 16; address
WALK: Final = 2  # virtual address; cycles it took
TLB_FILL: Final = 3  # virtual address; physical page | main TLB entry (0-127 set-associative, 128-131 lockable) in [11:0]
FAULT: Final = 4  # virtual address; status code
INTERRUPT: Final = 5  # interrupt number, when it becomes pending; core mask
ACKNOWLEDGE: Final = 6  # interrupt number, when a core reads ICCIAR; 0
CONSOLE: Final = 7  # UART number; byte
HYPERCALL: Final = 8  # r0 at an SMC or SVC; address
BUS_REFUSED: Final = 9  # physical address; master | write << 8
MARK: Final = 10  # values that a test bench or a debugger puts in
CONTEXT: Final = 11  # CONTEXTIDR, when it is written; its world (0 Secure, 1 Non-secure)
UNPREDICTABLE: Final = 12  # address, in User mode; the instruction or the reason why it is unpredictable
INSTRUCTION: Final = 13  # address; mode. Of instructions that are traced (processor.debug_steps), once executed

RING_EVENTS: Final = 1 << 16
RING_RESERVE: Final = 1 << 10  # events that one slice may add after the stop was asked for

# Counters, by index into Counts.of.
COUNT_FETCH_MICRO_MISSES: Final = 0
COUNT_DATA_MICRO_MISSES: Final = 1
COUNT_MAIN_MISSES: Final = 2  # of the main TLB: page walks
COUNT_WALK_CYCLES: Final = 3
COUNT_FETCH_MISSES: Final = 4  # L1 instruction lines filled
COUNT_DATA_MISSES: Final = 5  # L1 data lines filled
COUNT_WRITE_BACKS: Final = 6
COUNT_LEVEL2_HITS: Final = 7
COUNT_LEVEL2_MISSES: Final = 8
COUNT_EXCEPTIONS: Final = 9
COUNT_INTERRUPTS: Final = 10  # IRQ and FIQ taken
COUNT_DEVICE_ACCESSES: Final = 11
COUNT_MISPREDICTS: Final = 12
COUNT_BRANCHES: Final = 13
COUNT_UNCACHED: Final = 14
COUNT_UNPREDICTABLE: Final = 15  # instructions in User mode that the manual leaves open
COUNTS: Final = 16


class Event(Struct):
    """One event; `cycle` is the time of its core, or of the device that acted by itself."""

    cycle: u64
    kind: u8
    core: u8
    spare: u16
    first: u32
    second: u32
    more: u32


class Events(Struct):
    """The ring. `head` counts events written, `tail` events taken out; both only grow, modulo 2^32."""

    mask: u32
    head: u32
    tail: u32
    lost: u32
    moment: u64  # of a device that acts by itself, when cores may be elsewhere; 0: the time of the core that runs


class Counts(Struct):
    """Counters of one core."""

    of: Array[u64] = array(u64, COUNTS)


EVENTS = static(Events)
RING = static(array(Event, RING_EVENTS))
CORE_COUNTS = static(array(Counts, 2))


@fn(inline=True)
def count(which: u32, amount: u32) -> None:
    """Add to a counter of the core that runs."""
    CORE_COUNTS[running()].of[which] += u64(amount)


@fn
def fold_branches() -> None:
    """Update the counts of the running core's branches, which are first counted in CPU."""
    count(COUNT_BRANCHES, CPU.branches)
    count(COUNT_MISPREDICTS, CPU.mispredicts)
    CPU.branches = 0
    CPU.mispredicts = 0


@fn(inline=True)
def happened(kind: u32, first: u32, second: u32) -> None:
    """Record an event if anyone wants its kind."""
    if (EVENTS.mask >> kind) & 1 != 0:
        _record(kind, first, second)


@fn(inline=False)
def _record(kind: u32, first: u32, second: u32) -> None:
    used = EVENTS.head - EVENTS.tail
    if used >= RING_EVENTS:
        EVENTS.lost += 1
        return
    event = RING[EVENTS.head % RING_EVENTS]
    event.cycle = clock.now() if EVENTS.moment == 0 else EVENTS.moment
    event.kind = u8(kind)
    event.core = u8(CPU.number)
    event.first = first
    event.second = second
    EVENTS.head += 1
    if used >= RING_EVENTS - RING_RESERVE:
        if CPU.stopped == STOP_NONE:
            CPU.stopped = STOP_EVENTS
        CPU.attention |= ATTEND_STOP


@fn(inline=False)
def happened_by_now(head: u32) -> None:
    """Set the times of events since EVENTS.head was `head` to at most now: the core waited less for them than it seemed."""
    number = head
    while number != EVENTS.head:
        bound(RING_EVENTS)
        RING[number % RING_EVENTS].cycle = min(RING[number % RING_EVENTS].cycle, clock.now())
        number += 1
