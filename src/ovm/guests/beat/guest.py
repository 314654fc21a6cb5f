# SPDX-License-Identifier: Apache-2.0
"""A periodic task, which sleeps until it is due, reads the clock, works, reads the clock again, and stores both times.

The task has no kernel below it: it waits for its timer with interrupts masked, so that nothing but OVM lies between the
moment at which it is due and its first instruction. Its samples go to region 0, which the description saves to a file:
two words for each activation, timer ticks from the due time to the start and to the end of the work.
"""

from typing import Final, Never

from ovm.abi.hypercalls import (
    INTERRUPT_TIMER,
    REPORT_ACTIVATIONS,
    REPORT_BYTES_OUT,
    REPORT_DEADLINES_MET,
    REPORT_DEADLINES_MISSED,
    REPORT_JITTER_MAX_NS,
    REPORT_JITTER_MEAN_NS,
    REPORT_JITTER_MIN_NS,
)
from ovm.guests.lib.console import leave, on_panic, write_line
from ovm.guests.lib.line import Line, put_decimal, put_fraction, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.vcpu import (
    acknowledge,
    argument,
    mask,
    nanoseconds,
    now,
    report,
    set_timer,
    ticks_of_microseconds,
    use_page,
    vcpu_page,
    wait,
)
from ovm.metal import Array, Ptr, Struct, VirtAddr, array, asm_block, fn, naked, pointer, static, text, u32, u64

DEFAULT_ACTIVATIONS: Final = 1000
DEFAULT_PERIOD_US: Final = 1000
MOST_ACTIVATIONS: Final = u32(1 << 20)
# The first activations are not stored: neighbours are starting, and OVM's work for them comes first.
WARM_UP: Final = u32(16)
# The data of an activation: a line in each of this many pages.
STATE_PAGES: Final = 32
_PAGE_WORDS: Final = 1024
_LINE_WORDS: Final = 8
_NOTHING: Final = 0xFFFF_FFFF_FFFF_FFFF


class Tally(Struct):
    """Lateness of activations, in timer ticks."""

    count: u32
    missed: u32
    smallest: u64
    largest: u64
    total: u64


TALLY = static(Tally)
STATE: Array[u32] = static(array(u32, STATE_PAGES * _PAGE_WORDS), align=4096)


@fn
def work(turn: u32) -> None:
    """Do an activation's work: update a word in each page of its state."""
    carried = turn
    for page in u32.range(STATE_PAGES):
        place = page * _PAGE_WORDS + (page * 5 & 127) * _LINE_WORDS
        carried += STATE[place]
        STATE[place] = carried ^ page


@fn
def samples() -> Ptr[u32]:
    """Return region 0."""
    # SAFETY: the description gave it to this guest, and `main` checks its size.
    return pointer(u32, VirtAddr(vcpu_page().region_base[0]))


@fn
def note(number: u32, late: u64, response: u64, period: u64) -> None:
    """Store one activation's times."""
    into = samples()
    into[number * 2] = u32(late)
    into[number * 2 + 1] = u32(response)
    TALLY.count += 1
    TALLY.total += late
    TALLY.smallest = min(TALLY.smallest, late)
    TALLY.largest = max(TALLY.largest, late)
    if response > period:
        TALLY.missed += 1


@fn
def beat(count: u32, period: u64) -> None:
    """Run all activations."""
    due = now() + period
    for turn in u32.range(count + WARM_UP, bound=MOST_ACTIVATIONS):
        set_timer(due)
        wait()
        began = now()
        work(turn)
        ended = now()
        acknowledge()
        if turn >= WARM_UP:
            note(turn - WARM_UP, began - due, ended - due, period)
        due += period


@fn
def finish() -> Never:
    """Report, print, end."""
    report(REPORT_ACTIVATIONS, TALLY.count)
    report(REPORT_DEADLINES_MET, TALLY.count - TALLY.missed)
    report(REPORT_DEADLINES_MISSED, TALLY.missed)
    report(REPORT_JITTER_MIN_NS, nanoseconds(TALLY.smallest))
    report(REPORT_JITTER_MEAN_NS, nanoseconds(TALLY.total // u64(TALLY.count)))
    report(REPORT_JITTER_MAX_NS, nanoseconds(TALLY.largest))
    report(REPORT_BYTES_OUT, TALLY.count * 8)
    line = Line()
    put_decimal(line, TALLY.count, 0)
    put_text(line, text(" activations, late by "))
    put_fraction(line, nanoseconds(TALLY.smallest))
    put_text(line, text(" to "))
    put_fraction(line, nanoseconds(TALLY.largest))
    put_text(line, text(" us, deadlines missed "))
    put_decimal(line, TALLY.missed, 0)
    write_line(line)
    leave(min(TALLY.missed, 1))


@fn
def main(page: VirtAddr) -> Never:
    """Set up, run, report."""
    use_page(page)
    mask()
    vcpu_page().irq_enabled = 1 << INTERRUPT_TIMER
    TALLY.smallest = _NOTHING
    room = vcpu_page().region_bytes[0] // 8 if vcpu_page().region_count != 0 else u32(0)
    if room == 0:
        leave(2)
    count = min(argument(0, DEFAULT_ACTIVATIONS), min(room, MOST_ACTIVATIONS - WARM_UP))
    beat(count, ticks_of_microseconds(argument(1, DEFAULT_PERIOD_US)))
    finish()


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
