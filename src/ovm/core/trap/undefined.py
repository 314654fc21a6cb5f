# SPDX-License-Identifier: Apache-2.0
"""Undefined instructions: privileged and sensitive ones of a guest's kernel are emulated, others are the guest's own.

The pc is first moved back to the instruction: LR is 4 past an ARM instruction and 2 past a Thumb one, 32-bit Thumb
included (ARM B1.8.3).
"""

from ovm.arm.psr import PSR_T
from ovm.core.cpu import CPUS
from ovm.core.leave import leave
from ovm.core.vcpu import PC, Vcpu
from ovm.core.virtual.exception import take_undefined
from ovm.metal import VirtAddr, fn, u32


@fn(inline=False)
def undefined(vcpu: Vcpu) -> VirtAddr:
    """Handle an Undefined exception."""
    CPUS[0].entries += 1
    vcpu.counters.undefined += 1
    vcpu.registers[PC] -= u32(2) if vcpu.psr & PSR_T != 0 else u32(4)
    take_undefined(vcpu)
    return leave(vcpu)
