# SPDX-License-Identifier: Apache-2.0
"""Each CPU's timers as a boot loader left them: stopped, or its watchdog would reset the machine in the middle of a run.

They are private to a CPU but not reset with it alone, so each CPU stops its own (Cortex-A9 MPCore TRM, chapter 4).
"""

from typing import Final

from ovm.core.config import CONFIG
from ovm.metal import Struct, VirtAddr, at, fn, overlay, u32

# The two words that leave watchdog mode (4.2.8).
DISABLE_FIRST: Final = 0x1234_5678
DISABLE_SECOND: Final = 0x8765_4321
COUNTER_ENABLE: Final = 1


class Countdowns(Struct, volatile=True):
    """A CPU's private timer and its watchdog."""

    timer_load: u32
    timer_control: u32 = at(0x08)
    timer_status: u32
    watchdog_load: u32 = at(0x20)
    watchdog_control: u32 = at(0x28)
    watchdog_status: u32
    watchdog_disable: u32 = at(0x34)


class Comparator(Struct, volatile=True):
    """What a CPU has of the global timer: a comparator; the counter's enable bit is common."""

    control: u32 = at(0x08)
    status: u32
    compare_low: u32
    compare_high: u32
    increment: u32


@fn
def countdowns_stop() -> None:
    """Stop this CPU's private timer and its watchdog, and clear what they have raised."""
    # SAFETY: the build gives the address.
    each = overlay(Countdowns, VirtAddr(u32(CONFIG.private_timer_phys)))
    each.watchdog_disable = u32(DISABLE_FIRST)
    each.watchdog_disable = u32(DISABLE_SECOND)
    each.watchdog_control = u32(0)
    each.watchdog_load = u32(0)
    each.watchdog_status = u32(1)
    each.timer_control = u32(0)
    each.timer_load = u32(0)
    each.timer_status = u32(1)


@fn
def comparator_stop() -> None:
    """Turn this CPU's comparator of the global timer off; the counter goes on at full rate."""
    # SAFETY: as above.
    each = overlay(Comparator, VirtAddr(u32(CONFIG.global_timer_phys)))
    each.control = u32(COUNTER_ENABLE)
    each.compare_low = u32(0)
    each.compare_high = u32(0)
    each.increment = u32(0)
    each.status = u32(1)
