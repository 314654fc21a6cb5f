# SPDX-License-Identifier: Apache-2.0
"""MMU aborts of a deprivileged guest: fill, deliver, refuse or stop.

Memory (`ovm.core.memory.fault`) decides; this module acts on the decision. The pc is first moved back to the instruction: LR is
8 past it after a data abort and 4 after a prefetch abort (ARM B1.8.3); otherwise a retry would skip instructions.
"""

from typing import Final

from ovm.arm.cp15 import DFAR, DFSR, IFAR, IFSR
from ovm.arm.psr import MODE_ABT, MODE_UND
from ovm.core.clock import alarm_waits
from ovm.core.config import DEVICE_PAGES
from ovm.core.emulate.device import device_access
from ovm.core.emulate.outcome import Emulated
from ovm.core.leave import leave
from ovm.core.memory.access import Access, FaultOutcome
from ovm.core.memory.devices import PAGES
from ovm.core.memory.fault import fault
from ovm.core.memory.frames import FRAME_OFFSET
from ovm.core.memory.refusal import kind_of, refusal_note_printed, refusal_printed, refuse
from ovm.core.report import STOP_MEMORY, STOP_NO_VECTORS, guest_stop, report_refusal
from ovm.core.vcpu import PC, Vcpu
from ovm.core.virtual.exception import VECTORS_BYTES, take_data_abort, take_prefetch_abort, vectors_of
from ovm.metal import GuestPhysAddr, VirtAddr, cp15_read, fn, u32

STATUS_WRITE: Final = 1 << 11
# Fault status "debug event": BKPT, which arrives as a prefetch abort without an address (ARM B3.13.3).
STATUS_MASK: Final = 0x40F
STATUS_DEBUG: Final = 0x002


@fn
def _hopeless(vcpu: Vcpu) -> bool:
    """Return whether the guest can't even fetch its abort vectors: delivering another abort there would never end."""
    if vcpu.mode != MODE_ABT and vcpu.mode != MODE_UND:
        return False
    return vcpu.registers[PC] - vectors_of(vcpu) < VECTORS_BYTES


@fn(inline=False)
def abort_deliver(vcpu: Vcpu, access: Access, outcome: FaultOutcome) -> None:
    """Give the guest the abort that `memory` has described."""
    if outcome == FaultOutcome.REFUSED and not refusal_printed(vcpu):
        report_refusal(vcpu)
        if alarm_waits():
            # The guest makes its access again, and gets its abort in that stay.
            refusal_note_printed(vcpu)
            return
    status = vcpu.fault_status
    address = vcpu.fault_address
    if outcome == FaultOutcome.STOP:
        guest_stop(vcpu, STOP_MEMORY, status, address)
    elif access == Access.FETCH:
        if _hopeless(vcpu):
            vcpu.registers[PC] = vcpu.last_pc
            guest_stop(vcpu, STOP_NO_VECTORS, vcpu.last_status, vcpu.last_address)
            return
        _remember(vcpu, status, address)
        take_prefetch_abort(vcpu, status, address)
    else:
        _remember(vcpu, status, address)
        take_data_abort(vcpu, status, address)


@fn
def _remember(vcpu: Vcpu, status: u32, address: u32) -> None:
    """Keep the fault for a report, in case its handler is missing."""
    vcpu.last_pc = vcpu.registers[PC]
    vcpu.last_status = status
    vcpu.last_address = address


@fn
def _device(vcpu: Vcpu, access: Access, outcome: FaultOutcome) -> FaultOutcome:
    """Do an access to a virtual device, and refuse one that can't reach a device; leave every other outcome unchanged."""
    if DEVICE_PAGES == 0 or outcome != FaultOutcome.DEVICE:
        return outcome
    page = PAGES[vcpu.fault_status]
    address = vcpu.fault_address
    match device_access(vcpu, page.device - 1, address, access):
        case Emulated.UNDEFINED:
            gpa = GuestPhysAddr(page.gpa | address & FRAME_OFFSET)
            return refuse(vcpu, address, gpa, access, kind_of(access))
        case Emulated.ABORTED:
            return FaultOutcome.REFLECT
        case _:
            return FaultOutcome.RETRY


@fn(inline=False)
def data_abort(vcpu: Vcpu) -> VirtAddr:
    """Handle a data abort."""
    vcpu.counters.data_aborts += 1
    vcpu.registers[PC] -= 8
    status = cp15_read(DFSR)
    access = Access.WRITE if status & STATUS_WRITE != 0 else Access.READ
    outcome = fault(vcpu, cp15_read(DFAR), access, status)
    outcome = _device(vcpu, access, outcome)
    if outcome != FaultOutcome.RETRY:
        abort_deliver(vcpu, access, outcome)
    return leave(vcpu)


@fn(inline=False)
def prefetch_abort(vcpu: Vcpu) -> VirtAddr:
    """Handle a prefetch abort."""
    vcpu.counters.prefetch_aborts += 1
    vcpu.registers[PC] -= 4
    status = cp15_read(IFSR)
    address = cp15_read(IFAR)
    if status & STATUS_MASK == STATUS_DEBUG:
        vcpu.fault_status = STATUS_DEBUG
        vcpu.fault_address = vcpu.registers[PC]
        abort_deliver(vcpu, Access.FETCH, FaultOutcome.REFLECT)
        return leave(vcpu)
    outcome = fault(vcpu, address, Access.FETCH, status)
    if outcome != FaultOutcome.RETRY:
        abort_deliver(vcpu, Access.FETCH, outcome)
    return leave(vcpu)
