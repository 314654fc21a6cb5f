# SPDX-License-Identifier: Apache-2.0
"""The one interrupt that OVM takes: the alarm. What is due then: guests' timers, output, HRT guests' pages."""

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
from ovm.core.virtual.interrupt import timer_expire
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
def timers_expire(current: u64) -> None:
    """Raise the timer interrupt of each guest whose time has come."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        vcpu = VCPUS[index]
        if vcpu.state == GuestState.READY or vcpu.state == GuestState.WAITING:
            timer_expire(vcpu, current)


@fn
def interrupt_serve(acknowledged: u32) -> None:
    """Serve an acknowledged interrupt. Anything but the alarm can't be enabled on this CPU: only ended."""
    identity = acknowledged & INTERRUPT_ID
    if identity >= SPURIOUS:
        return
    if identity == PRIVATE_TIMER:
        alarm_clear()
        current = now()
        timers_expire(current)
        if current >= CPUS[0].housekeeping_at:
            housekeeping(current)
        CPUS[0].reschedule = True
    end(acknowledged)


@fn
def alarm_for_output() -> None:
    """See to it that what is left in the output ring moves on."""
    if OUTPUT.head != OUTPUT.tail:
        current = now()
        soon = current + u64(CONFIG.timer_hz // HOUSEKEEPING_HZ)
        CPUS[0].housekeeping_at = min(CPUS[0].housekeeping_at, soon)
        alarm_advance(soon, current)
