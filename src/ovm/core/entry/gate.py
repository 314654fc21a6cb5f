# SPDX-License-Identifier: Apache-2.0
"""The gate: the Non-secure vectors of deprivileged guests.

SVC, Undefined and MMU aborts taken in the Non-secure world always enter Non-secure PL1 (ARM B1.8.2); nothing routes them to
Monitor. So one page there, which only PL1 may touch, holds four stubs of two instructions: store LR and SPSR in the same page's
upper half (SP of every exception mode points at it), and SMC. No interrupt is masked here: a FIQ
may arrive between any two of them, and then the trap is taken back (core.trap.interrupt); therefore a stub changes no register.
The instructions are built as numbers, so the page is data that boot copies. Code and the two words share a page because they
share a TLB lock entry (core.memory.lockdown): a trap of an SRT guest takes no walk. Only these stubs execute in PL1 where the
page is mapped, unless an HRT guest has changed it.
"""

from typing import Final

from ovm.abi.config import TRAP_OFFSET
from ovm.arm.cp15 import BPIALL, DCCMVAU, ICIALLU
from ovm.arm.psr import MODE_ABT, MODE_SVC, MODE_UND
from ovm.metal import PhysAddr, VirtAddr, cp15_write, dsb, fn, isb, pointer, table, u32

GATE_VA: Final = 0xFFFF_F000
TRAP_VA: Final = GATE_VA + TRAP_OFFSET

# Each stub's SMC leaves LR_mon = the address after it, by which Monitor tells the vectors apart.
FIRST_STUB: Final = 0x20
STUB_BYTES: Final = 8
RETURN_UNDEFINED: Final = 0x28
RETURN_SUPERVISOR_CALL: Final = 0x30
RETURN_PREFETCH_ABORT: Final = 0x38
RETURN_DATA_ABORT: Final = 0x40


def branch(source: int, target: int) -> int:
    """Encode B (ARM A8.8.18, encoding A1)."""
    return 0xEA00_0000 | ((target - source - 8) >> 2) & 0x00FF_FFFF


def store_return_state(mode: int) -> int:
    """Encode SRSIA sp, #mode: LR, then SPSR at the stack pointer of `mode`, which stays (ARM B9.3.16)."""
    return 0xF8CD_0500 | mode


MONITOR_CALL: Final = 0xE160_0070  # SMC #0 (ARM B9.3.14)
_MODES: Final = (MODE_UND, MODE_SVC, MODE_ABT, MODE_ABT)
# The mode of each stub, by number. No other code of the true gate ever runs.
STUB_MODES: Final = table(u32, _MODES)
STUBS: Final = len(_MODES)
_VECTORS: Final = (
    branch(0x00, 0x00),
    *(branch(0x04 + 4 * n, FIRST_STUB + STUB_BYTES * n) for n in range(4)),
    # Not used, IRQ and FIQ: never taken here, SCR sends both to Monitor.
    *(branch(offset, offset) for offset in (0x14, 0x18, 0x1C)),
)
GATE: Final = table(u32, [*_VECTORS, *(word for mode in _MODES for word in (store_return_state(mode), MONITOR_CALL))])
GATE_WORDS: Final = 16
UNDEFINED: Final = 0
SUPERVISOR_CALL: Final = 1
PREFETCH_ABORT: Final = 2
DATA_ABORT: Final = 3
LINE_BYTES: Final = 32


@fn(inline=True)
def stub_at(offset: u32) -> u32:
    """Return the number of the stub to which an address of the gate belongs, its vector included; another number if to none."""
    return (offset >> 2) - 1 if offset < FIRST_STUB else (offset - FIRST_STUB) >> 3


@fn
def gate_install(page: PhysAddr) -> None:
    """Copy the gate into its page, and clean it for instruction fetches, which don't look into the data cache."""
    # SAFETY: the build reserves this page; the secure map has it as Non-secure memory, as guests' fetches see it.
    target = pointer(u32, VirtAddr(u32(page)))
    for index in u32.range(GATE_WORDS):
        target[index] = GATE[index]
    # ORDER: clean, then drop instructions that were fetched before, each complete before the next (ARM B2.2.9).
    dsb()
    for offset in u32.range(0, GATE_WORDS * 4, LINE_BYTES):
        cp15_write(DCCMVAU, u32(page) + offset)
    dsb()
    cp15_write(ICIALLU, 0)
    cp15_write(BPIALL, 0)
    dsb()
    isb()
