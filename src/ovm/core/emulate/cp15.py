# SPDX-License-Identifier: Apache-2.0
"""MRC and MCR on the virtual coprocessor 15 (ARM B3.17, B4.1, B4.2).

Registers are those of a Cortex-A9 without Security Extensions; operations are in `maintain`. What isn't here is
Undefined for the guest.
"""

from typing import Final

from ovm.arm import cp15
from ovm.arm.control import CPACR_FLOATING
from ovm.arm.cp15 import key_of
from ovm.core.emulate.identification import KNOWN, identification_read
from ovm.core.emulate.maintain import operation_write
from ovm.core.emulate.outcome import Emulated
from ovm.core.floating import floating_leave
from ovm.core.memory.space import space_activate
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.control import sctlr_write, ttbcr_write, vbar_write
from ovm.metal import cp15_read, cp15_write, fn, isb, u32, u64

_SCTLR: Final = key_of(cp15.SCTLR)
_ACTLR: Final = key_of(cp15.ACTLR)
_CPACR: Final = key_of(cp15.CPACR)
_TTBR0: Final = key_of(cp15.TTBR0)
_TTBR1: Final = key_of(cp15.TTBR1)
_TTBCR: Final = key_of(cp15.TTBCR)
_DACR: Final = key_of(cp15.DACR)
_DFSR: Final = key_of(cp15.DFSR)
_IFSR: Final = key_of(cp15.IFSR)
# And AIFSR, the next one.
_ADFSR: Final = key_of(cp15.ADFSR)
_DFAR: Final = key_of(cp15.DFAR)
_IFAR: Final = key_of(cp15.IFAR)
_PAR: Final = key_of(cp15.PAR)
_PRRR: Final = key_of(cp15.PRRR)
_NMRR: Final = key_of(cp15.NMRR)
_VBAR: Final = key_of(cp15.VBAR)
_ISR: Final = key_of(cp15.ISR)
_FCSEIDR: Final = key_of(cp15.FCSEIDR)
_CONTEXTIDR: Final = key_of(cp15.CONTEXTIDR)
_TPIDRURW: Final = key_of(cp15.TPIDRURW)
_TPIDRURO: Final = key_of(cp15.TPIDRURO)
_TPIDRPRW: Final = key_of(cp15.TPIDRPRW)
_CSSELR: Final = key_of(cp15.CSSELR)
_CCSIDR: Final = key_of(cp15.CCSIDR)
_PMUSERENR: Final = key_of(cp15.PMUSERENR)


@fn
def _cache_size(vcpu: Vcpu) -> u32:
    """CCSIDR of the cache that the guest selected; CSSELR is banked, so the guest's choice goes through it."""
    cp15_write(cp15.CSSELR, vcpu.csselr)
    isb()
    return cp15_read(cp15.CCSIDR)


@fn
def _context_read(vcpu: Vcpu, register: u32) -> u64:
    value = u32(0)
    if register == _CONTEXTIDR:
        value = vcpu.contextidr
    elif register == _TPIDRURW:
        value = cp15_read(cp15.TPIDRURW)
    elif register == _TPIDRURO:
        value = vcpu.tpidruro
    elif register == _TPIDRPRW:
        value = vcpu.tpidrprw
    elif register == _VBAR:
        value = vcpu.vbar
    elif register == _CSSELR:
        value = vcpu.csselr
    elif register == _CCSIDR:
        value = _cache_size(vcpu)
    elif register == _PAR:
        value = vcpu.physical_address
    elif register != _FCSEIDR and register != _ISR and register != _PMUSERENR:
        return identification_read(register)
    return u64(value) | KNOWN


@fn(inline=False)
def register_read(vcpu: Vcpu, register: u32) -> u64:
    """Read a virtual register by its key; bit 32 of the result says whether there is one."""
    match register >> 12:
        case 1:
            return _control_read(vcpu, register)
        case 2 | 3:
            return _translation_read(vcpu, register)
        case 5 | 6:
            return _fault_read(vcpu, register)
        case 10:
            if register == _PRRR:
                return u64(vcpu.prrr) | KNOWN
            return u64(vcpu.nmrr) | KNOWN if register == _NMRR else u64(0)
        case _:
            return _context_read(vcpu, register)


@fn
def _control_read(vcpu: Vcpu, register: u32) -> u64:
    if register == _SCTLR:
        return u64(vcpu.sctlr) | KNOWN
    if register == _ACTLR:
        return u64(vcpu.actlr) | KNOWN
    if register == _CPACR:
        return u64(vcpu.cpacr) | KNOWN
    return u64(0)


@fn
def _translation_read(vcpu: Vcpu, register: u32) -> u64:
    if register == _TTBR0:
        return u64(vcpu.ttbr0) | KNOWN
    if register == _TTBR1:
        return u64(vcpu.ttbr1) | KNOWN
    if register == _TTBCR:
        return u64(vcpu.ttbcr) | KNOWN
    if register == _DACR:
        return u64(vcpu.dacr) | KNOWN
    return u64(0)


@fn
def _fault_read(vcpu: Vcpu, register: u32) -> u64:
    if register == _DFSR:
        return u64(vcpu.guest_dfsr) | KNOWN
    if register == _IFSR:
        return u64(vcpu.guest_ifsr) | KNOWN
    if register == _DFAR:
        return u64(vcpu.guest_dfar) | KNOWN
    if register == _IFAR:
        return u64(vcpu.guest_ifar) | KNOWN
    return u64(KNOWN) if register & ~u32(1) == _ADFSR else u64(0)


@fn(inline=False)
def register_write(vcpu: Vcpu, register: u32, value: u32) -> Emulated:
    """Write a virtual register or do an operation."""
    known = False
    match register >> 12:
        case 1:
            known = _control_write(vcpu, register, value)
        case 2 | 3:
            known = _translation_write(vcpu, register, value)
        case 5 | 6:
            known = _fault_write(vcpu, register, value)
        case 7 | 8:
            return operation_write(vcpu, register, value)
        case _:
            known = _context_write(vcpu, register, value)
    return Emulated.DONE if known else Emulated.UNDEFINED


@fn
def _control_write(vcpu: Vcpu, register: u32, value: u32) -> bool:
    if register == _SCTLR:
        sctlr_write(vcpu, value)
    elif register == _ACTLR:
        vcpu.actlr = value
    elif register == _CPACR:
        # The access rights of cp10 and cp11: no other coprocessor exists. Nor can Advanced SIMD be disabled alone: ASEDIS and
        # D32DIS read as zero, as they may (ARM B4.1.40).
        vcpu.cpacr = value & CPACR_FLOATING
        floating_leave(vcpu)
    else:
        return False
    return True


@fn
def _translation_write(vcpu: Vcpu, register: u32, value: u32) -> bool:
    if register == _TTBCR:
        ttbcr_write(vcpu, value)
        return True
    if register == _TTBR0:
        vcpu.ttbr0 = value
    elif register == _TTBR1:
        vcpu.ttbr1 = value
    elif register == _DACR:
        vcpu.dacr = value
    else:
        return False
    space_activate(vcpu)
    return True


@fn
def _fault_write(vcpu: Vcpu, register: u32, value: u32) -> bool:
    if register == _DFSR:
        vcpu.guest_dfsr = value
    elif register == _IFSR:
        vcpu.guest_ifsr = value
    elif register == _DFAR:
        vcpu.guest_dfar = value
    elif register == _IFAR:
        vcpu.guest_ifar = value
    else:
        return register & ~u32(1) == _ADFSR
    return True


@fn
def _thread_write(vcpu: Vcpu, register: u32, value: u32) -> bool:
    if register == _TPIDRURW:
        vcpu.tpidrurw = value
        cp15_write(cp15.TPIDRURW, value)
    elif register == _TPIDRURO:
        vcpu.tpidruro = value
        cp15_write(cp15.TPIDRURO, value)
    elif register == _TPIDRPRW:
        vcpu.tpidrprw = value
    else:
        return False
    return True


@fn
def _context_write(vcpu: Vcpu, register: u32, value: u32) -> bool:
    if register == _CONTEXTIDR:
        vcpu.contextidr = value
        space_activate(vcpu)
    elif register == _VBAR:
        vbar_write(vcpu, value)
    elif register == _CSSELR:
        vcpu.csselr = value & 0xF
    elif register == _PRRR:
        vcpu.prrr = value
    elif register == _NMRR:
        vcpu.nmrr = value
    elif register == _FCSEIDR:
        # The FCSE is not there: writes are ignored (ARM B4.1.67).
        return True
    else:
        return _thread_write(vcpu, register, value)
    return True
