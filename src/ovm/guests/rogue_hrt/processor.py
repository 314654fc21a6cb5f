# SPDX-License-Identifier: Apache-2.0
"""Accesses to registers of the Secure world, and maintenance that drops others' entries of TLBs and caches."""

from typing import Final

from ovm.arm.assembly import symbol_address
from ovm.arm.cp15 import ACTLR
from ovm.guests.rogue_hrt.attempt import UNDEFINED, attempt
from ovm.guests.rogue_hrt.tally import count
from ovm.metal import asm_block, asm_value, cp15_read, fn, naked, symbol, text, u32

# Secure only (ARM DDI0406C B3.17; Cortex-A9 TRM DDI0388 table 4-26): SCR, SDER, NSACR, VCR, MVBAR, VIR, the lock entries.
_SECRETS: Final = (
    "mrc p15, 0, r5, c1, c1, 0", "mcr p15, 0, r1, c1, c1, 0", "mrc p15, 0, r5, c1, c1, 1", "mcr p15, 0, r1, c1, c1, 1",
    "mcr p15, 0, r1, c1, c1, 2", "mrc p15, 0, r5, c1, c1, 3", "mcr p15, 0, r1, c1, c1, 3", "mrc p15, 0, r5, c12, c0, 1",
    "mcr p15, 0, r1, c12, c0, 1", "mrc p15, 0, r5, c12, c1, 1", "mcr p15, 0, r1, c12, c1, 1",
    "mcr p15, 5, r1, c15, c4, 2", "mcr p15, 5, r1, c15, c4, 4", "mrc p15, 5, r5, c15, c5, 2", "mcr p15, 5, r1, c15, c5, 2",
    "mrc p15, 5, r5, c15, c6, 2", "mcr p15, 5, r1, c15, c6, 2", "mrc p15, 5, r5, c15, c7, 2", "mcr p15, 5, r1, c15, c7, 2",
    "mrc p15, 0, r5, c10, c0, 0", "mcr p15, 0, r1, c10, c0, 0",
)  # fmt: skip
_COUNT: Final = len(_SECRETS)
# May be Undefined or ignored (DDI0388 table 4-26): the register's value shows which.
_WRITE_ACTLR: Final = "mcr p15, 0, r1, c1, c0, 1"
_SLOTS: Final = "\n".join(f"{access}\nbx lr" for access in (*_SECRETS, _WRITE_ACTLR))
_ASIDS: Final = 256
_TOP: Final = 0xFFFF_F000
_RAM: Final = 0x1000_0000


@naked
def secrets() -> None:
    """Lay out the accesses, two words each."""
    asm_block(_SLOTS)


SECRETS_ADDRESS: Final = symbol_address(symbol(secrets))


@naked
def forget_everywhere(va: u32) -> None:
    """Drop an address from the TLBs of all CPUs, and all instructions and branches (ARM DDI0406C B4.2.2)."""
    asm_block("""
        mcr p15, 0, r0, c8, c3, 1
        mcr p15, 0, r0, c8, c3, 2
        mcr p15, 0, r0, c8, c3, 3
        mcr p15, 0, r0, c7, c1, 0
        mcr p15, 0, r0, c7, c1, 6
        dsb
        isb
        bx lr
    """)


@fn
def read_secrets() -> None:
    """Try each register, which must be Undefined; ACTLR is read-only here, because NSACR.NS_SMP is 0."""
    for index in u32.range(_COUNT):
        outcome = attempt(asm_value(u32, SECRETS_ADDRESS) + index * 8, 0, 0)
        count(outcome != UNDEFINED, text("CP15"), index)
    before = cp15_read(ACTLR)
    attempt(asm_value(u32, SECRETS_ADDRESS) + _COUNT * 8, 0, before ^ 0x41)
    count(cp15_read(ACTLR) != before, text("ACTLR"), before)


@fn
def drop_everywhere() -> None:
    """Invalidate the gate's page and guests' memory for every ASID: this costs the others walks and nothing else."""
    for asid in u32.range(_ASIDS):
        forget_everywhere(_TOP | asid)
        forget_everywhere(_RAM | asid)
        count(False, text("TLB"), asid)
