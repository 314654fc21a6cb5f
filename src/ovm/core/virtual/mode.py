# SPDX-License-Identifier: Apache-2.0
"""Virtual processor modes and their banked registers (ARM B1.3.2).

The hardware always runs a deprivileged guest in User mode; its virtual mode is OVM's variable. Banked sp, lr and spsr
of the virtual modes live in the vCPU page, where the guest's kernel can reach them without a trap; r8-r12 of virtual FIQ mode
are in `Vcpu`. The guest can write the page, so values read from it decide only about the guest's own registers; `Vcpu.mode` is
OVM's own and always valid.
"""

from typing import Final

from ovm.abi.vcpu_page import BANK_ABORT, BANK_FIQ, BANK_IRQ, BANK_SVC, BANK_UNDEF, BANK_USER, VcpuPage
from ovm.arm import psr
from ovm.arm.psr import (
    MODE_ABT,
    MODE_FIQ,
    MODE_IRQ,
    MODE_SVC,
    MODE_SYS,
    MODE_UND,
    MODE_USR,
    PSR_A,
    PSR_F,
    PSR_I,
    PSR_IT,
    PSR_MODE,
    PSR_T,
    PSR_USER,
)
from ovm.core.config import KERNEL_STUBS
from ovm.core.floating import floating_by_mode, floating_leave
from ovm.core.memory.space import space_mode
from ovm.core.vcpu import LR, PC, SP, Vcpu
from ovm.core.virtual.kernel import kernel_enters, kernel_leaves, status_word, thread_exchange
from ovm.metal import fn, overlay, u32

# A bit for each value of CPSR.M that a guest may have: all modes except Monitor.
MODES: Final = sum(1 << mode for mode in (MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS))


@fn(inline=True)
def page_of(vcpu: Vcpu) -> VcpuPage:
    """Return the guest's vCPU page."""
    # SAFETY: boot set the address from the configuration; the frame can't leave the guest.
    return overlay(VcpuPage, vcpu.page)


@fn(inline=True)
def status_tell(vcpu: Vcpu) -> None:
    """Tell stubs in the guest's kernel the mode, A and F, after each change of them."""
    if KERNEL_STUBS:
        page_of(vcpu).status = status_word(vcpu)


@fn(inline=True)
def bank_of(mode: u32) -> u32:
    """Return the index of a mode's banked registers in the vCPU page."""
    match mode:
        case psr.MODE_SVC:
            return BANK_SVC
        case psr.MODE_ABT:
            return BANK_ABORT
        case psr.MODE_UND:
            return BANK_UNDEF
        case psr.MODE_IRQ:
            return BANK_IRQ
        case psr.MODE_FIQ:
            return BANK_FIQ
        case _:
            return BANK_USER


@fn(inline=True)
def is_mode(mode: u32) -> bool:
    """Return whether a CPSR.M value names a mode that a guest may be in."""
    return (MODES >> (mode & 0x1F)) & 1 != 0


@fn(inline=True)
def has_spsr(mode: u32) -> bool:
    """Return whether a valid mode has an SPSR."""
    return mode != MODE_USR and mode != MODE_SYS


@fn(inline=False)
def _exchange_high(vcpu: Vcpu) -> None:
    """Exchange r8-r12 with the bank that isn't current."""
    for index in u32.range(5):
        kept = vcpu.banked_high[index]
        vcpu.banked_high[index] = vcpu.registers[index + 8]
        vcpu.registers[index + 8] = kept


@fn
def mode_switch(vcpu: Vcpu, mode: u32) -> None:
    """Make a valid mode the current one: its sp and lr, and its view of memory."""
    page = page_of(vcpu)
    old = bank_of(vcpu.mode)
    bank = bank_of(mode)
    if old != bank:
        page.sp[old] = vcpu.registers[SP]
        page.lr[old] = vcpu.registers[LR]
        vcpu.registers[SP] = page.sp[bank]
        vcpu.registers[LR] = page.lr[bank]
        if old == BANK_FIQ or bank == BANK_FIQ:
            _exchange_high(vcpu)
    vcpu.mode = mode
    page.mode = mode
    status_tell(vcpu)
    privileged = u32(mode != MODE_USR)
    if privileged != vcpu.privileged:
        vcpu.privileged = privileged
        thread_exchange(vcpu)
        if privileged != 0:
            kernel_enters(vcpu)
        else:
            kernel_leaves(vcpu)
        space_mode(vcpu)
        if floating_by_mode(vcpu):
            floating_leave(vcpu)


@fn
def virtual_psr(vcpu: Vcpu) -> u32:
    """Return the CPSR that the guest believes to have."""
    value = vcpu.psr & PSR_USER | status_word(vcpu)
    if page_of(vcpu).irq_masked != 0:
        value |= PSR_I
    return value


@fn(inline=True)
def set_masks(vcpu: Vcpu, psr: u32) -> None:
    """Take the interrupt masks of a PSR value."""
    page_of(vcpu).irq_masked = psr & PSR_I
    vcpu.fiq_masked = psr & PSR_F != 0
    vcpu.abort_masked = psr & PSR_A != 0
    status_tell(vcpu)


@fn(inline=True)
def set_flags(vcpu: Vcpu, psr: u32) -> None:
    """Take the part of a PSR value with which the hardware runs. IT without T is UNPREDICTABLE and dropped."""
    value = psr & PSR_USER | MODE_USR
    vcpu.psr = value if value & PSR_T != 0 else value & ~PSR_IT


@fn
def set_pc(vcpu: Vcpu, target: u32) -> None:
    """Continue at `target` in the current instruction set; low bits that it can't have are dropped."""
    vcpu.registers[PC] = target & ~u32(1) if vcpu.psr & PSR_T != 0 else target & ~u32(3)


@fn
def psr_return(vcpu: Vcpu, target: u32, psr: u32) -> None:
    """Return from a virtual exception: the whole PSR, then the pc. A mode that doesn't exist becomes User."""
    mode = psr & PSR_MODE
    set_masks(vcpu, psr)
    set_flags(vcpu, psr)
    mode_switch(vcpu, mode if is_mode(mode) else MODE_USR)
    set_pc(vcpu, target)
