# SPDX-License-Identifier: Apache-2.0
"""Registers of CP15 whose reads or writes have effects besides storage (A9 4.3)."""

from typing import Final

from ovm.arm.control import (
    ACTLR_SMP,
    SCR_EA,
    SCR_FIQ,
    SCR_IRQ,
    SCTLR_A,
    SCTLR_AFE,
    SCTLR_C,
    SCTLR_EE,
    SCTLR_I,
    SCTLR_M,
    SCTLR_NMFI,
    SCTLR_ONES,
    SCTLR_RR,
    SCTLR_SW,
    SCTLR_TE,
    SCTLR_TRE,
    SCTLR_V,
    SCTLR_Z,
    VCR_ABORT,
    VCR_FIQ,
    VCR_IRQ,
)
from ovm.board.cache.fetch import switch_instructions
from ovm.board.cache.prefetch import prefetch_stop
from ovm.board.coprocessors import extra
from ovm.board.events import CONTEXT, happened
from ovm.board.mmu import micro
from ovm.board.shortcuts.changes import context_changed, rights_changed
from ovm.board.state import ATTEND_INTERRUPT, CPU, LINE_ABORT, LINE_FIQ, LINE_IRQ
from ovm.board.worlds import secure, world
from ovm.metal import fn, u32

SCTLR_RESET: Final = SCTLR_ONES | SCTLR_NMFI  # A9 4.3.9; NMFI is tied high on Zynq
SCTLR_WRITABLE: Final = (
    u32(SCTLR_M | SCTLR_A | SCTLR_C | SCTLR_SW | SCTLR_Z | SCTLR_I | SCTLR_V | SCTLR_EE | SCTLR_TRE | SCTLR_AFE | SCTLR_TE)
)
ACTLR_WRITABLE: Final = u32(0x3CF)  # A9 4.3.10
SCR_WRITABLE: Final = 0x3F  # A9 4.3.12: no nET
# NSACR (A9 4.3.13): NS_SMP, TL, PLE, NSASEDIS, NSD32DIS, cp11, cp10.
NSACR_WRITABLE: Final = 0x7_CC00
NSACR_SMP: Final = 1 << 18
NSACR_TL: Final = 1 << 17
_NSACR_TO_CPACR: Final = 16  # NSASEDIS and NSD32DIS [15:14] to ASEDIS and D32DIS [31:30]
CPACR_DISABLES: Final = 0xC000_0000
CPACR_CP10: Final = 3 << 20
CPACR_CP11: Final = 3 << 22
NSACR_CP10: Final = 1 << 10
NSACR_CP11: Final = 1 << 11
# ISR has A, I and F where CPSR has them (ARM B4.1.98).
ISR_A: Final = 1 << 8
ISR_I: Final = 1 << 7
ISR_F: Final = 1 << 6


@fn
def read_sctlr(offset: u32, mask: u32) -> u32:
    """Return SCTLR; RR is one bit that both worlds see."""
    return CPU.world[world()].sctlr | (CPU.world[0].sctlr & SCTLR_RR)


@fn
def write_sctlr(offset: u32, mask: u32, value: u32) -> None:
    """Write SCTLR. The TLBs keep their entries."""
    writable = SCTLR_WRITABLE
    if world() == 0:
        writable |= SCTLR_RR
    bank = CPU.world[world()]
    before = bank.sctlr
    bank.sctlr = (before & ~writable) | (value & writable)
    if (before ^ bank.sctlr) & SCTLR_I != 0:
        switch_instructions(world(), bank.sctlr & SCTLR_I != 0)
    rights_changed()


@fn
def write_dacr(offset: u32, mask: u32, value: u32) -> None:
    """Write DACR: the TLBs keep their entries, which then give other rights."""
    if CPU.world[world()].dacr != value:
        CPU.world[world()].dacr = value
        rights_changed()


@fn
def write_actlr(offset: u32, mask: u32, value: u32) -> None:
    """Write ACTLR; the Non-secure state may change SMP only (A9 4.3.10)."""
    writable = ACTLR_WRITABLE if secure() else u32(ACTLR_SMP)
    CPU.actlr = (CPU.actlr & ~writable) | (value & writable)
    rights_changed()


@fn
def _closed() -> u32:
    """Return the CPACR bits that NSACR takes from the Non-secure state (ARM B4.1.40)."""
    if secure():
        return 0
    closed = (CPU.nsacr << _NSACR_TO_CPACR) & CPACR_DISABLES
    if CPU.nsacr & NSACR_CP10 == 0:
        closed |= CPACR_CP10
    if CPU.nsacr & NSACR_CP11 == 0:
        closed |= CPACR_CP11
    return closed


@fn
def read_cpacr(offset: u32, mask: u32) -> u32:
    """Return CPACR: closed coprocessors read as disabled."""
    closed = _closed()
    return (CPU.cpacr & ~closed) | (closed & CPACR_DISABLES)


@fn
def write_cpacr(offset: u32, mask: u32, value: u32) -> None:
    """Write CPACR: bits of closed coprocessors don't change."""
    writable = (CPACR_DISABLES | CPACR_CP10 | CPACR_CP11) & ~_closed()
    CPU.cpacr = (CPU.cpacr & ~writable) | (value & writable)


@fn
def write_scr(offset: u32, mask: u32, value: u32) -> None:
    """Write SCR: changing NS outside Monitor mode changes the security state at once."""
    CPU.scr = value & SCR_WRITABLE
    CPU.attention |= ATTEND_INTERRUPT
    context_changed()


@fn
def _virtual(scr_bit: u32, vcr_bit: u32) -> bool:
    """Return whether the Non-secure state sees VIR's line instead of the real one (as Cortex-A5 TRM 4.3.50, assumed)."""
    return not secure() and CPU.scr & scr_bit != 0 and CPU.vcr & vcr_bit != 0


@fn
def read_isr(offset: u32, mask: u32) -> u32:
    """Return ISR: the pending exceptions."""
    pending = u32(0)
    if CPU.vir & VCR_ABORT != 0 if _virtual(SCR_EA, VCR_ABORT) else CPU.lines & LINE_ABORT != 0:
        pending |= ISR_A
    if CPU.vir & VCR_IRQ != 0 if _virtual(SCR_IRQ, VCR_IRQ) else CPU.lines & LINE_IRQ != 0:
        pending |= ISR_I
    if CPU.vir & VCR_FIQ != 0 if _virtual(SCR_FIQ, VCR_FIQ) else CPU.lines & LINE_FIQ != 0:
        pending |= ISR_F
    return pending


@fn
def write_contextidr(offset: u32, mask: u32, value: u32) -> None:
    """Write CONTEXTIDR, which flushes both micro-TLBs (A9 6.2.1)."""
    CPU.world[world()].contextidr = value
    happened(CONTEXT, value, world())
    extra().context_writes += 1
    prefetch_stop(CPU.number)
    micro.flush(CPU.number)
