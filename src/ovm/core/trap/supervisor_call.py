# SPDX-License-Identifier: Apache-2.0
"""SVC: a hypercall from the guest's kernel, or a system call of its applications.

The virtual mode decides, never the number alone: from virtual User mode it is always the guest's own SVC; from a
privileged mode, a fast call of owner 4 or 6 in r0 is for OVM and anything else still the guest's own.
"""

from typing import Final

from ovm.core.cpu import CPUS
from ovm.core.hypercall.table import hypercall
from ovm.core.leave import leave
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.exception import take_supervisor_call
from ovm.metal import VirtAddr, fn

# Bit 31: fast; bit 30 clear: 32-bit; owner 4 or 6 (DEN0028 2.5).
CALL_MASK: Final = 0xFD00_0000
CALL: Final = 0x8400_0000


@fn(inline=False)
def supervisor_call(vcpu: Vcpu) -> VirtAddr:
    """Handle SVC; pc is the instruction after it."""
    CPUS[0].entries += 1
    vcpu.counters.supervisor_calls += 1
    function = vcpu.registers[0]
    if vcpu.privileged != 0 and function & CALL_MASK == CALL:
        hypercall(vcpu, function)
    else:
        take_supervisor_call(vcpu)
    return leave(vcpu)
