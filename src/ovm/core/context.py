# SPDX-License-Identifier: Apache-2.0
"""The switch of CPU 0 from one deprivileged guest to another.

The core registers move with every entry (core.entry.monitor); this is the rest: thread registers that User mode can
reach, floating point, the memory context. SCR.NS is 1, so the names mean the Non-secure bank (ARM B3.15.3).
"""

from ovm.abi.config import Level
from ovm.arm.cp15 import PMUSERENR, TPIDRURO, TPIDRURW
from ovm.core.floating import floating_leave
from ovm.core.memory.lockdown import srt_switch
from ovm.core.memory.space import space_activate
from ovm.core.vcpu import Vcpu
from ovm.core.virtual.control import sctlr_load
from ovm.metal import cp15_read, cp15_write, dsb, fn


@fn
def context_save(vcpu: Vcpu) -> None:
    """Save the registers that the guest may have changed without a trap."""
    vcpu.tpidrurw = cp15_read(TPIDRURW)
    # ORDER: an imprecise abort of this guest's stores arrives before the next guest runs, so the abort belongs to this guest.
    dsb()


@fn
def context_load(vcpu: Vcpu) -> None:
    """Load the guest's registers into the hardware."""
    vcpu.counters.switches += 1
    cp15_write(TPIDRURW, vcpu.tpidrurw)
    cp15_write(TPIDRURO, vcpu.tpidruro)
    # Code in the gate page may have opened the performance monitors to User mode.
    cp15_write(PMUSERENR, 0)
    floating_leave(vcpu)
    sctlr_load(vcpu)
    space_activate(vcpu)
    if vcpu.level == Level.SRT:
        srt_switch(vcpu)
