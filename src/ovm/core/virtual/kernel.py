# SPDX-License-Identifier: Apache-2.0
"""The part that OVM plays for a patched kernel: what its code expects besides the architecture (`ovm.linux`).

Reads of TPIDRPRW would trap, and a kernel finds its per-CPU data by them all the time. So in its code TPIDRPRW and TPIDRURW have
changed places, and here the register that User mode reaches changes with the virtual mode: `Vcpu.tpidrprw` is always the
one that isn't in the hardware, which is what the kernel's rare accesses to its own TPIDRURW, which trap, have to find.

Stubs in its code read CPSR's mode, A and F from the vCPU page.
"""

from ovm.arm.cp15 import TPIDRURW
from ovm.arm.psr import PSR_A, PSR_F
from ovm.core.config import THREAD_SWAP
from ovm.core.vcpu import Vcpu
from ovm.metal import cp15_read, cp15_write, fn, u32


@fn(inline=True)
def thread_exchange(vcpu: Vcpu) -> None:
    """Exchange the thread registers when the running guest enters or leaves its kernel."""
    if THREAD_SWAP and vcpu.thread_swap:
        other = vcpu.tpidrprw
        vcpu.tpidrprw = cp15_read(TPIDRURW)
        cp15_write(TPIDRURW, other)


@fn(inline=True)
def status_word(vcpu: Vcpu) -> u32:
    """Return the mode, A and F of the virtual CPSR."""
    value = vcpu.mode
    if vcpu.fiq_masked:
        value |= PSR_F
    if vcpu.abort_masked:
        value |= PSR_A
    return value
