# SPDX-License-Identifier: Apache-2.0
"""Virtual registers that are storage, and the other effects of a write to them.

Each function has the shape that a row of `registers` expects: a read gets the vCPU and the row's operand, a write also the value.
The operand is mostly the offset of a field of `Vcpu`.
"""

from typing import Final

from ovm.arm import cp15
from ovm.arm.control import CPACR_FLOATING
from ovm.core.emulate.outcome import Emulated
from ovm.core.floating import floating_leave
from ovm.core.memory.space import space_activate
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.control import sctlr_write, ttbcr_write, vbar_write
from ovm.core.virtual.kernel import control_tell
from ovm.metal import Ptr, address, cp15_read, cp15_write, fn, isb, pointer, u32

CSSELR_BITS: Final = 0xF


@fn(inline=True)
def _field(vcpu: Vcpu, offset: u32) -> Ptr[u32]:
    # SAFETY: `registers` takes the offset from the layout of Vcpu, of a field of 32 bits.
    return pointer(u32, address(vcpu) + offset)


@fn(inline=True)
def field_read(vcpu: Vcpu, offset: u32) -> u32:
    """Read a field of the vCPU."""
    return _field(vcpu, offset)[0]


@fn(inline=True)
def field_write(vcpu: Vcpu, offset: u32, value: u32) -> Emulated:
    """Write a field of the vCPU."""
    _field(vcpu, offset)[0] = value
    return Emulated.DONE


@fn(inline=True)
def constant(vcpu: Vcpu, value: u32) -> u32:
    """Read a constant."""
    return value


@fn(inline=True)
def nothing(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Ignore the write, as the register's description allows, or do the operation, which has no effect here."""
    return Emulated.DONE


@fn
def context_write(vcpu: Vcpu, offset: u32, value: u32) -> Emulated:
    """Write a register on which translation depends, and give the CPU the guest's present context."""
    _field(vcpu, offset)[0] = value
    control_tell(vcpu)
    space_activate(vcpu)
    return Emulated.DONE


@fn
def control_write(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Write SCTLR."""
    sctlr_write(vcpu, value)
    return Emulated.DONE


@fn
def table_control_write(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Write TTBCR."""
    ttbcr_write(vcpu, value)
    return Emulated.DONE


@fn
def vectors_write(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Write VBAR."""
    vbar_write(vcpu, value)
    return Emulated.DONE


@fn
def access_write(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Write CPACR: the access rights of cp10 and cp11, since no other coprocessor exists.

    Nor can Advanced SIMD be disabled alone: ASEDIS and D32DIS read as zero, as they may (ARM B4.1.40).
    """
    vcpu.cpacr = value & CPACR_FLOATING
    floating_leave(vcpu)
    return Emulated.DONE


@fn
def cache_select_write(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Write CSSELR."""
    vcpu.csselr = value & CSSELR_BITS
    return Emulated.DONE


@fn
def cache_size_read(vcpu: Vcpu, operand: u32) -> u32:
    """Read CCSIDR of the cache that the guest selected; CSSELR is banked, so the guest's choice goes through it."""
    cp15_write(cp15.CSSELR, vcpu.csselr)
    isb()
    return cp15_read(cp15.CCSIDR)


@fn
def thread_user_write(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Write TPIDRURW, which User mode reaches in the hardware."""
    vcpu.tpidrurw = value
    cp15_write(cp15.TPIDRURW, value)
    return Emulated.DONE


@fn
def thread_read_only_write(vcpu: Vcpu, operand: u32, value: u32) -> Emulated:
    """Write TPIDRURO, which User mode reads in the hardware."""
    vcpu.tpidruro = value
    cp15_write(cp15.TPIDRURO, value)
    return Emulated.DONE
