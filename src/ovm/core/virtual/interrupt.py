# SPDX-License-Identifier: Apache-2.0
"""Virtual interrupts, through the vCPU page.

OVM sets pending bits; the guest enables, masks and acknowledges. A guest that unmasks with an interrupt pending makes any
hypercall, whose exit delivers it.
"""

from ovm.abi.config import GuestState
from ovm.abi.hypercalls import INTERRUPT_TIMER
from ovm.core.cpu import this_cpu
from ovm.core.vcpu import NEVER, Vcpu
from ovm.core.virtual.exception import take_interrupt
from ovm.core.virtual.mode import page_of
from ovm.metal import fn, u32, u64


@fn(inline=True)
def interrupt_waits(vcpu: Vcpu) -> bool:
    """Return whether an enabled virtual interrupt is pending, masked or not."""
    page = page_of(vcpu)
    return page.irq_pending & page.irq_enabled != 0


@fn(inline=True)
def interrupt_deliver(vcpu: Vcpu) -> None:
    """Take the virtual IRQ exception if an interrupt is pending, enabled and not masked."""
    if page_of(vcpu).irq_masked == 0 and interrupt_waits(vcpu):
        take_interrupt(vcpu)


@fn
def interrupt_raise(vcpu: Vcpu, line: u32) -> None:
    """Make a virtual interrupt pending, and wake the guest if it waits for that."""
    page_of(vcpu).irq_pending |= 1 << line
    if vcpu.state == GuestState.WAITING and not vcpu.waits_console and interrupt_waits(vcpu):
        vcpu.state = GuestState.READY
        this_cpu().reschedule = True


@fn(inline=True)
def timer_expire(vcpu: Vcpu, current: u64) -> None:
    """Raise the guest's timer interrupt if its time has come."""
    if vcpu.timer_at <= current:
        vcpu.timer_at = NEVER
        interrupt_raise(vcpu, INTERRUPT_TIMER)
