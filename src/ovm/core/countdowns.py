# SPDX-License-Identifier: Apache-2.0
"""Each CPU's timers, which a boot loader may have left running: they are stopped, since a watchdog would reset the machine in a
run.

They are private to a CPU but not reset with that CPU alone, so each CPU stops its own (Cortex-A9 MPCore TRM, chapter 4).
"""

from typing import Final

from ovm.core.clock import private_timers, watchdog_stop
from ovm.core.config import CONFIG
from ovm.metal import Struct, VirtAddr, at, fn, overlay, u32

COUNTER_ENABLE: Final = 1


class Comparator(Struct, volatile=True):
    """A CPU's part of the global timer: a comparator; the counter's enable bit is common."""

    control: u32 = at(0x08)
    status: u32
    compare_low: u32
    compare_high: u32
    increment: u32


@fn
def countdowns_stop() -> None:
    """Stop this CPU's private timer and its watchdog, and clear their interrupts."""
    timers = private_timers()
    watchdog_stop(timers)
    timers.watchdog_load = 0
    timers.watchdog_status = 1
    timers.control = 0
    timers.load = 0
    timers.status = 1


@fn
def comparator_stop() -> None:
    """Turn this CPU's comparator of the global timer off; the counter continues at full rate."""
    # SAFETY: the build gives the address.
    each = overlay(Comparator, VirtAddr(u32(CONFIG.global_timer_phys)))
    each.control = COUNTER_ENABLE
    each.compare_low = 0
    each.compare_high = 0
    each.increment = 0
    each.status = 1
