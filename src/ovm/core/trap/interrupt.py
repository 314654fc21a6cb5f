# SPDX-License-Identifier: Apache-2.0
"""FIQ while a guest runs or while it is in the gate, and the CPU without a guest."""

from typing import Final

from ovm.arm.psr import PSR_T
from ovm.core.alarm import interrupt_serve
from ovm.core.emulate.outcome import it_before
from ovm.core.entry.gate import RETURN_DATA_ABORT, RETURN_PREFETCH_ABORT, RETURN_SUPERVISOR_CALL
from ovm.core.gic import acknowledge
from ovm.core.leave import leave_changed, leave_noted
from ovm.core.output import output_drain
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import VirtAddr, dsb, fn, u32, wfi

# The stubs of the gate, as the assembly tells them apart.
_SUPERVISOR_CALL: Final = RETURN_SUPERVISOR_CALL & 0xFF
_PREFETCH_ABORT: Final = RETURN_PREFETCH_ABORT & 0xFF
_DATA_ABORT: Final = RETURN_DATA_ABORT & 0xFF


@fn(inline=False)
def interrupt(vcpu: Vcpu) -> VirtAddr:
    """Serve the interrupt; whoever is chosen goes on."""
    vcpu.counters.fast_interrupts += 1
    interrupt_serve(acknowledge())
    return leave_changed()


@fn(inline=False)
def gate_interrupt(vcpu: Vcpu, stub: u32) -> VirtAddr:
    """Serve the interrupt that came inside the gate; the guest goes back to its instruction, which traps again.

    Acknowledged as it is, ISR doesn't show it: a handler that began now would not see that it has to give way. LR is
    past the instruction by 8 after a data abort, 4 after a prefetch abort, and after the others by its length, where
    Thumb counts 2 (ARM B1.8.3).
    """
    back = u32(2) if vcpu.psr & PSR_T != 0 else u32(4)
    if stub == _SUPERVISOR_CALL:
        vcpu.psr = it_before(vcpu.psr)
    elif stub == _PREFETCH_ABORT:
        back = u32(4)
    elif stub == _DATA_ABORT:
        back = u32(8)
    vcpu.registers[PC] -= back
    return leave_noted(vcpu)


@fn(inline=False)
def idle() -> VirtAddr:
    """Sleep until an interrupt, serve it, and say who runs now. A masked FIQ ends WFI (ARM B1.8.14)."""
    output_drain()
    dsb()
    wfi()
    interrupt_serve(acknowledge())
    return leave_changed()
