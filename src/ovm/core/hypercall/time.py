# SPDX-License-Identifier: Apache-2.0
"""TIME, TIMER_SET, INTERRUPT_ACKNOWLEDGE, WAIT and YIELD."""

from ovm.abi.config import GuestState, Level
from ovm.abi.hypercalls import SUCCESS
from ovm.core.clock import now
from ovm.core.config import CONFIG
from ovm.core.cpu import this_cpu
from ovm.core.schedule import alarm_advance
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.interrupt import interrupt_waits, timer_expire
from ovm.core.virtual.mode import page_of
from ovm.metal import fn, u32, u64


@fn
def time(vcpu: Vcpu) -> None:
    """Handle TIME: r1, r2 = ticks since boot, r3 = ticks per microsecond."""
    current = now()
    vcpu.registers[0] = SUCCESS
    vcpu.registers[1] = u32(current)
    vcpu.registers[2] = u32(current >> 32)
    vcpu.registers[3] = CONFIG.timer_hz // 1_000_000


@fn
def timer_set(vcpu: Vcpu) -> None:
    """Handle TIMER_SET: r1, r2 = the time when the timer interrupt becomes pending. A time in the past means now."""
    vcpu.timer_at = u64(vcpu.registers[2]) << 32 | u64(vcpu.registers[1])
    vcpu.registers[0] = SUCCESS
    current = now()
    timer_expire(vcpu, current)
    alarm_advance(vcpu.timer_at)


@fn
def interrupt_acknowledge(vcpu: Vcpu) -> None:
    """Handle INTERRUPT_ACKNOWLEDGE: r1 = interrupts that were pending and enabled; they are no longer pending."""
    page = page_of(vcpu)
    taken = page.irq_pending & page.irq_enabled
    page.irq_pending = page.irq_pending & ~taken
    vcpu.registers[0] = SUCCESS
    vcpu.registers[1] = taken


@fn
def wait(vcpu: Vcpu) -> None:
    """Handle WAIT: sleep until a virtual interrupt is pending and enabled, masked or not, as WFI does."""
    vcpu.registers[0] = SUCCESS
    if not interrupt_waits(vcpu):
        vcpu.state = GuestState.WAITING
        this_cpu().reschedule = True


@fn
def yield_turn(vcpu: Vcpu) -> None:
    """Handle YIELD: let another guest of the level go first. An SRT guest's reservation has no turns to yield."""
    vcpu.registers[0] = SUCCESS
    cpu = this_cpu()
    cpu.reschedule = True
    if vcpu.level == Level.NRT:
        cpu.turn_ends_at = 0
        # Its unused time counts as used; otherwise it would be chosen again at once.
        vcpu.fair_time += u64(CONFIG.turn_ticks)
