# SPDX-License-Identifier: Apache-2.0
"""Accounts of time: each guest's cycles, instructions and counters, its own and in the hypervisor on its behalf.

The host program gives the address at which the hypervisor keeps the number of the guest that runs; nothing here depends on the
hypervisor. At each change between the Secure state and the rest the differences since the last change are booked: time in the
Secure state goes to the guest from which it was entered. Changes are only noted where they happen (`ATTEND_ACCOUNT`) and
booked before the next instruction, when all of their costs are known.

Interrupt latency runs from the moment when an interrupt line of the core goes up to the first instruction of the handler: the
guest's own if it takes interrupts itself; otherwise its virtual one, if the interrupt that the hypervisor took is delivered
before it returns to a guest.
"""

from typing import Final

from ovm.arm.psr import MODE_IRQ
from ovm.board import clock
from ovm.board.account_marks import MARKS, UNKNOWN, Marks
from ovm.board.cache.seen import seen_by_all
from ovm.board.events import CORE_COUNTS, COUNTS, fold_branches
from ovm.board.state import ATTEND_HANDLER, CPU
from ovm.board.worlds import secure
from ovm.metal import Array, Struct, VirtAddr, array, fn, pointer, static, u32, u64

GUESTS: Final = 16
NOBODY: Final = u32(16)  # owner of time without a guest, such as the boot
OWNERS: Final = 17

FINE_CYCLES: Final = 4
FINE_BUCKETS: Final = 512
COARSE_CYCLES: Final = 256
BUCKETS: Final = 1024


class Ledger(Struct):
    """One owner's use in one place."""

    cycles: u64
    instructions: u64
    entries: u64  # into this place
    asleep: u64  # cycles in WFI and WFE, which are in no other figure
    of: Array[u64] = array(u64, COUNTS)


class Latency(Struct):
    """Interrupt latencies of one owner; a bucket is 4 cycles up to 2048, then 256."""

    count: u64
    sum: u64
    least: u64
    most: u64
    bucket: Array[u32] = array(u32, BUCKETS)


class Accounts(Struct):
    """The settings of the host program. Addresses are physical; 0 is none."""

    on: u32
    owner_word: Array[u32] = array(u32, 2)  # of each core; a number above 15 means no guest
    fixed_owner: Array[u32] = array(u32, 2)  # where there is no word
    mode_word: Array[u32] = array(u32, OWNERS)  # the virtual mode of a guest
    mode_before: Array[u32] = array(u32, OWNERS)


ACCOUNTS = static(Accounts)
LEDGERS = static(array(Ledger, OWNERS * 2))  # by owner * 2 + 1 in the Secure state
LATENCIES = static(array(Latency, OWNERS))


@fn(inline=False)
def account_reset() -> None:
    """Begin: everything so far belongs to no guest, in the Secure state."""
    for core in u32.range(2):
        MARKS[core].owner = NOBODY
        MARKS[core].inside = 1
        MARKS[core].arrived = UNKNOWN
    for owner in u32.range(OWNERS):
        LATENCIES[owner].least = UNKNOWN
    ACCOUNTS.on = 1


@fn
def slept(core: u32, cycles: u64, moment: u64) -> None:
    """Note that a core wakes now from this many cycles' sleep. The hypervisor's own sleep belongs to no guest.

    An interrupt that wakes the hypervisor may be one that it never takes: it sees what is pending by itself.
    """
    marks = MARKS[core]
    if marks.inside != 0:
        marks.pending = moment
        marks.taken = 1
    marks.cycles += cycles
    LEDGERS[NOBODY * 2 + 1 if marks.inside != 0 else marks.owner * 2].asleep += cycles


@fn
def interrupt_taken() -> None:
    """Note that the core that runs takes an interrupt now, before that costs anything."""
    marks = MARKS[CPU.number]
    if CPU.attention & ATTEND_HANDLER == 0:
        marks.pending = clock.now() if marks.arrived == UNKNOWN else marks.arrived
        marks.taken = 1
    marks.arrived = clock.now()


@fn(inline=False)
def settle() -> None:
    """Book the time since the last change of the core that runs."""
    if ACCOUNTS.on == 0:
        return
    marks = MARKS[CPU.number]
    book(CPU.number)
    inside = u32(secure())
    if inside != marks.inside:
        if inside != 0:
            _note_mode(marks.owner)
        else:
            marks.owner = _owner()
            if marks.taken != 0 and _delivered(marks.owner):
                _expect_handler(marks)
            marks.taken = 0
        marks.inside = inside
        LEDGERS[marks.owner * 2 + inside].entries += 1
    elif inside == 0 and marks.taken != 0:
        _expect_handler(marks)
        marks.taken = 0


@fn
def _expect_handler(marks: Marks) -> None:
    """Have `handler_begins` called at the next instruction of the guest, which another interrupt may still delay."""
    if CPU.attention & ATTEND_HANDLER == 0:
        marks.handler = marks.owner
        CPU.attention |= ATTEND_HANDLER


@fn(inline=False)
def handler_begins() -> None:
    """Note the time from the interrupt to its handler, whose first instruction is fetched and executes now."""
    if secure():
        return
    CPU.attention &= 0xFFFF_FFFF ^ ATTEND_HANDLER
    marks = MARKS[CPU.number]
    if marks.owner == marks.handler:
        _sample(marks.owner, clock.now() - marks.pending)


@fn(inline=False)
def book(core: u32) -> None:
    """Add the differences since the last booking of the core that runs, which is `core`."""
    fold_branches()
    marks = MARKS[core]
    ledger = LEDGERS[marks.owner * 2 + marks.inside]
    now = clock.now()
    instructions = CPU.instructions + u64(CPU.turn) - u64(CPU.uncounted)
    ledger.cycles += now - marks.cycles
    ledger.instructions += instructions - marks.instructions
    marks.cycles = now
    marks.instructions = instructions
    for index in u32.range(COUNTS):
        value = CORE_COUNTS[core].of[index]
        ledger.of[index] += value - marks.of[index]
        marks.of[index] = value


@fn
def _seen(physical: u32) -> u32:
    """Return the word that the running core would load; 0 where there is no RAM."""
    place = seen_by_all(CPU.number, physical)
    return 0 if place == 0 else pointer(u32, VirtAddr(place))[0]


@fn
def _owner() -> u32:
    word = ACCOUNTS.owner_word[CPU.number]
    if word == 0:
        return ACCOUNTS.fixed_owner[CPU.number]
    return min(_seen(word), NOBODY)


@fn
def _mode_of(owner: u32) -> u32:
    word = ACCOUNTS.mode_word[owner]
    return 0 if word == 0 else _seen(word)


@fn
def _note_mode(owner: u32) -> None:
    ACCOUNTS.mode_before[owner] = _mode_of(owner)


@fn
def _delivered(owner: u32) -> bool:
    """Return whether the guest now begins its virtual interrupt handler."""
    return _mode_of(owner) == MODE_IRQ and ACCOUNTS.mode_before[owner] != MODE_IRQ


@fn
def _sample(owner: u32, cycles: u64) -> None:
    latency = LATENCIES[owner]
    latency.count += 1
    latency.sum += cycles
    latency.least = min(latency.least, cycles)
    latency.most = max(latency.most, cycles)
    index = cycles // FINE_CYCLES
    if index >= FINE_BUCKETS:
        coarse = (cycles - (FINE_BUCKETS * FINE_CYCLES)) // COARSE_CYCLES
        index = min(FINE_BUCKETS + coarse, u64(BUCKETS - 1))
    latency.bucket[u32(index)] += 1
