# SPDX-License-Identifier: Apache-2.0
"""OVM's own accesses to guest memory: instructions to emulate and their data, the vCPU page.

They follow the guest's tables with the rights of its present mode, exactly as the guest's own access would, and reach
only memory: never a device, never a frame of another. A page is never crossed.

Making a frame ready takes long. So data accesses give way, as fills do: the guest makes its instruction again, and one stay in
OVM makes at most one frame ready. All other reads here need no frame.
"""

from typing import Final

from ovm.abi.config import Level
from ovm.arm.faults import FS_ALIGNMENT, FS_EXTERNAL
from ovm.core.clock import stay_is_long
from ovm.core.memory.access import Access, FaultOutcome, rights_needed, rights_of
from ovm.core.memory.fault import own_fault
from ovm.core.memory.frames import FRAME_MASK, FRAME_OFFSET
from ovm.core.memory.guest_map import Lookup, Place, Touch, look_up
from ovm.core.memory.guest_walk import Translation, walk
from ovm.core.memory.refusal import RefusalKind, kind_of, reflect, refuse
from ovm.core.memory.tables import GATE_START
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, PhysAddr, Struct, VirtAddr, fn, pointer, u16, u32

_REACHED: Final = 1


class GuestWord(Struct):
    """Result of an access."""

    value: u32
    # Fault status (domain field included, direction not) when an instruction couldn't be read.
    status: u32
    # The action when data couldn't be reached; Vcpu.fault_status and fault_address say more.
    outcome: FaultOutcome
    # The word's address.
    phys: PhysAddr
    # The guest's page of the last data, with _REACHED: the next access of the same kind there needs no walk.
    page: u32


@fn
def guest_translate(vcpu: Vcpu, va: u32, access: Access, privileged: bool, out: Translation) -> bool:
    """Translate by the guest's tables alone, with the rights of a given side; return False with out.status if they deny it.

    An SRT guest has no tables: its addresses are not translated.
    """
    out.gpa = GuestPhysAddr(va)
    if vcpu.level == Level.NRT:
        walk(vcpu, va, out)
        needed = rights_needed(access)
        if out.status == 0 and rights_of(out.rights, privileged) & needed != needed:
            out.status = out.denied
    return out.status == 0


@fn
def guest_locate(vcpu: Vcpu, va: u32, access: Access, privileged: bool, result: GuestWord) -> bool:
    """Find the place of a byte of the guest's memory; return False with result.status if it isn't memory that was touched."""
    translation = Translation()
    place = Place()
    if not guest_translate(vcpu, va, access, privileged, translation):
        result.status = translation.status
        return False
    found = look_up(vcpu, translation.gpa, Touch.NO, place)
    if found != Lookup.FOUND or place.device or va >= GATE_START:
        result.status = FS_EXTERNAL
        return False
    result.status = 0
    result.phys = place.phys
    return True


@fn
def guest_fetch_word(vcpu: Vcpu, va: u32, result: GuestWord) -> bool:
    """Read an aligned instruction with the rights of the guest's present mode; return False with result.status if it can't."""
    if va & 3 != 0:
        result.status = FS_ALIGNMENT
        return False
    if not guest_locate(vcpu, va, Access.FETCH, vcpu.privileged != 0, result):
        return False
    # SAFETY: `look_up` has checked the frame's key.
    result.value = pointer(u32, VirtAddr(u32(result.phys)))[0]
    return True


@fn
def guest_fetch_half(vcpu: Vcpu, va: u32, result: GuestWord) -> bool:
    """Read an aligned halfword (half of a Thumb instruction), as `guest_fetch_word`."""
    if va & 1 != 0:
        result.status = FS_ALIGNMENT
        return False
    if not guest_locate(vcpu, va, Access.FETCH, vcpu.privileged != 0, result):
        return False
    # SAFETY: as above.
    result.value = u32(pointer(u16, VirtAddr(u32(result.phys)))[0])
    return True


@fn
def _find(vcpu: Vcpu, va: u32, access: Access, result: GuestWord) -> bool:
    """Find memory for data by a walk, and ready its frame. After that the instruction is made again."""
    if stay_is_long():
        # The lines of this path were not in the caches. They are now.
        result.outcome = FaultOutcome.RETRY
        return False
    translation = Translation()
    if not guest_translate(vcpu, va, access, vcpu.privileged != 0, translation):
        result.outcome = own_fault(vcpu, va, access, translation)
        return False
    allocations = vcpu.counters.allocations
    place = Place()
    found = look_up(vcpu, translation.gpa, Touch.YES, place)
    if found == Lookup.LATER or vcpu.counters.allocations != allocations:
        result.outcome = FaultOutcome.RETRY
        return False
    if found != Lookup.FOUND or place.device or va >= GATE_START or (access == Access.WRITE and not place.writable):
        kind = RefusalKind.EXHAUSTED if found == Lookup.EXHAUSTED else kind_of(access)
        result.outcome = refuse(vcpu, va, translation.gpa, access, kind)
        return False
    result.phys = place.phys
    return True


@fn
def _reach(vcpu: Vcpu, va: u32, access: Access, result: GuestWord) -> bool:
    """Find an aligned word of data, in the page that was reached last or by a walk."""
    if va & 3 != 0:
        result.outcome = reflect(vcpu, va, access, FS_ALIGNMENT)
        return False
    page = va & FRAME_MASK | _REACHED
    if result.page == page:
        result.phys = PhysAddr(u32(result.phys) & FRAME_MASK | va & FRAME_OFFSET)
        return True
    if not _find(vcpu, va, access, result):
        return False
    result.page = page
    return True


@fn
def guest_load(vcpu: Vcpu, va: u32, result: GuestWord) -> bool:
    """Read an aligned word with the rights of the guest's present mode; return False with result.outcome if it can't now."""
    if not _reach(vcpu, va, Access.READ, result):
        return False
    # SAFETY: `look_up` has checked the frame's key.
    result.value = pointer(u32, VirtAddr(u32(result.phys)))[0]
    return True


@fn
def guest_store(vcpu: Vcpu, va: u32, value: u32, result: GuestWord) -> bool:
    """Write an aligned word, as `guest_load`."""
    if not _reach(vcpu, va, Access.WRITE, result):
        return False
    # SAFETY: as above, and the place is writable for the guest.
    pointer(u32, VirtAddr(u32(result.phys)))[0] = value
    return True
