# SPDX-License-Identifier: Apache-2.0
"""Time: CPU 0's private watchdog as the clock, and its private timer as one alarm.

Both are banked per CPU and stay Secure (A9 MPCore TRM DDI0407 4.1, 2.2.10), so no guest on any CPU can reach them. In timer
mode the watchdog counts down without end at the rate of the global timer; `now` extends it to 64 bits, and sees each round
because the alarm is never set further ahead than half a round. The private timer counts down once to the next
event and raises PPI 29, group 0: it reaches Monitor as a FIQ that no guest can mask.

An HRT guest may use and spoil the global timer. It is started together with the clock, so both give the same time until a guest
changes it.
"""

from typing import Final

from ovm.arm.cp15 import ISR, PMCCNTR, PMCNTENSET, PMCR
from ovm.arm.psr import PSR_F
from ovm.core.config import CONFIG
from ovm.core.cpu import this_cpu
from ovm.metal import Struct, VirtAddr, at, bound, cp15_read, cp15_write, dsb, fn, overlay, u32, u64

# Times that the global timer is read before its high half must have stood still.
MOST_READS: Final = 4
TIMER_ENABLE: Final = 1
TIMER_RELOAD: Final = 2
TIMER_INTERRUPT: Final = 4
# One round of the clock, less a tick (an interval is load + 1); and the two words that leave watchdog mode (4.2.8).
ROUND: Final = 0xFFFF_FFFF
DISABLE_FIRST: Final = 0x1234_5678
DISABLE_SECOND: Final = 0x8765_4321
# PMCR: enable, set both kinds of counters to zero, clear D and DP (ARM B4.1.117). PMCNTENSET: the cycle counter.
COUNT_CYCLES: Final = 7
CYCLE_COUNTER: Final = 1 << 31
# Cycles after which work in steps lets the guest continue, though no alarm waits; with a step and the exit still below 6000.
LONG_STAY: Final = 2500
# The alarm is never set further ahead than this, half a round.
LONGEST_ALARM: Final = 0x7FFF_FFFF
# Nor nearer than this: an alarm for the past or for now fires after this time.
SHORTEST_ALARM: Final = u64(16)


class GlobalTimer(Struct, volatile=True):
    """Registers of the global timer."""

    low: u32
    high: u32
    control: u32


class PrivateTimers(Struct, volatile=True):
    """Registers of a private timer and its watchdog; each CPU sees its own at the same address (4.2, 4.3)."""

    load: u32
    counter: u32
    control: u32
    status: u32
    watchdog_load: u32 = at(0x20)
    watchdog_counter: u32
    watchdog_control: u32
    watchdog_status: u32
    watchdog_disable: u32 = at(0x34)


@fn
def global_timer() -> GlobalTimer:
    """Return the registers of the global timer."""
    # SAFETY: the build gives the address, and the secure map has it as a device.
    return overlay(GlobalTimer, VirtAddr(u32(CONFIG.global_timer_phys)))


@fn
def private_timers() -> PrivateTimers:
    """Return the registers of this CPU's private timer and watchdog."""
    # SAFETY: as above.
    return overlay(PrivateTimers, VirtAddr(u32(CONFIG.private_timer_phys)))


@fn(inline=True)
def watchdog_stop(timers: PrivateTimers) -> None:
    """Turn this CPU's watchdog into a stopped timer."""
    timers.watchdog_disable = DISABLE_FIRST
    timers.watchdog_disable = DISABLE_SECOND
    timers.watchdog_control = 0


@fn
def clock_start() -> None:
    """Start clock, alarm and global timer at full rate from zero; a boot loader may have used them."""
    timers = private_timers()
    watchdog_stop(timers)
    timers.watchdog_load = ROUND
    timers.control = 0
    timers.status = 1
    timers.load = LONGEST_ALARM
    timers.control = TIMER_ENABLE | TIMER_INTERRUPT
    timer = global_timer()
    timer.control = 0
    timer.low = 0
    timer.high = 0
    timers.watchdog_control = TIMER_ENABLE | TIMER_RELOAD
    timer.control = TIMER_ENABLE


@fn
def now() -> u64:
    """Return ticks since boot. On CPU 0 only."""
    cpu = this_cpu()
    low = ~private_timers().watchdog_counter
    cpu.time += u64(low - u32(cpu.time))
    return cpu.time


@fn
def global_time() -> u64:
    """Return the ticks of the global timer, which an HRT guest may have changed. On any CPU."""
    timer = global_timer()
    high = timer.high
    low = timer.low
    again = timer.high
    # The low half may wrap between the two reads; at most once in 12 s.
    while again != high:
        bound(MOST_READS)
        high = again
        low = timer.low
        again = timer.high
    return u64(high) << 32 | u64(low)


@fn
def alarm_set(at_time: u64) -> None:
    """Set the alarm to `at_time`, or to the furthest possible time; the previous alarm is cancelled.

    A write of the load register restarts the running timer with that value (4.2.1). An alarm that goes off just before finds
    nothing due.
    """
    current = now()
    ahead = SHORTEST_ALARM
    if at_time > current + SHORTEST_ALARM:
        ahead = min(at_time - current, u64(LONGEST_ALARM))
    private_timers().load = u32(ahead)
    this_cpu().event_at = current + ahead


@fn
def alarm_clear() -> None:
    """Drop the interrupt of the alarm."""
    private_timers().status = 1
    # ORDER: the timer's line falls before the interrupt is ended; otherwise the interrupt would come again.
    dsb()


@fn
def alarm_stop() -> None:
    """Stop the alarm, for the end of the run."""
    private_timers().control = 0
    alarm_clear()


@fn
def stays_count() -> None:
    """Start this CPU's cycle counter from zero, to count the length of this stay in OVM.

    Each of Monitor's entries except SVC does so, too; a call that is done in steps begins with this. In other calls the counter
    shows more than the stay, so what is still done in steps there (a space emptied at a switch) gives way after one step.

    Earlier writes to the counters don't matter: PMCR's D and DP are cleared as well.
    """
    cp15_write(PMCNTENSET, CYCLE_COUNTER)
    cp15_write(PMCR, COUNT_CYCLES)


@fn(inline=True)
def stay_is_long() -> bool:
    """Return whether OVM has stayed long enough.

    The entry or the call started the counter, and no guest's code has run on this CPU since.
    """
    return cp15_read(PMCCNTR) > LONG_STAY


@fn(inline=True)
def alarm_waits() -> bool:
    """Return whether work that can be continued later has to stop: the alarm has gone off, or OVM has stayed long enough.

    ISR shows a FIQ that waits, masked or not (ARM B4.1.98); to Monitor mode the real one, not VIR's. That is enough: only OVM
    acknowledges a FIQ, and one that is being served is ended before any work is done (core.alarm).
    """
    return cp15_read(ISR) & PSR_F != 0 or stay_is_long()
