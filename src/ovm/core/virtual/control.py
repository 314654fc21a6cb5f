# SPDX-License-Identifier: Apache-2.0
"""Writes to virtual control registers: which bits a guest may change, and what follows (ARM B4.1)."""

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
    SCTLR_TE,
    SCTLR_TRE,
    SCTLR_V,
    SCTLR_Z,
)
from ovm.core.memory.space import space_activate
from ovm.core.vcpu import Vcpu
from ovm.metal import fn, u32

# Caches, branch prediction and alignment checks are kept as written but change nothing: the hardware's are OVM's.
SCTLR_WRITABLE: Final = (
    SCTLR_M | SCTLR_A | SCTLR_C | SCTLR_Z | SCTLR_I | SCTLR_V | SCTLR_RR | SCTLR_EE | SCTLR_TRE | SCTLR_AFE | SCTLR_TE
)
# N, PD0, PD1 (ARM B4.1.153); vectors are 32-byte aligned (B4.1.156).
TTBCR_WRITABLE: Final = 0x37
VBAR_WRITABLE: Final = 0xFFFF_FFE0


@fn
def sctlr_write(vcpu: Vcpu, value: u32) -> None:
    """Write the virtual SCTLR; the MMU, or what its tables mean, may change."""
    vcpu.sctlr = value & SCTLR_WRITABLE | SCTLR_ONES
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
