# SPDX-License-Identifier: Apache-2.0
"""The one interrupt that OVM takes: the alarm; and housekeeping: output, HRT guests' pages, frames of ended guests."""

from typing import Final

from ovm.abi.config import MAX_GUESTS, GuestState, Level
from ovm.core.clock import alarm_clear, now
from ovm.core.config import CONFIG
from ovm.core.console import console_release
from ovm.core.cpu import CPUS
from ovm.core.finish import run_ends_at
from ovm.core.gic import INTERRUPT_ID, PRIVATE_TIMER, SPURIOUS, end
from ovm.core.hard import hard_drain
from ovm.core.memory.guest import guest_memory_release
from ovm.core.output import OUTPUT, output_drain
from ovm.core.schedule import alarm_advance
from ovm.core.vcpu import VCPUS
from ovm.metal import fn, u32, u64

# Housekeeping while there is output, or an HRT guest to listen to: a thousand times a second.
HOUSEKEEPING_HZ: Final = 1000


@fn
def housekeeping(current: u64) -> None:
    """Move output on, fetch what HRT guests print, take frames of ended guests back; say when to do it again."""
    again_soon = False
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        if vcpu.level == Level.HRT and vcpu.state == GuestState.READY:
            again_soon = True
            hard_drain(vcpu)
        elif vcpu.releasing:
            vcpu.releasing = not guest_memory_release(vcpu)
            again_soon = again_soon or vcpu.releasing
    output_drain()
    console_release()
    again = run_ends_at()
    if again_soon or OUTPUT.head != OUTPUT.tail:
        again = min(again, current + u64(CONFIG.timer_hz // HOUSEKEEPING_HZ))
    CPUS[0].housekeeping_at = again


@fn
def housekeeping_due(current: u64) -> bool:
    """Whether housekeeping has to be done."""
    return current >= CPUS[0].housekeeping_at


@fn
def interrupt_serve(acknowledged: u32) -> None:
    """Serve an acknowledged interrupt. Anything but the alarm can't be enabled on this CPU: only ended.

    What is due is found when the choice is made of who runs (core.leave). Ended at once, it holds no other back: an alarm
    that goes off from here on shows in ISR, and whatever takes long gives way to it.
    """
    identity = acknowledged & INTERRUPT_ID
    if identity >= SPURIOUS:
        return
    if identity == PRIVATE_TIMER:
        alarm_clear()
    end(acknowledged)
    CPUS[0].reschedule = True


@fn
def alarm_for_output() -> None:
    """See to it that what is left in the output ring moves on."""
    if OUTPUT.head != OUTPUT.tail:
        current = now()
        soon = current + u64(CONFIG.timer_hz // HOUSEKEEPING_HZ)
        CPUS[0].housekeeping_at = min(CPUS[0].housekeeping_at, soon)
        alarm_advance(soon)
