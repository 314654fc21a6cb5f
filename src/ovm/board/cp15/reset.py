# SPDX-License-Identifier: Apache-2.0
"""CP15 and TLBs of a core after reset (A9 4.3; ARM B3.12.3, B4.1)."""

from ovm.board.coprocessors import extra
from ovm.board.cp15.control import SCTLR_RESET
from ovm.board.mmu import micro
from ovm.board.mmu.main import ENTRIES, MAIN, drop
from ovm.board.state import CPU
from ovm.board.wiring import WIRING
from ovm.metal import fn, u32


@fn
def reset_control() -> None:
    """Set the registers of the running core to their reset values; everything cached is dropped."""
    CPU.scr = 0
    CPU.sder = 0
    CPU.nsacr = 0
    CPU.vcr = 0
    CPU.vir = 0
    CPU.actlr = 0
    CPU.cpacr = 0
    for which in u32.range(2):
        bank = CPU.world[which]
        bank.sctlr = SCTLR_RESET
        bank.ttbcr = 0
        bank.vbar = 0
        bank.contextidr = 0
        bank.csselr = 0
    unit = extra()
    unit.pmcr = 0
    unit.enabled = 0
    unit.user = 0
    unit.interrupts = 0
    unit.power = 0
    unit.base = WIRING.private
    unit.teecr = 0
    unit.joscr = 0
    tlb = MAIN[CPU.number]
    tlb.lock = 0
    for index in u32.range(ENTRIES):
        drop(tlb, index)
    micro.flush(CPU.number)
