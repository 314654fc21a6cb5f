# SPDX-License-Identifier: Apache-2.0
"""The application: five tasks with deadlines, which check each other.

`sample` fills a queue that `average` empties, through a semaphore; `control` and `log` share a record under another;
each works for a while on registers that a wrong context switch would spoil, and checks the result. `tell` prints.
"""

from typing import Final, Never

from ovm.abi.hypercalls import (
    REPORT_ACTIVATIONS,
    REPORT_CHECKS_FAILED,
    REPORT_CHECKS_PASSED,
    REPORT_DEADLINES_MET,
    REPORT_DEADLINES_MISSED,
)
from ovm.guests.lib.console import leave, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.lib.vcpu import argument, now, report, ticks_of_microseconds, wait
from ovm.guests.tick.kernel import KERNEL, TASKS
from ovm.guests.tick.switch import give_semaphore, sleep_until, take_semaphore
from ovm.metal import Array, Struct, array, fn, forever, function_table, rotate_right, static, table, text, u32, u64

DEFAULT_SECONDS: Final = 5
SAMPLE, AVERAGE, CONTROL, LOG, TELL = range(5)
# Semaphores: samples in the queue; the record is free.
FILLED: Final = 0
FREE: Final = 1
QUEUE: Final = 8
# Periods in microseconds; for `average` it is the time after its sample by which it must end; idle has none.
PERIODS: Final = table(u32, [2_000, 2_000, 5_000, 20_000, 1_000_000, 0])
# Turns of `work` that a task does in one activation.
_CONTROL_WORK: Final = 500
_LOG_WORK: Final = 4000
_LONGEST_WORK: Final = 10_000


class Activity(Struct):
    """A task's deadlines. Times are in timer ticks."""

    period: u64
    due: u64
    activations: u32
    met: u32
    missed: u32


class Shared(Struct):
    """The data that the tasks share."""

    started: u64
    produced: u32
    consumed: u32
    taken_at: Array[u64] = array(u64, QUEUE)
    samples: Array[u32] = array(u32, QUEUE)
    # The record: both are equal whenever FREE has a unit.
    left: u32
    right: u32
    passed: u32
    failed: u32


ACTIVITIES = static(array(Activity, TASKS))
SHARED = static(Shared)


@fn
def prepare(time: u64) -> None:
    """Let every task's first period start at a time."""
    SHARED.started = time
    for index in u32.range(TASKS):
        ACTIVITIES[index].period = ticks_of_microseconds(PERIODS[index])
        ACTIVITIES[index].due = time
    KERNEL.units[FREE] = 1


@fn
def judge(activity: Activity, time: u64) -> None:
    """Count an activation that ended at a time."""
    activity.activations += 1
    if time <= activity.due + activity.period:
        activity.met += 1
    else:
        activity.missed += 1


@fn
def finish_period(activity: Activity) -> None:
    """Judge the activation that ends here, and sleep until the next is due."""
    judge(activity, now())
    activity.due += activity.period
    sleep_until(activity.due)


@fn
def check(correct: bool) -> None:
    """Count a check."""
    if correct:
        SHARED.passed += 1
    else:
        SHARED.failed += 1


@fn
def work(turns: u32, seed: u32) -> u32:
    """Mix numbers for a while."""
    value = seed
    for turn in u32.range(turns, bound=_LONGEST_WORK):
        value = rotate_right(value ^ turn, 7) * 0x9E37_79B1 + seed
    return value


@fn
def sample(index: u32) -> Never:
    """Put a sample into the queue each period."""
    activity = ACTIVITIES[index]
    while forever():
        place = SHARED.produced % QUEUE
        SHARED.samples[place] = work(20, SHARED.produced)
        SHARED.taken_at[place] = activity.due
        SHARED.produced += 1
        give_semaphore(FILLED)
        finish_period(activity)


@fn
def average(index: u32) -> Never:
    """Take each sample from the queue and check that none is lost or changed."""
    activity = ACTIVITIES[index]
    while forever():
        take_semaphore(FILLED)
        place = SHARED.consumed % QUEUE
        activity.due = SHARED.taken_at[place]
        check(SHARED.samples[place] == work(20, SHARED.consumed))
        SHARED.consumed += 1
        judge(activity, now())


@fn
def control(index: u32) -> Never:
    """Change both halves of the record, with time for others to interfere in between."""
    activity = ACTIVITIES[index]
    expected = work(_CONTROL_WORK, index)
    while forever():
        take_semaphore(FREE)
        SHARED.left += 1
        check(work(_CONTROL_WORK, index) == expected)
        SHARED.right += 1
        give_semaphore(FREE)
        finish_period(activity)


@fn
def log(index: u32) -> Never:
    """Work for a long time, often preempted, and check that the record is whole."""
    activity = ACTIVITIES[index]
    expected = work(_LOG_WORK, index)
    while forever():
        check(work(_LOG_WORK, index) == expected)
        take_semaphore(FREE)
        check(SHARED.left == SHARED.right)
        give_semaphore(FREE)
        finish_period(activity)


@fn
def tell(index: u32) -> Never:
    """Print the figures once in a period, and end the guest when its time is over."""
    activity = ACTIVITIES[index]
    end_at = SHARED.started + ticks_of_microseconds(1_000_000) * u64(argument(0, DEFAULT_SECONDS))
    finish_period(activity)
    while forever():
        summarise()
        if now() >= end_at:
            leave(min(SHARED.failed, 1))
        finish_period(activity)


@fn
def summarise() -> None:
    """Print and report the sums over all tasks."""
    activations = u32(0)
    met = u32(0)
    missed = u32(0)
    for index in u32.range(TASKS):
        activations += ACTIVITIES[index].activations
        met += ACTIVITIES[index].met
        missed += ACTIVITIES[index].missed
    report(REPORT_ACTIVATIONS, activations)
    report(REPORT_DEADLINES_MET, met)
    report(REPORT_DEADLINES_MISSED, missed)
    report(REPORT_CHECKS_PASSED, SHARED.passed)
    report(REPORT_CHECKS_FAILED, SHARED.failed)
    line = Line()
    put_text(line, text("deadlines met "))
    put_decimal(line, met, 0)
    put_text(line, text(" missed "))
    put_decimal(line, missed, 0)
    put_text(line, text(", checks passed "))
    put_decimal(line, SHARED.passed, 0)
    put_text(line, text(" failed "))
    put_decimal(line, SHARED.failed, 0)
    put_text(line, text(", switches "))
    put_decimal(line, KERNEL.switches, 0)
    write_line(line)


@fn
def idle(index: u32) -> Never:
    """Yield the CPU while no task is ready."""
    while forever():
        wait()


BODIES = function_table(sample, average, control, log, tell, idle)


@fn
def run_task(index: u32) -> Never:
    """Start a task."""
    BODIES[index](index)
