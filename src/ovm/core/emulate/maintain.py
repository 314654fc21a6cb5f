# SPDX-License-Identifier: Apache-2.0
"""Cache, branch predictor, TLB and address translation operations of a guest (ARM B4.2).

Data caches are coherent for all that a deprivileged guest can see, so its operations matter only for code that it
writes: a clean by address is done to the physical line, through the flat map; a clean by set and way as it is.
Invalidation never reaches the hardware as such: it would destroy data, of others too. It becomes a clean, or nothing.
"""

from typing import Final

from ovm.arm import cp15
from ovm.arm.cp15 import key_of
from ovm.core.memory.access import Access
from ovm.core.memory.guest_access import GuestWord, guest_locate
from ovm.core.memory.maintenance import maintain_address, maintain_all, maintain_asid
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
_NOTHING: Final = tuple(key_of(register) for register in (cp15.DCIMVAC, cp15.DCISW))
# CP15ISB, CP15DSB, CP15DMB, the old WFI and PAR, which is written like an operation.
_BARRIERS: Final = (cp15.key(7, 0, 5, 4), cp15.key(7, 0, 10, 4), cp15.key(7, 0, 10, 5), cp15.key(7, 0, 0, 4))
_PAR: Final = key_of(cp15.PAR)
_TRANSLATE: Final = key_of(cp15.ATS1CPR)
# PAR of a translation that failed (ARM B4.1.112): F, and the fault status in bits 6:1.
PAR_FAILED: Final = 1
# Operand of a set/way operation: 4 ways in the top bits, sets above the bytes of a line (A9 7.1).
LINE_SHIFT: Final = 5
WAYS: Final = 0xC000_0000


@fn
def _translate(vcpu: Vcpu, operation: u32, value: u32) -> None:
    """ATS1CPR, CPW, CUR, CUW: the guest's own translation, into its PAR."""
    word = GuestWord()
    access = Access.WRITE if operation & 1 != 0 else Access.READ
    if guest_locate(vcpu, value, access, operation & 2 == 0, word):
        vcpu.physical_address = u32(word.gpa) & 0xFFFF_F000
    else:
        vcpu.physical_address = (word.status & 0xF | word.status >> 6 & 0x10) << 1 | PAR_FAILED


@fn
def _clean(vcpu: Vcpu, address: u32) -> None:
    """Clean the line of a guest's address to the point of coherency; nothing if it maps nothing."""
    word = GuestWord()
    if guest_locate(vcpu, address, Access.READ, True, word):
        # In Monitor mode this is translated by the secure map, which has the line as Non-secure: the guest's line.
        cp15_write(cp15.DCCMVAC, u32(word.phys))
        dsb()


@fn
def _set_and_way(value: u32) -> u32:
    """Keep a set and way of the L1 data cache: other sets, ways and levels are UNPREDICTABLE (ARM B4.2.1)."""
    cp15_write(cp15.CSSELR, u32(0))
    isb()
    last_set = cp15_read(cp15.CCSIDR) >> 13 & 0x7FFF
    return value & (last_set << LINE_SHIFT | WAYS)


@fn
def _data(vcpu: Vcpu, register: u32, value: u32) -> bool:
    for code in unroll(_CLEAN):
        if register == code:
            _clean(vcpu, value)
            return True
    for code in unroll(_CLEAN_WAY):
        if register == code:
            cp15_write(cp15.DCCSW, _set_and_way(value))
            dsb()
            return True
    found = False
    for code in unroll(_NOTHING + _BARRIERS):
        if register == code:
            found = True
    return found


@fn
def _instruction_caches() -> None:
    """Invalidate them whole: the guest's addresses aren't OVM's, and the cache is indexed by them."""
    cp15_write(cp15.ICIALLU, u32(0))
    cp15_write(cp15.BPIALL, u32(0))
    dsb()
    isb()


@fn
def _tlb(vcpu: Vcpu, register: u32, value: u32) -> bool:
    for code in unroll(_ALL):
        if register == code:
            maintain_all(vcpu)
            return True
    for code in unroll(_BY_ADDRESS):
        if register == code:
            maintain_address(vcpu, value)
            return True
    for code in unroll(_BY_ASID):
        if register == code:
            maintain_asid(vcpu, value & 0xFF)
            return True
    return False


@fn(inline=False)
def operation_write(vcpu: Vcpu, register: u32, value: u32) -> bool:
    """Do the operation with this key; False if there is none."""
    if register >> 12 == 8:
        return _tlb(vcpu, register, value)
    for code in unroll(_INSTRUCTION):
        if register == code:
            _instruction_caches()
            return True
    if register & ~u32(3) == _TRANSLATE:
        _translate(vcpu, register & 3, value)
        return True
    if register == _PAR:
        vcpu.physical_address = value
        return True
    return _data(vcpu, register, value)
