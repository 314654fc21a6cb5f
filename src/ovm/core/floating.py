# SPDX-License-Identifier: Apache-2.0
"""Floating point and NEON registers, switched only when a guest uses them.

FPEXC is common to both worlds (ARM B4.1.58). It stays disabled until a guest's first floating-point instruction
traps as Undefined; then the registers change owner. Guests without floating point cost nothing. The hardware's CPACR is open; a
guest's own CPACR is enforced by leaving FPEXC disabled (CheckVFPEnabled, ARM B1.11.1). CPACR is common to both worlds, too, and
code that an HRT guest makes CPU 0 execute in the gate can close it: so every use of floating point checks it first.
"""

from typing import Final

from ovm.arm.control import CPACR_ALL, CPACR_CP10_SHIFT, CPACR_FLOATING, CPACR_PRIVILEGED, FPEXC_EN
from ovm.core.cpu import NOBODY, this_cpu
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import VirtAddr, address, asm_block, fn, naked, u32

# Open CPACR if it isn't; r1 and the flags are lost.
_OPEN: Final = f"""
        mrc   p15, 0, r1, c1, c0, 2
        cmp   r1, #{CPACR_FLOATING}
        beq   1f
        mov   r1, #{CPACR_FLOATING}
        mcr   p15, 0, r1, c1, c0, 2
        isb
    1:
"""


@naked
def fpexc_write(value: u32) -> None:
    """Write FPEXC: VMSR FPEXC, r0 (the compiler itself uses no floating point)."""
    asm_block(f"""
        {_OPEN}
        .inst 0xEEE80A10
        isb
        bx lr
    """)


@naked
def fpscr_read() -> u32:
    """Read FPSCR: VMRS r0, FPSCR."""
    asm_block("""
        .inst 0xEEF10A10
        bx lr
    """)


@naked
def fpscr_write(value: u32) -> None:
    """Write FPSCR: VMSR FPSCR, r0."""
    asm_block("""
        .inst 0xEEE10A10
        bx lr
    """)


@naked
def fpsid_read() -> u32:
    """Read FPSID: VMRS r0, FPSID."""
    asm_block(f"""
        {_OPEN}
        .inst 0xEEF00A10
        bx lr
    """)


@naked
def mvfr0_read() -> u32:
    """Read MVFR0: VMRS r0, MVFR0."""
    asm_block(f"""
        {_OPEN}
        .inst 0xEEF70A10
        bx lr
    """)


@naked
def mvfr1_read() -> u32:
    """Read MVFR1: VMRS r0, MVFR1."""
    asm_block(f"""
        {_OPEN}
        .inst 0xEEF60A10
        bx lr
    """)


@naked
def registers_store(area: VirtAddr) -> None:
    """Store d0-d31: VSTMIA r0!, {d0-d15}; VSTMIA r0!, {d16-d31}."""
    asm_block("""
        .inst 0xECA00B20
        .inst 0xECE00B20
        bx lr
    """)


@naked
def registers_load(area: VirtAddr) -> None:
    """Load d0-d31: VLDMIA r0!, {d0-d15}; VLDMIA r0!, {d16-d31}."""
    asm_block("""
        .inst 0xECB00B20
        .inst 0xECF00B20
        bx lr
    """)


@fn(inline=True)
def floating_by_mode(vcpu: Vcpu) -> bool:
    """Return whether CPACR grants floating point to the guest's privileged modes but not to User mode."""
    return vcpu.cpacr >> CPACR_CP10_SHIFT & 3 == CPACR_PRIVILEGED


@fn(inline=True)
def floating_granted(vcpu: Vcpu) -> bool:
    """Return whether the guest's CPACR grants coprocessors 10 and 11 to its present mode (ARM B4.1.40)."""
    granted = vcpu.cpacr >> CPACR_CP10_SHIFT & 3
    return granted == CPACR_ALL or (granted == CPACR_PRIVILEGED and vcpu.privileged != 0)


@fn
def floating_clear() -> None:
    """Set FPSCR and FPEXC to their reset values: round to nearest, disabled."""
    fpexc_write(FPEXC_EN)
    fpscr_write(0)
    fpexc_write(0)


@fn
def floating_leave(vcpu: Vcpu) -> None:
    """Enable floating point only for the guest whose registers are loaded; called at a switch, or when its rights change."""
    mine = this_cpu().floating_owner == u32(vcpu.index) and floating_granted(vcpu)
    fpexc_write(vcpu.fpexc & FPEXC_EN if mine else 0)


@fn
def floating_take(vcpu: Vcpu) -> bool:
    """Load the guest's registers after an Undefined floating-point instruction.

    Return False if the guest disabled them itself.
    """
    if vcpu.fpexc & FPEXC_EN == 0:
        return False
    owner = this_cpu().floating_owner
    if owner == u32(vcpu.index):
        # They were loaded: the instruction is Undefined for another reason.
        return False
    fpexc_write(FPEXC_EN)
    if owner != NOBODY:
        other = VCPUS[owner]
        registers_store(address(other.floating))
        other.fpscr = fpscr_read()
    registers_load(address(vcpu.floating))
    fpscr_write(vcpu.fpscr)
    this_cpu().floating_owner = u32(vcpu.index)
    return True


@fn
def floating_forget(guest: u32) -> None:
    """Drop a guest's hold on the registers: it has ended."""
    if this_cpu().floating_owner == guest:
        this_cpu().floating_owner = NOBODY
