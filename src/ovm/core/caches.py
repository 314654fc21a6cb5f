# SPDX-License-Identifier: Apache-2.0
"""Caches and coherency before they are first used: L1 data cache and SCU.

Out of reset the caches hold noise, so they are invalidated before they are enabled, and both CPUs take part in
coherency (ACTLR.SMP) and in broadcast maintenance (ACTLR.FW) before their caches come on (Cortex-A9 TRM 4.3.10;
MPCore TRM 2.2, 5.3.5). Non-secure code can't change ACTLR, because NSACR.NS_SMP is 0; only a guest that starts as after reset
may change ACTLR.SMP (core.entry.hard).
"""

from typing import Final

from ovm.arm.control import ACTLR_FW, ACTLR_L1_PREFETCH, ACTLR_SMP
from ovm.arm.cp15 import ACTLR, CCSIDR, CSSELR, DCCISW, DCISW
from ovm.core.config import CONFIG
from ovm.core.cpu import HARD_CPU_NUMBER
from ovm.metal import Struct, VirtAddr, at, cp15_read, cp15_write, dsb, fn, isb, overlay, u32

# L1 data cache of the Cortex-A9: 4 ways, lines of 32 bytes (TRM 7.1).
WAYS: Final = 4
WAY_SHIFT: Final = 30
LINE_SHIFT: Final = 5
MAX_SETS: Final = 512
# SCU control: accesses of an address range go to master port 1 (MPCore TRM 2.2.1).
FILTER_ENABLE: Final = 2


class Scu(Struct, volatile=True):
    """Snoop control unit."""

    control: u32
    power: u32 = at(0x08)
    invalidate: u32 = at(0x0C)
    diagnostic: u32 = at(0x30)
    access: u32 = at(0x50)
    non_secure_access: u32


@fn
def _sets() -> u32:
    """Return the number of sets of the L1 data cache."""
    cp15_write(CSSELR, 0)
    isb()
    return ((cp15_read(CCSIDR) >> 13) & 0x7FFF) + 1


@fn
def data_cache_flush() -> None:
    """Write this CPU's whole L1 data cache to the next level, and empty it."""
    sets = _sets()
    for index in u32.range(sets, bound=MAX_SETS):
        for way in u32.range(WAYS):
            cp15_write(DCCISW, way << WAY_SHIFT | index << LINE_SHIFT)
    dsb()


@fn
def data_cache_invalidate() -> None:
    """Invalidate this CPU's whole L1 data cache, by set and way; for reset only, since its content is lost."""
    sets = _sets()
    for index in u32.range(sets, bound=MAX_SETS):
        for way in u32.range(WAYS):
            cp15_write(DCISW, way << WAY_SHIFT | index << LINE_SHIFT)
    dsb()


@fn
def scu_forget() -> None:
    """Drop the SCU's tags of CPU 1's L1: after a reset none of them is valid (MPCore TRM 2.2.6)."""
    # SAFETY: the build gives the address.
    overlay(Scu, VirtAddr(u32(CONFIG.scu_phys))).invalidate = 0xF << 4 * HARD_CPU_NUMBER


@fn
def coherency_join() -> None:
    """Let this CPU take part in coherency. All of ACTLR is written: both CPUs have the same, whatever value a loader left."""
    cp15_write(ACTLR, ACTLR_SMP | ACTLR_FW | ACTLR_L1_PREFETCH)
    isb()


@fn
def scu_start() -> None:
    """Enable the SCU, and open the parts that HRT guests need: the timers of CPU 1 and the global timer."""
    # SAFETY: the build gives the address.
    scu = overlay(Scu, VirtAddr(u32(CONFIG.scu_phys)))
    scu.invalidate = 0xFFFF
    # Erratum 764369 (all Cortex-A9 MPCore): maintenance by address may miss a line under migration; bit 0 of the
    # diagnostic register turns the migratory bit off.
    scu.diagnostic = scu.diagnostic | 1
    # MPCore TRM 2.2.10: bits 7:4 private timers, 11:8 global timer, a bit per CPU. SCU registers themselves stay
    # secure, and so do CPU 0's private timers, OVM's clock and alarm.
    scu.non_secure_access = 1 << (4 + HARD_CPU_NUMBER) | 1 << (8 + HARD_CPU_NUMBER)
    scu.power = 0
    # The address filter is kept: memory is reached through it. Speculative fills, standby and parity are cleared.
    scu.control = scu.control & FILTER_ENABLE | 1
