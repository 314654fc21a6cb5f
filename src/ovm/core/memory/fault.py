# SPDX-License-Identifier: Apache-2.0
"""The handling of a deprivileged guest's abort.

The hardware's own status says little: the shadow may simply not have the page yet, or have it with the rights of
the other view. So the guest's tables are read. If they forbid the access, the guest gets the fault that its own tables cause;
if they allow it and the frame is the guest's, the page is mapped; if the frame isn't the guest's, the access is refused.
"""

from ovm.abi.config import Level
from ovm.arm.faults import (
    DFSR_BITS_KEPT,
    FS_EXTERNAL_WALK_PAGE,
    FS_FROM_TABLES,
    FS_PAGE,
    IFSR_BITS,
)
from ovm.core.config import DEVICE_PAGES
from ovm.core.memory.access import RIGHTS_WRITE, Access, FaultOutcome, rights_needed, rights_of
from ovm.core.memory.devices import NO_PAGE, device_page
from ovm.core.memory.guest_map import Lookup, Place, Touch, look_up_here
from ovm.core.memory.guest_walk import Translation, walk_here
from ovm.core.memory.refusal import RefusalKind, kind_of, reflect, refuse
from ovm.core.memory.shadow import shadow_fill
from ovm.core.memory.space import NO_SPACE, space_activate
from ovm.core.memory.tables import GATE_START
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, fn, u32


@fn
def _is_from_tables(status: u32) -> bool:
    return status & 0x400 == 0 and (FS_FROM_TABLES >> (status & 0xF)) & 1 != 0


@fn
def _is_device(vcpu: Vcpu, gpa: GuestPhysAddr, address: u32, access: Access) -> bool:
    """Note the page of the virtual device that is accessed; return whether it is one."""
    if DEVICE_PAGES == 0:
        return False
    page = device_page(vcpu, gpa)
    if access == Access.FETCH or address >= GATE_START or page == NO_PAGE:
        return False
    vcpu.fault_status = page
    vcpu.fault_address = address
    return True


@fn(inline=False)
def _straight_fault(vcpu: Vcpu, address: u32, access: Access) -> FaultOutcome:
    """Return the outcome for an SRT guest, whose map was complete from the start, so no page is ever missing."""
    if _is_device(vcpu, GuestPhysAddr(address), address, access):
        return FaultOutcome.DEVICE
    return refuse(vcpu, address, GuestPhysAddr(address), access, kind_of(access))


@fn(inline=False)
def own_fault(vcpu: Vcpu, address: u32, access: Access, translation: Translation) -> FaultOutcome:
    """Report the fault of the guest's own tables; a walk that left the guest's memory is a refusal, too."""
    status = translation.status
    code = status & 0x40F
    if code | FS_PAGE == FS_EXTERNAL_WALK_PAGE:
        refuse(vcpu, address, translation.gpa, access, RefusalKind.TABLE)
        reflect(vcpu, address, access, status & IFSR_BITS if access == Access.FETCH else status)
        return FaultOutcome.REFUSED
    return reflect(vcpu, address, access, status & IFSR_BITS if access == Access.FETCH else status)


@fn
def fault(vcpu: Vcpu, address: u32, access: Access, status: u32) -> FaultOutcome:
    """Answer an abort: `status` is the hardware's DFSR or IFSR, `address` its DFAR or IFAR."""
    if not _is_from_tables(status):
        return reflect(vcpu, address, access, status & DFSR_BITS_KEPT)
    if vcpu.level != Level.NRT:
        return _straight_fault(vcpu, address, access)
    if vcpu.space == NO_SPACE:
        space_activate(vcpu)
        return FaultOutcome.RETRY
    translation = Translation()
    walk_here(vcpu, address, translation)
    needed = rights_needed(access)
    if translation.status == 0 and rights_of(translation.rights, vcpu.privileged != 0) & needed != needed:
        translation.status = translation.denied
    if translation.status != 0:
        return own_fault(vcpu, address, access, translation)
    place = Place()
    found = look_up_here(vcpu, translation.gpa, Touch.YES, place)
    if found == Lookup.LATER:
        # The interrupt is taken as soon as the guest is back, and the guest makes its access again.
        return FaultOutcome.RETRY
    if found != Lookup.FOUND or address >= GATE_START:
        if found == Lookup.OUTSIDE and _is_device(vcpu, translation.gpa, address, access):
            return FaultOutcome.DEVICE
        kind = RefusalKind.EXHAUSTED if found == Lookup.EXHAUSTED else kind_of(access)
        return refuse(vcpu, address, translation.gpa, access, kind)
    if not place.writable:
        if access == Access.WRITE:
            return refuse(vcpu, address, translation.gpa, access, kind_of(access))
        translation.rights &= ~RIGHTS_WRITE
    if place.device and access == Access.FETCH:
        return refuse(vcpu, address, translation.gpa, access, kind_of(access))
    shadow_fill(vcpu, address, place, translation, needed)
    return FaultOutcome.RETRY
