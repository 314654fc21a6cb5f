# SPDX-License-Identifier: Apache-2.0
"""The way out of every entry: interrupts noted in the gate, another guest, a virtual interrupt; then the exit.

What an entry returns to Monitor's assembly is the address of the Vcpu to run, or 0 to sleep.
"""

from typing import Final

from ovm.core.alarm import housekeeping, housekeeping_due, interrupt_serve
from ovm.core.clock import alarm_waits, now
from ovm.core.cpu import CPUS, NOBODY
from ovm.core.finish import finish_if_over
from ovm.core.schedule import is_reserved, schedule
from ovm.core.vcpu import NOTHING_NOTED, VCPUS, Vcpu
from ovm.core.virtual.interrupt import interrupt_deliver
from ovm.metal import VirtAddr, address, fn, u32

SLEEP: Final = 0


@fn(inline=False)
def leave_changed() -> VirtAddr:
    """Choose who runs, deliver its interrupts.

    Housekeeping is done when no SRT guest wants the CPU, at the cost of whoever is chosen, and with the alarm set.
    """
    current = now()
    chosen = schedule(current)
    if not is_reserved(chosen) and housekeeping_due(current):
        housekeeping(current)
        finish_if_over(current)
        # What is due by now is served at the exit, where the alarm's interrupt comes at once.
        if not alarm_waits():
            chosen = schedule(now())
    if chosen == NOBODY:
        return VirtAddr(SLEEP)
    vcpu = VCPUS[chosen]
    interrupt_deliver(vcpu)
    return address(vcpu)


@fn(inline=False)
def leave_noted(vcpu: Vcpu) -> VirtAddr:
    """Serve the interrupt that arrived inside the gate."""
    noted = vcpu.noted
    vcpu.noted = u32(NOTHING_NOTED)
    interrupt_serve(noted)
    return leave_changed()


@fn(inline=True)
def leave(vcpu: Vcpu) -> VirtAddr:
    """Go back to `vcpu`, or to whoever runs now."""
    if CPUS[0].reschedule:
        return leave_changed()
    interrupt_deliver(vcpu)
    return address(vcpu)
