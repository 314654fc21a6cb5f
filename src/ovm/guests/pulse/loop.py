# SPDX-License-Identifier: Apache-2.0
"""The control loop: once per period, from the core's own timer interrupt.

The handler does the control work. The main loop sleeps between interrupts, prints once a second and closes the run;
it has no deadline. Lateness is the time from the moment at which an activation was due to the handler's first read of the clock.
"""

from typing import Final, Never

from ovm.abi.hypercalls import (
    REPORT_ACTIVATIONS,
    REPORT_CHECKS_FAILED,
    REPORT_CHECKS_PASSED,
    REPORT_DEADLINES_MET,
    REPORT_DEADLINES_MISSED,
    REPORT_JITTER_MAX_NS,
    REPORT_JITTER_MEAN_NS,
    REPORT_JITTER_MIN_NS,
)
from ovm.guests.lib.devices import global_time, periphbase, start_periodic, stop_periodic, take_timer_interrupt
from ovm.guests.lib.hrt import argument, hrt_page, leave, nanoseconds, report, use_page, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.pulse.control import Loop, step
from ovm.guests.pulse.histogram import BUCKETS, Histogram, add, mean, put_bucket, put_summary
from ovm.metal import Array, Struct, VirtAddr, array, asm, fn, forever, param, static, text, u32, u64, wfi

DEFAULT_SECONDS: Final = 5
DEFAULT_PERIOD_US: Final = 1000
# Lines of 32 bytes that an activation updates when its work is done: 0 for a loop that fits into the L1 caches, more for one
# that depends on the L2 cache.
FOOTPRINT_LINES: Final = param(0)
_LINE_WORDS: Final = 8


class Rhythm(Struct):
    """The times at which activations are due, and the results. Times are in timer ticks."""

    devices: VirtAddr
    period: u32
    due: u64
    met: u32
    missed: u32


RHYTHM = static(Rhythm)
LOOP = static(Loop)
LATENESS = static(Histogram)
FOOTPRINT: Array[u32] = static(array(u32, max(FOOTPRINT_LINES, 1) * _LINE_WORDS), align=32)


@fn
def lateness(rhythm: Rhythm, began: u64) -> u64:
    """Return the lateness of an activation, and set its deadline: it must end before the next one is due.

    Periods that passed without an activation are missed: their interrupts were merged into this one.
    """
    if began < rhythm.due:
        return 0
    late = began - rhythm.due
    lost = late // u64(rhythm.period)
    rhythm.missed += u32(lost)
    rhythm.due += (lost + 1) * u64(rhythm.period)
    return late


@fn
def judge(rhythm: Rhythm, late: u64, finished: u64) -> None:
    """Count an activation that ended at a time."""
    if late < u64(rhythm.period) and finished < rhythm.due:
        rhythm.met += 1
    else:
        rhythm.missed += 1


@fn
def go_through(lines: Array[u32]) -> None:
    """Change a word in each line of the footprint."""
    for line in u32.range(FOOTPRINT_LINES):
        lines[line * _LINE_WORDS] = lines[line * _LINE_WORDS] + line


@fn
def on_interrupt() -> None:
    """Handle an interrupt: one activation of the control loop."""
    began = global_time(RHYTHM.devices)
    if not take_timer_interrupt(RHYTHM.devices):
        return
    late = lateness(RHYTHM, began)
    add(LATENESS, nanoseconds(late))
    step(LOOP)
    judge(RHYTHM, late, global_time(RHYTHM.devices))
    if FOOTPRINT_LINES != 0:
        go_through(FOOTPRINT)


@fn
def report_figures() -> None:
    """Report the figures to OVM, and print the two most important ones."""
    report(REPORT_ACTIVATIONS, LATENESS.count)
    report(REPORT_DEADLINES_MET, RHYTHM.met)
    report(REPORT_DEADLINES_MISSED, RHYTHM.missed)
    report(REPORT_JITTER_MIN_NS, LATENESS.smallest)
    report(REPORT_JITTER_MEAN_NS, mean(LATENESS))
    report(REPORT_JITTER_MAX_NS, LATENESS.largest)
    report(REPORT_CHECKS_PASSED, LOOP.settled)
    report(REPORT_CHECKS_FAILED, LOOP.unsettled)
    line = Line()
    put_decimal(line, LATENESS.count, 0)
    put_text(line, text(" activations, late by "))
    put_summary(line, LATENESS)
    write_line(line)


@fn
def finish() -> Never:
    """Print the lateness of activations and whether the loop kept its plant settled, and end."""
    stop_periodic(RHYTHM.devices)
    asm("cpsid i")
    report_figures()
    line = Line()
    for bucket in u32.range(BUCKETS):
        if LATENESS.buckets[bucket] != 0:
            put_bucket(line, LATENESS, bucket)
            write_line(line)
    put_text(line, text("deadlines met "))
    put_decimal(line, RHYTHM.met, 0)
    put_text(line, text(" missed "))
    put_decimal(line, RHYTHM.missed, 0)
    put_text(line, text(", settled "))
    put_decimal(line, LOOP.settled, 0)
    put_text(line, text(" unsettled "))
    put_decimal(line, LOOP.unsettled, 0)
    write_line(line)
    if LOOP.unsettled != 0:
        leave(1)
    leave(0)


@fn
def announce(period_us: u32, seconds: u32) -> None:
    """Print the parameters of the run."""
    line = Line()
    put_text(line, text("pulse: every "))
    put_decimal(line, period_us, 0)
    put_text(line, text(" us for "))
    put_decimal(line, seconds, 0)
    put_text(line, text(" s"))
    write_line(line)


@fn
def main(page: VirtAddr) -> Never:
    """Start the timer, then print once a second until the run is over."""
    use_page(page)
    seconds = argument(0, DEFAULT_SECONDS)
    period_us = argument(1, DEFAULT_PERIOD_US)
    announce(period_us, seconds)
    second = u64(hrt_page().ticks_per_us) * 1_000_000
    RHYTHM.devices = periphbase()
    RHYTHM.period = period_us * hrt_page().ticks_per_us
    start_time = global_time(RHYTHM.devices)
    RHYTHM.due = start_time + u64(RHYTHM.period)
    start_periodic(RHYTHM.devices, RHYTHM.period)
    asm("cpsie i")
    print_at = start_time + second
    end_at = start_time + second * u64(seconds)
    while forever():
        wfi()
        time = global_time(RHYTHM.devices)
        if time >= end_at:
            finish()
        if time >= print_at:
            report_figures()
            print_at += second
