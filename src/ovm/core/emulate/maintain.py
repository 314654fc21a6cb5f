# SPDX-License-Identifier: Apache-2.0
"""Cache, branch predictor, TLB and address translation operations of a guest (ARM B4.2).

Data caches are coherent for all that a deprivileged guest can see, so its operations matter only for code that it
writes: a clean by address is done to the physical line, through the flat map; a clean by set and way as it is.
Invalidation never reaches the hardware as such: it would destroy data, of others too. It becomes a clean, or nothing.
"""

from typing import Final

from ovm.arm import cp15
from ovm.arm.cp15 import key_of
from ovm.arm.faults import FS_DOMAIN_PAGE, FS_EXTERNAL_WALK_PAGE, FS_PAGE, FS_PERMISSION_PAGE
from ovm.core.emulate.outcome import Emulated, without_data
from ovm.core.memory.access import Access
from ovm.core.memory.fault import own_fault
from ovm.core.memory.guest_access import guest_translate
from ovm.core.memory.guest_map import Lookup, Place, Touch, look_up
from ovm.core.memory.maintenance import maintain_address, maintain_all, maintain_asid
from ovm.core.memory.walk import Extent, Translation
from ovm.core.vcpu import Vcpu
from ovm.metal import cp15_read, cp15_write, dsb, fn, isb, u32, unroll

_ALL: Final = tuple(
    key_of(register)
    for register in (cp15.TLBIALL, cp15.TLBIALLIS)
) + tuple(cp15.key(8, 0, crm, 0) for crm in (5, 6))
_BY_ADDRESS: Final = tuple(
    key_of(register)
    for register in (cp15.TLBIMVA, cp15.TLBIMVAIS, cp15.TLBIMVAA, cp15.TLBIMVAAIS)
) + tuple(cp15.key(8, 0, crm, op2) for crm in (5, 6) for op2 in (1, 3))
_BY_ASID: Final = tuple(
    key_of(register)
    for register in (cp15.TLBIASID, cp15.TLBIASIDIS)
) + tuple(cp15.key(8, 0, crm, 2) for crm in (5, 6))
_INSTRUCTION: Final = tuple(
    key_of(register)
    for register in (cp15.ICIALLU, cp15.ICIALLUIS, cp15.ICIMVAU, cp15.BPIALL, cp15.BPIALLIS, cp15.BPIMVA)
)
_CLEAN: Final = tuple(key_of(register) for register in (cp15.DCCMVAC, cp15.DCCMVAU, cp15.DCCIMVAC))
_CLEAN_WAY: Final = tuple(key_of(register) for register in (cp15.DCCSW, cp15.DCCISW))
_INVALIDATE: Final = (key_of(cp15.DCIMVAC),)
# DCISW, and the prefetch of an instruction line, which ARMv7 has as a NOP (ARM B3.17.2).
_NOTHING: Final = (key_of(cp15.DCISW), cp15.key(7, 0, 13, 1))
# CP15ISB, CP15DSB, CP15DMB, the old WFI and PAR, which is written like an operation.
_BARRIERS: Final = (cp15.key(7, 0, 5, 4), cp15.key(7, 0, 10, 4), cp15.key(7, 0, 10, 5), cp15.key(7, 0, 0, 4))
_PAR: Final = key_of(cp15.PAR)
_TRANSLATE: Final = key_of(cp15.ATS1CPR)
_ICIMVAU: Final = key_of(cp15.ICIMVAU)
# PAR (ARM B4.1.112). Failed: F, and the fault status in bits 6:1. Else attributes: shareable, inner and outer write-back
# write-allocate; or device. A supersection has its address in the top 8 bits.
PAR_FAILED: Final = 1
PAR_MEMORY: Final = 1 << 7 | 0b101 << 4 | 0b01 << 2
PAR_DEVICE: Final = 1 << 7 | 0b011 << 4
PAR_SUPERSECTION: Final = 1 << 1
PAR_BELOW_SUPERSECTION: Final = 0x00FF_F000
# Operand of a set/way operation: 4 ways in the top bits, sets above the bytes of a line (A9 7.1).
LINE_SHIFT: Final = 5
WAYS: Final = 0xC000_0000


@fn
def _attributes(vcpu: Vcpu, translation: Translation) -> u32:
    """What PAR says of memory, which is what it has, not what the guest's tables ask for; nothing if there is none."""
    place = Place()
    found = look_up(vcpu, translation.gpa, Touch.NO, place)
    if found == Lookup.EMPTY or found == Lookup.FOUND and not place.device:
        return u32(PAR_MEMORY)
    return u32(PAR_DEVICE)


@fn
def _translate(vcpu: Vcpu, operation: u32, value: u32) -> Emulated:
    """ATS1CPR, CPW, CUR, CUW: the guest's own translation, into its PAR (ARM B4.2.4, B4.1.112)."""
    translation = Translation()
    access = Access.WRITE if operation & 1 != 0 else Access.READ
    if guest_translate(vcpu, value, access, operation & 2 == 0, translation):
        page = u32(translation.gpa) & 0xFFFF_F000 | _attributes(vcpu, translation)
        if translation.extent == Extent.SUPERSECTION:
            page = page & ~u32(PAR_BELOW_SUPERSECTION) | PAR_SUPERSECTION
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
def _clean(vcpu: Vcpu, address: u32) -> Emulated:
    """Clean the line of a guest's address to the point of coherency; nothing if no memory is there."""
    translation = Translation()
    if not _translates(vcpu, address, translation):
        # ARM B4.1.52: faults of maintenance count as writes.
        return without_data(own_fault(vcpu, address, Access.WRITE, translation))
    place = Place()
    if look_up(vcpu, translation.gpa, Touch.NO, place) == Lookup.FOUND and not place.device:
        # In Monitor mode this is translated by the secure map, which has the line as Non-secure: the guest's line.
        cp15_write(cp15.DCCMVAC, u32(place.phys))
        dsb()
    return Emulated.DONE


@fn
def _set_and_way(value: u32) -> u32:
    """Keep a set and way of the L1 data cache: other sets, ways and levels are UNPREDICTABLE (ARM B4.2.1)."""
    cp15_write(cp15.CSSELR, u32(0))
    isb()
    last_set = cp15_read(cp15.CCSIDR) >> 13 & 0x7FFF
    return value & (last_set << LINE_SHIFT | WAYS)


@fn
def _data(vcpu: Vcpu, register: u32, value: u32) -> Emulated:
    for code in unroll(_CLEAN + _INVALIDATE):
        if register == code:
            return _clean(vcpu, value)
    for code in unroll(_CLEAN_WAY):
        if register == code:
            cp15_write(cp15.DCCSW, _set_and_way(value))
            dsb()
            return Emulated.DONE
    for code in unroll(_NOTHING + _BARRIERS):
        if register == code:
            return Emulated.DONE
    return Emulated.UNDEFINED


@fn
def _instruction_caches() -> None:
    """Invalidate them whole: the guest's addresses aren't OVM's, and the cache is indexed by them."""
    cp15_write(cp15.ICIALLU, u32(0))
    cp15_write(cp15.BPIALL, u32(0))
    dsb()
    isb()


@fn
def _tlb(vcpu: Vcpu, register: u32, value: u32) -> Emulated:
    for code in unroll(_ALL):
        if register == code:
            maintain_all(vcpu)
            return Emulated.DONE
    for code in unroll(_BY_ADDRESS):
        if register == code:
            return Emulated.DONE if maintain_address(vcpu, value) else Emulated.AGAIN
    for code in unroll(_BY_ASID):
        if register == code:
            maintain_asid(vcpu, value & 0xFF)
            return Emulated.DONE
    return Emulated.UNDEFINED


@fn
def _instruction(vcpu: Vcpu, register: u32, value: u32) -> Emulated:
    """ICIMVAU names an address, which has to be mapped, the others none (BPIMVA needs no translation)."""
    translation = Translation()
    if register == _ICIMVAU and not _translates(vcpu, value, translation):
        return without_data(own_fault(vcpu, value, Access.WRITE, translation))
    _instruction_caches()
    return Emulated.DONE


@fn(inline=False)
def operation_write(vcpu: Vcpu, register: u32, value: u32) -> Emulated:
    """Do the operation with this key."""
    if register >> 12 == 8:
        return _tlb(vcpu, register, value)
    for code in unroll(_INSTRUCTION):
        if register == code:
            return _instruction(vcpu, register, value)
    if register & ~u32(3) == _TRANSLATE:
        return _translate(vcpu, register & 3, value)
    if register == _PAR:
        vcpu.physical_address = value
        return Emulated.DONE
    return _data(vcpu, register, value)
