# SPDX-License-Identifier: Apache-2.0
"""MRS, MSR and CPS on the virtual status registers (ARM B9.3.2, B9.3.8, B9.3.11)."""

from typing import Final

from ovm.arm.psr import PSR_IT, PSR_J, PSR_MODE, PSR_T
from ovm.core.emulate.outcome import Emulated
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.mode import bank_of, has_spsr, is_mode, mode_switch, page_of, set_flags, set_masks, virtual_psr
from ovm.metal import fn, u32

# Bits of a PSR without a meaning; and the execution state, which MSR may not change in CPSR (ARM B1.3.3).
RESERVED: Final = u32(0x00F0_0000)
EXECUTION_STATE: Final = u32(PSR_J | PSR_IT | PSR_T | RESERVED)


@fn
def field_mask(fields: u32) -> u32:
    """Return the bits of a PSR that the four field bits c, x, s, f select, c lowest."""
    mask = u32(0)
    for index in u32.range(4):
        if fields >> index & 1 != 0:
            mask |= 0xFF << (index * 8)
    return mask


@fn
def status_read(vcpu: Vcpu, saved: bool, register: u32) -> Emulated:
    """Emulate MRS. The execution state reads as zero from CPSR (ARM B9.3.8)."""
    if register == 15 or (saved and not has_spsr(vcpu.mode)):
        return Emulated.UNDEFINED
    if saved:
        vcpu.registers[register] = page_of(vcpu).spsr[bank_of(vcpu.mode)]
    else:
        vcpu.registers[register] = virtual_psr(vcpu) & ~EXECUTION_STATE
    return Emulated.DONE


@fn
def status_write(vcpu: Vcpu, saved: bool, fields: u32, value: u32) -> Emulated:
    """Emulate MSR. A mode that doesn't exist leaves the mode unchanged."""
    mask = field_mask(fields) & ~RESERVED
    if saved:
        if not has_spsr(vcpu.mode):
            return Emulated.UNDEFINED
        page = page_of(vcpu)
        bank = bank_of(vcpu.mode)
        page.spsr[bank] = page.spsr[bank] & ~mask | value & mask
        return Emulated.DONE
    mask &= ~EXECUTION_STATE
    old = virtual_psr(vcpu)
    changed = old & ~mask | value & mask
    set_masks(vcpu, changed)
    set_flags(vcpu, changed)
    mode = changed & PSR_MODE
    if is_mode(mode):
        mode_switch(vcpu, mode)
    return Emulated.DONE


@fn
def processor_state(vcpu: Vcpu, operation: u32, affected: u32, change_mode: bool, mode: u32) -> Emulated:
    """Emulate CPS: `operation` 2 enables and 3 disables the exceptions in `affected` (A, I, F from bit 2 down)."""
    if operation == 1 or (change_mode and not is_mode(mode)):
        return Emulated.UNDEFINED
    bits = (affected & 4) << 6 | (affected & 2) << 6 | (affected & 1) << 6
    psr = virtual_psr(vcpu)
    if operation == 2:
        set_masks(vcpu, psr & ~bits)
    elif operation == 3:
        set_masks(vcpu, psr | bits)
    if change_mode:
        mode_switch(vcpu, mode)
    return Emulated.DONE
