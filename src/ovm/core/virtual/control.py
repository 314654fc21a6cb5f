# SPDX-License-Identifier: Apache-2.0
"""Writes to virtual control registers: the bits that a guest may change, and the effects (ARM B4.1)."""

from typing import Final

from ovm.arm.control import (
    SCTLR_A,
    SCTLR_AFE,
    SCTLR_C,
    SCTLR_EE,
    SCTLR_I,
    SCTLR_M,
    SCTLR_ONES,
    SCTLR_RR,
    SCTLR_SW,
    SCTLR_TE,
    SCTLR_TRE,
    SCTLR_V,
    SCTLR_Z,
)
from ovm.arm.cp15 import SCTLR
from ovm.core.memory.space import space_activate
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.kernel import control_tell
from ovm.metal import cp15_read, cp15_write, fn, isb, u32

# The hardware does alignment checks and SWP, so it gets these bits of the running guest's SCTLR.
SCTLR_PASSED: Final = u32(SCTLR_A | SCTLR_SW)
# Caches and branch prediction are kept as written but change nothing: the hardware's are OVM's.
SCTLR_WRITABLE: Final = (
    SCTLR_M | SCTLR_C | SCTLR_Z | SCTLR_I | SCTLR_V | SCTLR_RR | SCTLR_EE | SCTLR_TRE | SCTLR_AFE | SCTLR_TE | SCTLR_PASSED
)
# N, PD0, PD1 (ARM B4.1.153); vectors are 32-byte aligned (B4.1.156).
TTBCR_WRITABLE: Final = 0x37
VBAR_WRITABLE: Final = 0xFFFF_FFE0


@fn(inline=True)
def sctlr_load(vcpu: Vcpu) -> None:
    """Give the hardware its bits of a guest's SCTLR; called at a switch, or after a write."""
    value = cp15_read(SCTLR)
    if (value ^ vcpu.sctlr) & SCTLR_PASSED != 0:
        cp15_write(SCTLR, value & ~SCTLR_PASSED | vcpu.sctlr & SCTLR_PASSED)
        isb()


@fn
def sctlr_write(vcpu: Vcpu, value: u32) -> None:
    """Write the virtual SCTLR; the MMU, or the meaning of its tables, may change."""
    vcpu.sctlr = value & SCTLR_WRITABLE | SCTLR_ONES
    control_tell(vcpu)
    sctlr_load(vcpu)
    space_activate(vcpu)


@fn
def vbar_write(vcpu: Vcpu, value: u32) -> None:
    """Write the virtual VBAR."""
    vcpu.vbar = value & VBAR_WRITABLE


@fn
def ttbcr_write(vcpu: Vcpu, value: u32) -> None:
    """Write the virtual TTBCR."""
    vcpu.ttbcr = value & TTBCR_WRITABLE
    space_activate(vcpu)
