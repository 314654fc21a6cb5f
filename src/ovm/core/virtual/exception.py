# SPDX-License-Identifier: Apache-2.0
"""Virtual exceptions: the hardware's actions on entry, done to a virtual CPU (ARM B1.8, B1.9).

`TakeException` for each kind: bank the PSR, link, mask, clear IT, choose the instruction set and byte order from the
guest's SCTLR, and go to its vector. The link values are those of ARM B1.8.3, table B1-7.
"""

from typing import Final

from ovm.arm.control import SCTLR_EE, SCTLR_TE, SCTLR_V
from ovm.arm.psr import (
    HIGH_VECTORS,
    MODE_ABT,
    MODE_IRQ,
    MODE_SVC,
    MODE_UND,
    MODE_USR,
    PSR_E,
    PSR_I,
    PSR_T,
    VECTOR_DATA_ABORT,
    VECTOR_IRQ,
    VECTOR_PREFETCH_ABORT,
    VECTOR_SUPERVISOR_CALL,
    VECTOR_UNDEFINED,
)
from ovm.core.memory.maintenance import maintenance_restart
from ovm.core.vcpu import LR, PC, Vcpu
from ovm.core.virtual.kernel import kernel_closes
from ovm.core.virtual.mode import bank_of, mode_switch, page_of, status_tell, virtual_psr
from ovm.metal import fn, u32

VECTORS_BYTES: Final = 32


@fn(inline=True)
def vectors_of(vcpu: Vcpu) -> u32:
    """Return the address of the guest's vectors."""
    return HIGH_VECTORS if vcpu.sctlr & SCTLR_V != 0 else vcpu.vbar


@fn
def _enter(vcpu: Vcpu, mode: u32, vector: u32, link: u32) -> None:
    """Do the common part of every exception. The caller masks aborts where the kind requires it."""
    psr = virtual_psr(vcpu)
    page = page_of(vcpu)
    mode_switch(vcpu, mode)
    page.spsr[bank_of(mode)] = psr
    vcpu.registers[LR] = link
    page.irq_masked = PSR_I
    flags = psr & 0xF80F_0000 | MODE_USR
    if vcpu.sctlr & SCTLR_TE != 0:
        flags |= PSR_T
    if vcpu.sctlr & SCTLR_EE != 0:
        flags |= PSR_E
    vcpu.psr = flags
    vcpu.registers[PC] = vectors_of(vcpu) + vector
    vcpu.counters.exceptions += 1
    maintenance_restart(vcpu)


@fn(inline=True)
def take_supervisor_call(vcpu: Vcpu) -> None:
    """Take a virtual SVC; pc is the instruction after it."""
    kernel_closes(vcpu)
    _enter(vcpu, MODE_SVC, VECTOR_SUPERVISOR_CALL, vcpu.registers[PC])


@fn(inline=True)
def take_undefined(vcpu: Vcpu) -> None:
    """Take a virtual Undefined exception; pc is that instruction."""
    width = u32(2 if vcpu.psr & PSR_T != 0 else 4)
    _enter(vcpu, MODE_UND, VECTOR_UNDEFINED, vcpu.registers[PC] + width)


@fn
def take_prefetch_abort(vcpu: Vcpu, status: u32, address: u32) -> None:
    """Take a virtual prefetch abort; pc is the instruction that couldn't be fetched."""
    page = page_of(vcpu)
    vcpu.guest_ifsr = status
    vcpu.guest_ifar = address
    page.ifsr = status
    page.ifar = address
    _enter(vcpu, MODE_ABT, VECTOR_PREFETCH_ABORT, vcpu.registers[PC] + 4)
    vcpu.abort_masked = True
    status_tell(vcpu)


@fn
def take_data_abort(vcpu: Vcpu, status: u32, address: u32) -> None:
    """Take a virtual data abort; pc is the instruction that aborted."""
    page = page_of(vcpu)
    vcpu.guest_dfsr = status
    vcpu.guest_dfar = address
    page.dfsr = status
    page.dfar = address
    _enter(vcpu, MODE_ABT, VECTOR_DATA_ABORT, vcpu.registers[PC] + 8)
    vcpu.abort_masked = True
    status_tell(vcpu)


@fn(inline=True)
def take_interrupt(vcpu: Vcpu) -> None:
    """Take a virtual IRQ; pc is the instruction that runs next."""
    kernel_closes(vcpu)
    _enter(vcpu, MODE_IRQ, VECTOR_IRQ, vcpu.registers[PC] + 4)
    vcpu.abort_masked = True
    status_tell(vcpu)
    vcpu.counters.interrupts += 1
