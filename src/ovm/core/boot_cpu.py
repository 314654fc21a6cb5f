# SPDX-License-Identifier: Apache-2.0
"""Steps of boot that both CPUs take."""

from ovm.arm.control import CPACR_FLOATING, NSACR_FLOATING, SCR_NS, VCR_ABORT, VCR_FIQ, VCR_IRQ
from ovm.arm.cp15 import CPACR, NSACR, PMUSERENR, SCR
from ovm.arm.cp15 import VCR as VCR_REGISTER
from ovm.core.caches import coherency_join
from ovm.core.config import VCR
from ovm.core.entry.fatal import fatal_vectors_set
from ovm.core.secure_map import map_use
from ovm.metal import cp15_write, fn, isb, u32


@fn
def normal_world_open() -> None:
    """Let the Non-secure world use floating point; not the lock entries, not ACTLR (NSACR.TL, NS_SMP stay 0)."""
    cp15_write(CPACR, u32(CPACR_FLOATING))
    isb()
    cp15_write(NSACR, u32(NSACR_FLOATING))
    cp15_write(PMUSERENR, u32(0))


@fn
def banks_select_normal(routing: u32) -> None:
    """Set SCR for good: this CPU's CP15 names mean the Non-secure bank from here on.

    With FW = AW = 0 no guest can mask FIQs and external aborts. VCR, where it exists, makes sure of it whatever
    CPSR says.
    """
    if VCR:
        cp15_write(VCR_REGISTER, u32(VCR_FIQ | VCR_IRQ | VCR_ABORT))
    cp15_write(SCR, routing | SCR_NS)
    # ORDER: no CP15 access may still mean the other bank.
    isb()


@fn
def cpu_start() -> None:
    """Bring up this CPU: coherency, MMU, caches."""
    coherency_join()
    map_use()
    fatal_vectors_set()
    normal_world_open()
