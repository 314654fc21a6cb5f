# SPDX-License-Identifier: Apache-2.0
"""A FIQ while a guest runs or is in the gate, and the CPU without a guest."""

from ovm.arm.control import SCR_NS
from ovm.arm.cp15 import SCR
from ovm.arm.psr import PSR_T
from ovm.core.alarm import interrupt_serve
from ovm.core.clock import stays_count
from ovm.core.emulate.outcome import it_before
from ovm.core.entry.banks import bank_read
from ovm.core.entry.gate import DATA_ABORT, GATE_VA, PREFETCH_ABORT, STUB_MODES, STUBS, SUPERVISOR_CALL, stub_at
from ovm.core.gic import acknowledge
from ovm.core.leave import leave_changed
from ovm.core.output import output_drain
from ovm.core.report import STOP_GATE, guest_stop
from ovm.core.trap.external import SECURE_VIEW
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import Struct, VirtAddr, address, cp15_write, dsb, fn, isb, u32, wfi


class Bank(Struct):
    """The registers that a trap left in the exception mode that took it."""

    psr: u32
    link: u32


@fn(inline=False)
def interrupt(vcpu: Vcpu) -> VirtAddr:
    """Serve the interrupt; return the guest that runs next."""
    vcpu.counters.fast_interrupts += 1
    interrupt_serve(acknowledge())
    return leave_changed()


@fn
def _take_back(vcpu: Vcpu, stub: u32) -> None:
    """Move the guest back to the instruction that trapped.

    LR is past it by 8 after a data abort, 4 after a prefetch abort, and after the others by its length, where Thumb
    counts 2 (ARM B1.8.3).
    """
    bank = Bank()
    # ORDER: Monitor may change its mode only while SCR.NS = 0; ISB after each change of SCR.
    cp15_write(SCR, SECURE_VIEW)
    isb()
    bank_read(STUB_MODES[stub], address(bank))
    cp15_write(SCR, SECURE_VIEW | SCR_NS)
    isb()
    back = u32(2 if bank.psr & PSR_T != 0 else 4)
    if stub == PREFETCH_ABORT:
        back = u32(4)
    elif stub == DATA_ABORT:
        back = u32(8)
    vcpu.psr = it_before(bank.psr) if stub == SUPERVISOR_CALL else bank.psr
    vcpu.registers[PC] = bank.link - back


@fn(inline=False)
def gate_interrupt(vcpu: Vcpu, mode: u32, place: u32) -> VirtAddr:
    """Take back the trap that was on its way at `place` in the gate, and serve the interrupt that came there.

    No stub has changed a register, so the guest's instruction traps again. A guest doesn't stay there for ever: alarms are
    further apart than the few instructions from one to its SMC. If the page isn't the gate that boot wrote, there is no trap to
    take back: an HRT guest changed the page or the tables, and the guest that came there has lost its state.
    """
    vcpu.counters.gate_interrupts += 1
    stub = stub_at(place - GATE_VA)
    if stub < STUBS and mode == STUB_MODES[stub]:
        _take_back(vcpu, stub)
    else:
        vcpu.registers[PC] = place
        guest_stop(vcpu, STOP_GATE, mode, place)
    return interrupt(vcpu)


@fn(inline=False)
def idle() -> VirtAddr:
    """Sleep until an interrupt, serve it, and return the guest that runs now. A masked FIQ ends WFI (ARM B1.8.14)."""
    output_drain(True)
    dsb()
    wfi()
    stays_count()
    interrupt_serve(acknowledge())
    return leave_changed()
