# SPDX-License-Identifier: Apache-2.0
"""FIQ while a guest runs, and the CPU without a guest."""

from ovm.core.alarm import interrupt_serve
from ovm.core.gic import acknowledge
from ovm.core.leave import leave_changed
from ovm.core.output import output_drain
from ovm.core.vcpu import Vcpu
from ovm.metal import VirtAddr, dsb, fn, wfi


@fn(inline=False)
def interrupt(vcpu: Vcpu) -> VirtAddr:
    """Serve the interrupt; whoever is chosen goes on."""
    vcpu.counters.fast_interrupts += 1
    interrupt_serve(acknowledge())
    return leave_changed()


@fn(inline=False)
def idle() -> VirtAddr:
    """Sleep until an interrupt, serve it, and say who runs now. A masked FIQ ends WFI (ARM B1.8.14)."""
    output_drain()
    dsb()
    wfi()
    interrupt_serve(acknowledge())
    return leave_changed()
