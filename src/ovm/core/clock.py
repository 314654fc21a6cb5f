# SPDX-License-Identifier: Apache-2.0
"""Time: the 64-bit global timer, and the private timer as one alarm.

The global timer counts up from boot and is common to both cores (A9 MPCore TRM DDI0407, chapter 4.4); all times in
core are its ticks. CPU 0's private timer (chapter 4.2) counts down once to the next event and raises PPI 29, group 0:
it reaches Monitor as a FIQ that no guest can mask.
"""

from typing import Final

from ovm.arm.cp15 import ISR
from ovm.arm.psr import PSR_F
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS
from ovm.metal import Struct, VirtAddr, at, bound, cp15_read, dsb, fn, overlay, u32, u64

TIMER_ENABLE: Final = 1
TIMER_INTERRUPT: Final = 4
# The alarm never lies further ahead than this, so that its 32 bits always suffice.
LONGEST_ALARM: Final = 0x7FFF_FFFF
# Nor nearer: an alarm in the past or at once fires after this.
SHORTEST_ALARM: Final = 16


class GlobalTimer(Struct, volatile=True):
    """Registers of the global timer."""

    low: u32
    high: u32
    control: u32


class PrivateTimer(Struct, volatile=True):
    """Registers of a private timer; each CPU sees its own at the same address."""

    load: u32
    counter: u32
    control: u32
    status: u32 = at(0x0C)


@fn
def global_timer() -> GlobalTimer:
    """Registers of the global timer."""
    # SAFETY: the build gives the address, and the secure map has it as a device.
    return overlay(GlobalTimer, VirtAddr(u32(CONFIG.global_timer_phys)))


@fn
def private_timer() -> PrivateTimer:
    """Registers of this CPU's private timer."""
    # SAFETY: as above.
    return overlay(PrivateTimer, VirtAddr(u32(CONFIG.private_timer_phys)))


@fn
def clock_start() -> None:
    """Let the global timer run from zero, at full rate and without comparator; a boot loader may have used it."""
    timer = global_timer()
    timer.control = u32(0)
    timer.low = u32(0)
    timer.high = u32(0)
    timer.control = u32(TIMER_ENABLE)


@fn
def now() -> u64:
    """Ticks since boot."""
    timer = global_timer()
    high = timer.high
    low = timer.low
    again = timer.high
    # The low half may wrap between the two reads; at most once in 40 s.
    while again != high:
        bound(4)
        high = again
        low = timer.low
        again = timer.high
    return u64(high) << 32 | u64(low)


@fn
def alarm_set(at_time: u64, current: u64) -> None:
    """Let the private timer raise its interrupt at `at_time`, or at the longest alarm."""
    delta = u32(SHORTEST_ALARM)
    if at_time > current + SHORTEST_ALARM:
        ahead = at_time - current
        delta = u32(LONGEST_ALARM) if ahead > LONGEST_ALARM else u32(ahead)
    timer = private_timer()
    timer.control = u32(0)
    timer.status = u32(1)
    timer.load = delta
    timer.control = u32(TIMER_ENABLE | TIMER_INTERRUPT)
    CPUS[0].event_at = current + u64(delta)


@fn
def alarm_clear() -> None:
    """Drop the interrupt of the private timer."""
    timer = private_timer()
    timer.control = u32(0)
    timer.status = u32(1)
    # ORDER: the timer's line has fallen before the interrupt is ended, or it would come again.
    dsb()


@fn(inline=True)
def alarm_waits() -> bool:
    """Whether the alarm has gone off while OVM works: what can be gone on with later gives way to it.

    ISR shows a FIQ that waits, masked or not (ARM B4.1.98); to Monitor mode the real one, not VIR's. It says all:
    one that was acknowledged in the gate was served before the trap (core.trap.interrupt), and one that is being
    served is ended before any work is done (core.alarm).
    """
    return cp15_read(ISR) & PSR_F != 0
