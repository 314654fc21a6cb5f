# SPDX-License-Identifier: Apache-2.0
"""The vCPU page of a deprivileged guest: virtual interrupts, banked registers, arguments.

Masking and unmasking interrupts is a store to the page, no trap. OVM writes the page only while the guest isn't
running, so plain loads and stores are enough.
"""

from ovm.abi.hypercalls import (
    INTERRUPT_ACKNOWLEDGE,
    NULL,
    REGISTER_WRITE,
    REPORT,
    TIME,
    TIMER_SET,
    VIRTUAL_VBAR,
    WAIT,
)
from ovm.abi.vcpu_page import VcpuPage
from ovm.guests.lib.call import call, call_results
from ovm.metal import VirtAddr, array, first, fn, overlay, static, u32, u64

PAGE = static(VirtAddr)


@fn
def use_page(page: VirtAddr) -> None:
    """Store the vCPU page's address, which r0 held at the start."""
    PAGE.value = page


@fn(inline=True)
def vcpu_page() -> VcpuPage:
    """Return the vCPU page."""
    # SAFETY: OVM gave the address at the start; the page stays where it is.
    return overlay(VcpuPage, PAGE.value)


@fn
def mask() -> None:
    """Mask virtual interrupts."""
    vcpu_page().irq_masked = 1


@fn
def unmask() -> None:
    """Unmask virtual interrupts, and have one delivered that became pending meanwhile."""
    page = vcpu_page()
    # ORDER: the mask opens first. An interrupt that arrives between the two is delivered by OVM itself.
    page.irq_masked = 0
    if page.irq_pending & page.irq_enabled != 0:
        call(NULL, 0, 0, 0)


@fn
def use_vectors(base: VirtAddr) -> None:
    """Set the virtual VBAR, the address of the vectors of virtual exceptions."""
    call(REGISTER_WRITE, VIRTUAL_VBAR, u32(base), 0)


@fn
def acknowledge() -> u32:
    """Take the pending interrupts; return a bit for each. They are no longer pending."""
    results = array(u32, 3)
    call_results(INTERRUPT_ACKNOWLEDGE, 0, first(results))
    return results[0]


@fn
def wait() -> None:
    """Yield the CPU until an enabled interrupt is pending, masked or not."""
    call(WAIT, 0, 0, 0)


@fn
def now() -> u64:
    """Return time since start, in timer ticks."""
    results = array(u32, 3)
    call_results(TIME, 0, first(results))
    return u64(results[0]) | (u64(results[1]) << 32)


@fn
def set_timer(at: u64) -> None:
    """Make the timer interrupt pending at a time; all ones means never."""
    call(TIMER_SET, u32(at), u32(at >> 32), 0)


@fn
def ticks_of_microseconds(microseconds: u32) -> u64:
    """Convert microseconds to timer ticks."""
    return u64(microseconds) * u64(vcpu_page().ticks_per_us)


@fn
def nanoseconds(ticks: u64) -> u32:
    """Convert timer ticks to nanoseconds."""
    return u32(ticks * 1000 // u64(vcpu_page().ticks_per_us))


@fn
def report(key: u32, value: u32) -> None:
    """Report a figure to OVM for the run's summary."""
    call(REPORT, key, value, 0)


@fn
def argument(index: u32, otherwise: u32) -> u32:
    """Return a number that the description gives this guest; `otherwise` if there is none."""
    value = vcpu_page().argument[index]
    return value if value != 0 else otherwise
