# SPDX-License-Identifier: Apache-2.0
"""The SVC trap: a hypercall from the guest's kernel, or a system call of its applications.

The virtual mode decides, never the number alone: from virtual User mode it is always the guest's own SVC; from a
privileged mode, a fast call of owner 4 or 6 in r0 is for OVM, a patched word of a stock kernel stands for an instruction, and
anything else is still the guest's own.
"""

from ovm.arm.psr import PSR_T
from ovm.core.emulate.outcome import it_before
from ovm.core.hypercall.table import hypercall
from ovm.core.leave import leave
from ovm.core.limits import PATCHED_WORDS
from ovm.core.trap.patched import patched_word
from ovm.core.vcpu import PC, Vcpu
from ovm.core.virtual.exception import take_supervisor_call
from ovm.metal import VirtAddr, fn


@fn(inline=False)
def supervisor_call(vcpu: Vcpu) -> VirtAddr:
    """Handle SVC; pc is the instruction after it."""
    vcpu.counters.supervisor_calls += 1
    if PATCHED_WORDS != 0 and patched_word(vcpu):
        return leave(vcpu)
    if vcpu.privileged == 0 or not hypercall(vcpu):
        vcpu.counters.system_calls += 1
        take_supervisor_call(vcpu)
    elif vcpu.again:
        vcpu.again = False
        vcpu.psr = it_before(vcpu.psr)
        vcpu.registers[PC] -= 2 if vcpu.psr & PSR_T != 0 else 4
    return leave(vcpu)
