# SPDX-License-Identifier: Apache-2.0
"""Steps of boot that both CPUs take."""

from typing import Final

from ovm.arm.control import CPACR_FLOATING, NSACR_FLOATING, SCR_NS, VCR_ABORT, VCR_FIQ, VCR_IRQ
from ovm.arm.cp15 import (
    CONTEXTIDR,
    CPACR,
    DACR,
    DFAR,
    DFSR,
    DIAGNOSTIC,
    IFAR,
    IFSR,
    NMRR,
    NSACR,
    PAR,
    PMCNTENCLR,
    PMCR,
    PMINTENCLR,
    PMOVSR,
    PMSELR,
    PMUSERENR,
    PMXEVTYPER,
    PRRR,
    SCR,
    SDER,
    TLB_LOCKDOWN,
    TPIDRPRW,
    TPIDRURO,
    TPIDRURW,
    TTBR0,
    TTBR1,
    VIR,
)
from ovm.arm.cp15 import VCR as VCR_REGISTER
from ovm.core.caches import coherency_join
from ovm.core.config import VCR
from ovm.core.entry.fatal import fatal_vectors_set
from ovm.core.floating import floating_clear
from ovm.core.memory.lockdown import lock_entries_clear
from ovm.core.secure_map import map_use
from ovm.metal import asm, cp15_read, cp15_write, fn, isb, u32

# Errata of the Cortex-A9 that bits of the diagnostic register avoid: 794072 (a loop with DMB on one CPU can hold up
# the other one's broadcast maintenance for ever), 761320 and 845369 (data corruption with both CPUs writing).
ERRATA: Final = 1 << 4 | 1 << 21 | 1 << 22
# TEECR.XED: User mode has no TEEHBR; JOSCR.CD: nor JMCR (ARM B4.1, TEECR and JOSCR).
TEECR_WRITE: Final = "mcr p14, 6, {0}, c0, c0, 0"
JOSCR_WRITE: Final = "mcr p14, 7, {0}, c1, c0, 0"
CLOSED: Final = u32(1)
# Memory remap after reset (A9 4.2.12).
PRRR_RESET: Final = 0x0009_8AA4
NMRR_RESET: Final = 0x44E0_48E0
# PMCR: reset events and cycles, all off (ARM B4.1.117).
PMCR_RESET: Final = 6
COUNTERS: Final = 6


@fn
def errata_avoid() -> None:
    """Set the bits that avoid errata, before the caches are enabled."""
    cp15_write(DIAGNOSTIC, cp15_read(DIAGNOSTIC) | ERRATA)


@fn
def user_registers_close() -> None:
    """Close registers that OVM doesn't switch to User mode, since guests could communicate through them."""
    asm(TEECR_WRITE, CLOSED)
    asm(JOSCR_WRITE, CLOSED)
    cp15_write(PMUSERENR, 0)


@fn
def bank_clear() -> None:
    """Set the registers of the world that SCR.NS names to defined values, except those that are set next."""
    cp15_write(TTBR0, 0)
    cp15_write(TTBR1, 0)
    cp15_write(DACR, 0)
    cp15_write(CONTEXTIDR, 0)
    cp15_write(DFSR, 0)
    cp15_write(IFSR, 0)
    cp15_write(DFAR, 0)
    cp15_write(IFAR, 0)
    cp15_write(PAR, 0)
    cp15_write(PRRR, PRRR_RESET)
    cp15_write(NMRR, NMRR_RESET)
    cp15_write(TPIDRURW, 0)
    cp15_write(TPIDRURO, 0)
    cp15_write(TPIDRPRW, 0)


@fn
def counters_clear() -> None:
    """Stop and clear the performance monitors."""
    cp15_write(PMCR, PMCR_RESET)
    cp15_write(PMCNTENCLR, 0xFFFF_FFFF)
    cp15_write(PMINTENCLR, 0xFFFF_FFFF)
    cp15_write(PMOVSR, 0xFFFF_FFFF)
    for counter in u32.range(COUNTERS):
        cp15_write(PMSELR, counter)
        cp15_write(PMXEVTYPER, 0)
    cp15_write(PMSELR, 0)


@fn
def common_clear() -> None:
    """Clear registers that both worlds share: secure debug, virtual interrupts, the place of the next walk's entry."""
    cp15_write(SDER, 0)
    cp15_write(TLB_LOCKDOWN, 0)
    if VCR:
        cp15_write(VIR, 0)
    counters_clear()


@fn
def normal_world_open() -> None:
    """Let the Non-secure world use floating point; not the lock entries, not ACTLR (NSACR.TL, NS_SMP stay 0)."""
    cp15_write(CPACR, CPACR_FLOATING)
    isb()
    cp15_write(NSACR, NSACR_FLOATING)
    floating_clear()


@fn
def banks_select_normal(routing: u32) -> None:
    """Set SCR for the whole run: this CPU's CP15 names mean the Non-secure bank from here on.

    With FW = AW = 0 no guest can mask FIQs and external aborts. VCR, where it exists, ensures this for any CPSR.
    """
    if VCR:
        cp15_write(VCR_REGISTER, VCR_FIQ | VCR_IRQ | VCR_ABORT)
    cp15_write(SCR, routing | SCR_NS)
    # ORDER: no CP15 access may still reach the other bank.
    isb()
    bank_clear()


@fn
def cpu_start() -> None:
    """Bring up this CPU: coherency, MMU, caches."""
    errata_avoid()
    common_clear()
    bank_clear()
    coherency_join()
    lock_entries_clear()
    map_use()
    fatal_vectors_set()
    user_registers_close()
    normal_world_open()
