# SPDX-License-Identifier: Apache-2.0
"""RETURN, CONTEXT_SET, TLB_INVALIDATE, REGISTER_WRITE: the guest kernel's own machine."""

from ovm.abi import hypercalls
from ovm.abi.hypercalls import INVALID_PARAMETER, SUCCESS, TLB_ADDRESS, TLB_ALL, TLB_ASID
from ovm.core.clock import stays_count
from ovm.core.hypercall.console import call_again
from ovm.core.memory.maintenance import maintain_address, maintain_all, maintain_asid
from ovm.core.memory.space import space_activate
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.control import sctlr_write, ttbcr_write, vbar_write
from ovm.core.virtual.kernel import control_tell
from ovm.core.virtual.mode import bank_of, page_of, psr_return
from ovm.metal import fn, u32


@fn
def virtual_return(vcpu: Vcpu) -> None:
    """Handle RETURN: r0, pc and the PSR come from the page. System mode, which has no SPSR, uses the User bank's word."""
    page = page_of(vcpu)
    psr = page.spsr[bank_of(vcpu.mode)]
    vcpu.registers[0] = page.return_r0
    psr_return(vcpu, page.return_pc, psr)


@fn
def context_set(vcpu: Vcpu) -> None:
    """Handle CONTEXT_SET: r1 = TTBR0, r2 = CONTEXTIDR, r3 = DACR."""
    vcpu.ttbr0 = vcpu.registers[1]
    vcpu.contextidr = vcpu.registers[2]
    vcpu.dacr = vcpu.registers[3]
    control_tell(vcpu)
    space_activate(vcpu)
    vcpu.registers[0] = SUCCESS


@fn
def tlb_invalidate(vcpu: Vcpu) -> None:
    """Handle TLB_INVALIDATE: r1 = kind, r2 = address or ASID."""
    what = vcpu.registers[1]
    result = u32(SUCCESS)
    if what == TLB_ALL:
        maintain_all(vcpu)
    elif what == TLB_ADDRESS:
        stays_count()
        if not maintain_address(vcpu, vcpu.registers[2]):
            call_again(vcpu)
            return
    elif what == TLB_ASID:
        maintain_asid(vcpu, vcpu.registers[2] & 0xFF)
    else:
        result = u32(INVALID_PARAMETER)
    vcpu.registers[0] = result


@fn
def register_write(vcpu: Vcpu) -> None:
    """Handle REGISTER_WRITE: r1 = register, r2 = value."""
    value = vcpu.registers[2]
    vcpu.registers[0] = SUCCESS
    match vcpu.registers[1]:
        case hypercalls.VIRTUAL_SCTLR:
            sctlr_write(vcpu, value)
        case hypercalls.VIRTUAL_VBAR:
            vbar_write(vcpu, value)
        case hypercalls.VIRTUAL_TTBCR:
            ttbcr_write(vcpu, value)
        case hypercalls.VIRTUAL_TTBR1:
            vcpu.ttbr1 = value
            space_activate(vcpu)
        case _:
            vcpu.registers[0] = INVALID_PARAMETER
