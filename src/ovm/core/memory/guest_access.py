# SPDX-License-Identifier: Apache-2.0
"""OVM's own accesses to guest memory: instructions to emulate, exception frames, the vCPU page.

They follow the guest's tables with the rights of its present mode, exactly as the guest's own access would, and reach
only memory: never a device, never a frame of another. A page is never crossed.
"""

from ovm.abi.config import Level
from ovm.arm.faults import FS_ALIGNMENT, FS_EXTERNAL
from ovm.core.config import GUESTS
from ovm.core.memory.access import Access, rights_needed, rights_of
from ovm.core.memory.guest_map import Lookup, Place, Touch, look_up
from ovm.core.memory.tables import GATE_START
from ovm.core.memory.walk import Translation, walk
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, PhysAddr, Struct, VirtAddr, fn, pointer, u16, u32


class GuestWord(Struct):
    """Result of an access."""

    value: u32
    # Fault status to deliver (domain field included, direction not) when the access failed.
    status: u32
    # Where the word lies, when it didn't.
    phys: PhysAddr
    # And in the guest's own physical space.
    gpa: GuestPhysAddr


@fn
def _locate(vcpu: Vcpu, va: u32, access: Access, privileged: bool, result: GuestWord) -> bool:
    """Find the byte at `va` in physical memory."""
    translation = Translation()
    if GUESTS[vcpu.index].level == Level.NRT:
        walk(vcpu, va, translation)
        needed = rights_needed(access)
        if translation.status == 0 and rights_of(translation.rights, privileged) & needed != needed:
            translation.status = translation.denied
    else:
        translation.gpa = GuestPhysAddr(va)
    result.status = translation.status
    if result.status != 0:
        return False
    place = Place()
    found = look_up(vcpu, translation.gpa, Touch.YES, place)
    if found != Lookup.FOUND or place.device or va >= GATE_START or (access == Access.WRITE and not place.writable):
        result.status = u32(FS_EXTERNAL)
        return False
    result.phys = place.phys
    result.gpa = translation.gpa
    return True


@fn
def guest_read_word(vcpu: Vcpu, va: u32, access: Access, result: GuestWord) -> bool:
    """Read an aligned word with the rights of the guest's present mode; False with result.status if it can't."""
    if va & 3 != 0:
        result.status = u32(FS_ALIGNMENT)
        return False
    if not _locate(vcpu, va, access, vcpu.privileged != 0, result):
        return False
    # SAFETY: `look_up` has checked the frame's key.
    result.value = pointer(u32, VirtAddr(u32(result.phys)))[0]
    return True


@fn
def guest_read_half(vcpu: Vcpu, va: u32, access: Access, result: GuestWord) -> bool:
    """Read an aligned halfword (half of a Thumb instruction), as `guest_read_word`."""
    if va & 1 != 0:
        result.status = u32(FS_ALIGNMENT)
        return False
    if not _locate(vcpu, va, access, vcpu.privileged != 0, result):
        return False
    # SAFETY: as above.
    result.value = u32(pointer(u16, VirtAddr(u32(result.phys)))[0])
    return True


@fn
def guest_write_word(vcpu: Vcpu, va: u32, value: u32, result: GuestWord) -> bool:
    """Write an aligned word with the rights of the guest's present mode, as `guest_read_word`."""
    if va & 3 != 0:
        result.status = u32(FS_ALIGNMENT)
        return False
    if not _locate(vcpu, va, Access.WRITE, vcpu.privileged != 0, result):
        return False
    # SAFETY: as above, and the place is writable for the guest.
    pointer(u32, VirtAddr(u32(result.phys)))[0] = value
    return True


@fn
def guest_locate(vcpu: Vcpu, va: u32, access: Access, privileged: bool, result: GuestWord) -> bool:
    """Translate only, with the rights of a given side: address translation operations, LDRT, STRT."""
    return _locate(vcpu, va, access, privileged, result)


@fn
def guest_page(vcpu: Vcpu, gpa: GuestPhysAddr) -> VirtAddr:
    """Return where OVM reaches a page of the guest's RAM, touching it; 0 if it isn't the guest's to write."""
    place = Place()
    found = look_up(vcpu, gpa, Touch.YES, place)
    if found != Lookup.FOUND or place.device or not place.writable:
        return VirtAddr(0)
    return VirtAddr(u32(place.phys))
