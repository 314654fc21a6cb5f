# SPDX-License-Identifier: Apache-2.0
"""Cache, branch predictor, TLB and address translation operations of a guest (ARM B4.2).

Data caches are coherent for all that a deprivileged guest can see, so its operations matter only for code that it writes: a
clean by address is done to the physical line, through the flat map; a clean by set and way unchanged. Invalidation is never
done as such in the hardware: it would destroy data, of others too. It becomes a clean, or nothing.
"""

from typing import Final

from ovm.arm import cp15
from ovm.arm.faults import FS_DOMAIN_PAGE, FS_EXTERNAL_WALK_PAGE, FS_PAGE, FS_PERMISSION_PAGE
from ovm.core.emulate.outcome import Emulated, without_data
from ovm.core.memory.access import Access
from ovm.core.memory.fault import own_fault
from ovm.core.memory.guest_access import guest_translate
from ovm.core.memory.guest_map import Lookup, Place, Touch, look_up
from ovm.core.memory.guest_walk import Extent, Translation
from ovm.core.memory.maintenance import maintain_address, maintain_all, maintain_asid
from ovm.core.vcpu import Vcpu
from ovm.metal import cp15_read, cp15_write, dsb, fn, isb, u32

# PAR (ARM B4.1.112). Failed: F, and the fault status in bits 6:1. Else attributes: shareable, inner and outer write-back
# write-allocate; or device. A supersection has its address in the top 8 bits.
PAR_FAILED: Final = 1
PAR_MEMORY: Final = u32(1 << 7 | 0b101 << 4 | 0b01 << 2)
PAR_DEVICE: Final = u32(1 << 7 | 0b011 << 4)
PAR_SUPERSECTION: Final = 1 << 1
PAR_BELOW_SUPERSECTION: Final = u32(0x00FF_F000)
# Operand of a set/way operation: 4 ways in the top bits, sets above the bytes of a line (A9 7.1).
LINE_SHIFT: Final = 5
WAYS: Final = 0xC000_0000
ASID: Final = 0xFF


@fn
def _attributes(vcpu: Vcpu, translation: Translation) -> u32:
    """Return the attributes of memory for PAR: the real ones, not those in the guest's tables; 0 if there is none."""
    place = Place()
    found = look_up(vcpu, translation.gpa, Touch.NO, place)
    if found == Lookup.EMPTY or found == Lookup.FOUND and not place.device:
        return PAR_MEMORY
    return PAR_DEVICE


@fn
def translate(vcpu: Vcpu, operation: u32, value: u32) -> Emulated:
    """Emulate ATS1CPR, CPW, CUR, CUW: the guest's own translation, into its PAR (ARM B4.2.4, B4.1.112)."""
    translation = Translation()
    access = Access.WRITE if operation & 1 != 0 else Access.READ
    if guest_translate(vcpu, value, access, operation & 2 == 0, translation):
        page = u32(translation.gpa) & 0xFFFF_F000 | _attributes(vcpu, translation)
        if translation.extent == Extent.SUPERSECTION:
            page = page & ~PAR_BELOW_SUPERSECTION | PAR_SUPERSECTION
        vcpu.physical_address = page
    elif translation.status & 0xF | FS_PAGE == FS_EXTERNAL_WALK_PAGE:
        return without_data(own_fault(vcpu, value, Access.WRITE, translation))
    else:
        vcpu.physical_address = (translation.status & 0xF | translation.status >> 6 & 0x10) << 1 | PAR_FAILED
    return Emulated.DONE


@fn
def _translates(vcpu: Vcpu, address: u32, translation: Translation) -> bool:
    """Translate for maintenance by address, which needs no rights: domains and permissions make no fault (ARM B3.12.3)."""
    if guest_translate(vcpu, address, Access.READ, True, translation):
        return True
    code = translation.status & 0xF | FS_PAGE
    return code == FS_DOMAIN_PAGE or code == FS_PERMISSION_PAGE


@fn
def data_line(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Emulate DCCMVAC, DCCMVAU, DCCIMVAC, DCIMVAC: clean the line to the point of coherency; do nothing where no memory is."""
    translation = Translation()
    if not _translates(vcpu, value, translation):
        # ARM B4.1.52: faults of maintenance count as writes.
        return without_data(own_fault(vcpu, value, Access.WRITE, translation))
    place = Place()
    if look_up(vcpu, translation.gpa, Touch.NO, place) == Lookup.FOUND and not place.device:
        # In Monitor mode this is translated by the secure map, which has the line as Non-secure: the guest's line.
        cp15_write(cp15.DCCMVAC, u32(place.phys))
        dsb()
    return Emulated.DONE


@fn
def _set_and_way(value: u32) -> u32:
    """Keep a set and way of the L1 data cache: other sets, ways and levels are UNPREDICTABLE (ARM B4.2.1)."""
    cp15_write(cp15.CSSELR, 0)
    isb()
    last_set = cp15_read(cp15.CCSIDR) >> 13 & 0x7FFF
    return value & (last_set << LINE_SHIFT | WAYS)


@fn
def data_set_way(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Emulate DCCSW, DCCISW."""
    cp15_write(cp15.DCCSW, _set_and_way(value))
    dsb()
    return Emulated.DONE


@fn
def instruction_all(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Emulate ICIALLU, BPIALL, BPIMVA (which needs no translation), and those of the inner shareable domain: invalidate all.

    The guest's addresses aren't OVM's, and the cache is indexed by them.
    """
    cp15_write(cp15.ICIALLU, 0)
    cp15_write(cp15.BPIALL, 0)
    dsb()
    isb()
    return Emulated.DONE


@fn
def instruction_line(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Emulate ICIMVAU, which names an address that has to be mapped."""
    translation = Translation()
    if not _translates(vcpu, value, translation):
        return without_data(own_fault(vcpu, value, Access.WRITE, translation))
    return instruction_all(vcpu, operand, value)


@fn
def tlb_all(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Emulate TLBIALL."""
    maintain_all(vcpu)
    return Emulated.DONE


@fn
def tlb_address(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Emulate TLBIMVA, TLBIMVAA."""
    return Emulated.DONE if maintain_address(vcpu, value) else Emulated.AGAIN


@fn
def tlb_asid(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Emulate TLBIASID."""
    maintain_asid(vcpu, value & ASID)
    return Emulated.DONE
