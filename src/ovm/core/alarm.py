# SPDX-License-Identifier: Apache-2.0
"""The one interrupt that OVM takes: the alarm; and housekeeping: output, HRT guests' pages, frames of ended guests."""

from typing import Final

from ovm.abi.config import GuestState, Level
from ovm.core.clock import alarm_clear
from ovm.core.config import CONFIG, INPUT
from ovm.core.console import console_release
from ovm.core.cpu import CPUS, HARD_CPU, this_cpu
from ovm.core.entry.fatal import foreign_failed
from ovm.core.finish import run_ends_at
from ovm.core.gic import INTERRUPT_ID, PRIVATE_TIMER, SGI_FAILED, SGI_RESET, SPURIOUS, end
from ovm.core.hard import CPU_PARKED, CPU_RESET, hard_drain
from ovm.core.input import input_poll
from ovm.core.limits import MAX_GUESTS
from ovm.core.memory.guest import guest_memory_release
from ovm.core.output import output_drain, output_waits
from ovm.core.report import report_stop
from ovm.core.schedule import HOUSEKEEPING_HZ
from ovm.core.vcpu import VCPUS, Vcpu, guest_of, runs_here
from ovm.metal import fn, u32, u64

# The distance between its parts, in parts of a second: others run in between.
PARTS_HZ: Final = 100_000


@fn
def _look_after(vcpu: Vcpu) -> None:
    """Fetch an HRT guest's output; report why a guest was stopped; take back frames of one that has ended."""
    if not vcpu.releasing:
        hard_drain(vcpu)
    elif guest_of(vcpu).stop_parts != 0:
        report_stop(vcpu)
    else:
        vcpu.releasing = not guest_memory_release(vcpu)


@fn
def _wants_looking_after(vcpu: Vcpu) -> bool:
    return (vcpu.releasing and runs_here(vcpu)) or (vcpu.level == Level.HRT and vcpu.state == GuestState.READY)


@fn
def _next_round(current: u64) -> u64:
    """Return when a round of housekeeping begins again."""
    again_soon = INPUT or output_waits()
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        again_soon = again_soon or _wants_looking_after(VCPUS[index])
    return min(run_ends_at(), current + u64(CONFIG.timer_hz // HOUSEKEEPING_HZ)) if again_soon else run_ends_at()


@fn(inline=False)
def housekeeping(current: u64) -> None:
    """Do one part: work for a guest, or a step of output. Note when the next part is due."""
    cpu = this_cpu()
    for index in u32.range(cpu.part, CONFIG.guest_count, bound=MAX_GUESTS):
        if _wants_looking_after(VCPUS[index]):
            _look_after(VCPUS[index])
            cpu.part = index + 1
            cpu.housekeeping_at = min(run_ends_at(), current + u64(CONFIG.timer_hz // PARTS_HZ))
            return
    cpu.part = 0
    output_drain(True)
    if INPUT:
        input_poll()
    console_release()
    cpu.housekeeping_at = _next_round(current)


@fn(inline=False)
def _other_cpu_said(sgi: u32) -> None:
    """Take a message of CPU 1: its guest's watchdog has reset it, or OVM failed there."""
    if sgi == SGI_RESET and CPUS[HARD_CPU].state < CPU_PARKED:
        CPUS[HARD_CPU].state = CPU_RESET
    elif sgi == SGI_FAILED:
        foreign_failed()


@fn
def interrupt_serve(acknowledged: u32) -> None:
    """Serve an acknowledged interrupt: the alarm, or an SGI of the other CPU. No other interrupt is enabled on this CPU.

    Events that are due are found when the next guest is chosen (core.leave). The interrupt is ended at once, so it delays no
    other: an alarm that goes off from here on shows in ISR, and long work gives way to it.
    """
    identity = acknowledged & INTERRUPT_ID
    if identity >= SPURIOUS:
        return
    if identity == PRIVATE_TIMER:
        alarm_clear()
    else:
        _other_cpu_said(identity)
    end(acknowledged)
    this_cpu().served = True
    this_cpu().reschedule = True
