# SPDX-License-Identifier: Apache-2.0
"""The end of every entry: the choice of a guest, its virtual interrupts, then the exit.

Every entry returns to Monitor's assembly the address of the Vcpu to run, or 0 to sleep.
"""

from typing import Final

from ovm.core.alarm import housekeeping
from ovm.core.clock import alarm_set, now
from ovm.core.cpu import NOBODY, this_cpu
from ovm.core.finish import finish_if_over
from ovm.core.schedule import alarm_advance, is_reserved, next_event, schedule
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.core.virtual.interrupt import interrupt_deliver
from ovm.metal import VirtAddr, address, fn, u32

SLEEP: Final = 0


@fn
def _choose() -> u32:
    """Choose the guest that runs, and set the alarm.

    Housekeeping is done when no SRT guest wants the CPU, at the cost of the guest that has it, with the alarm set; and only in
    an entry for the alarm that does nothing else. Any other entry is long enough: the alarm comes at once.
    """
    current = now()
    before = this_cpu().current
    served = this_cpu().served
    this_cpu().served = False
    chosen = schedule(current)
    event = next_event(chosen, current)
    if is_reserved(chosen):
        alarm_set(event)
    elif not served or chosen != before or current < this_cpu().housekeeping_at:
        alarm_set(min(event, this_cpu().housekeeping_at))
    else:
        alarm_set(event)
        housekeeping(current)
        finish_if_over(current)
        alarm_advance(0 if this_cpu().reschedule else this_cpu().housekeeping_at)
    return chosen


@fn(inline=False)
def leave_changed() -> VirtAddr:
    """Choose the guest that runs, and deliver its interrupts."""
    chosen = _choose()
    if chosen == NOBODY:
        return VirtAddr(SLEEP)
    vcpu = VCPUS[chosen]
    interrupt_deliver(vcpu)
    return address(vcpu)


@fn(inline=True)
def leave(vcpu: Vcpu) -> VirtAddr:
    """Return to `vcpu`, or to the guest that runs now."""
    if this_cpu().reschedule:
        return leave_changed()
    interrupt_deliver(vcpu)
    return address(vcpu)
