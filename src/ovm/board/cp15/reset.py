# SPDX-License-Identifier: Apache-2.0
"""CP15 and TLBs of a core after reset (A9 4.3; ARM B3.12.3, B4.1)."""

from ovm.board.cp15.control import SCTLR_RESET
from ovm.board.cp15.extra import extra
from ovm.board.cp15.identification import CBAR
from ovm.board.mmu import micro
from ovm.board.mmu.main import ENTRIES, MAIN, drop
from ovm.board.state import CPU
from ovm.metal import fn, u32


@fn
def reset_control() -> None:
    """Set the registers of the running core to their reset values; everything cached is dropped."""
    CPU.scr = u32(0)
    CPU.sder = u32(0)
    CPU.nsacr = u32(0)
    CPU.vcr = u32(0)
    CPU.vir = u32(0)
    CPU.actlr = u32(0)
    CPU.cpacr = u32(0)
    for which in u32.range(2):
        bank = CPU.world[which]
        bank.sctlr = u32(SCTLR_RESET)
        bank.ttbcr = u32(0)
        bank.vbar = u32(0)
        bank.contextidr = u32(0)
        bank.csselr = u32(0)
    unit = extra()
    unit.pmcr = u32(0)
    unit.enabled = u32(0)
    unit.user = u32(0)
    unit.interrupts = u32(0)
    unit.power = u32(0)
    unit.base = u32(CBAR)
    unit.teecr = u32(0)
    unit.joscr = u32(0)
    tlb = MAIN[CPU.number]
    tlb.lock = u32(0)
    for index in u32.range(ENTRIES):
        drop(tlb, index)
    micro.flush(CPU.number)
