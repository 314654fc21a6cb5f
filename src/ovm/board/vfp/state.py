# SPDX-License-Identifier: Apache-2.0
"""The extension registers of each core and the rights to use them (ARM A2.6, B1.11; Cortex-A9 NEON MPE TRM chapter 2).

S and D registers are one file of words: S(n) is word n, D(n) words 2n and 2n + 1. Both worlds share it.
"""

from typing import Final

from ovm.arm.psr import MODE_MON, MODE_USR
from ovm.board.state import CPU
from ovm.metal import Array, Struct, address, array, fn, pointer, static, u32, u64

# FPSCR (ARM B4.1.58): condition flags, saturation, modes, short vectors, cumulative exceptions. No traps on this core.
FPSCR_QC: Final = 1 << 27
FPSCR_AHP: Final = 1 << 26
FPSCR_DN: Final = 1 << 25
FPSCR_FZ: Final = 1 << 24
FPSCR_ROUNDING: Final = u32(3 << 22)
FPSCR_SHORT_VECTOR: Final = 0x0037_0000
IDC: Final = 1 << 7
IXC: Final = u32(1 << 4)
UFC: Final = u32(1 << 3)
OFC: Final = 1 << 2
DZC: Final = 1 << 1
IOC: Final = 1 << 0
FPSCR_WRITABLE: Final = 0xFFF7_009F
STANDARD: Final = FPSCR_DN | FPSCR_FZ  # the modes with which Advanced SIMD computes (ARM A2.7.9)
ROUND_NEAREST: Final = 0 << 22
ROUND_UP: Final = 1 << 22
ROUND_DOWN: Final = 2 << 22
ROUND_ZERO: Final = 3 << 22

FPEXC_EN: Final = 1 << 30
FPEXC_DEX: Final = 1 << 29

CPACR_ACCESS: Final = 0xC0F0_0000  # ASEDIS, D32DIS, cp11, cp10
CPACR_FULL: Final = 0x00F0_0000
NSACR_FULL: Final = 0xCC00  # NSASEDIS, NSD32DIS, cp11, cp10
NSACR_OPEN: Final = 0x0C00

# Needs of an instruction besides cp10: bits of Record.aux above the operation's number.
OPERATION: Final = 0x7F
SIZE: Final = 7  # of an element of Advanced SIMD: log2 of its bytes, 2 bits
UNSIGNED: Final = 0x200
QUAD: Final = 0x400
NEEDS_SIMD: Final = 0x8000
NEEDS_UPPER: Final = 0x4000  # D16 to D31
SHORT_VECTOR: Final = 0x2000  # would work on a short vector


class Floating(Struct, size=512):
    """The extension registers of one core. Reset leaves FPSCR and FPEXC zero."""

    words: Array[u32] = array(u32, 64)
    fpscr: u32
    fpexc: u32


FLOATING = static(array(Floating, 2), align=64)


@fn(inline=True)
def get_double(state: Floating, number: u32) -> u64:
    """Return D(number)."""
    return pointer(u64, address(state))[number]


@fn(inline=True)
def set_double(state: Floating, number: u32, value: u64) -> None:
    """Write D(number)."""
    pointer(u64, address(state))[number] = value


@fn(inline=True)
def raise_flags(flags: u32) -> None:
    """Accumulate exceptions, or QC, in FPSCR of the core that runs."""
    FLOATING[CPU.number].fpscr |= flags


@fn(inline=True)
def plainly_enabled(state: Floating) -> bool:
    """Return whether every instruction of the extension may be executed: the usual case."""
    if CPU.cpacr & CPACR_ACCESS != CPACR_FULL or state.fpexc & FPEXC_EN == 0 or state.fpscr & FPSCR_SHORT_VECTOR != 0:
        return False
    return CPU.scr & 1 == 0 or CPU.nsacr & NSACR_FULL == NSACR_OPEN


@fn
def coprocessor_enabled(needs: u32) -> bool:
    """Return whether CPACR and NSACR allow an instruction (ARM B1.11.1)."""
    access = (CPU.cpacr >> 20) & 3
    no_simd = CPU.cpacr & (1 << 31) != 0
    no_upper = CPU.cpacr & (1 << 30) != 0
    if CPU.scr & 1 != 0 and CPU.mode != MODE_MON:
        if CPU.nsacr & (1 << 10) == 0:
            return False
        no_simd = no_simd or CPU.nsacr & (1 << 15) != 0
        no_upper = no_upper or CPU.nsacr & (1 << 14) != 0
    if access == 0 or (access == 1 and CPU.mode == MODE_USR):
        return False
    # D32DIS without ASEDIS is UNPREDICTABLE (ARM B4.1.40); here it takes away both.
    return not ((no_simd or no_upper) and needs & NEEDS_SIMD != 0) and not (no_upper and needs & NEEDS_UPPER != 0)


@fn(inline=False)
def enabled(state: Floating, needs: u32) -> bool:
    """Return whether an instruction may be executed; one on short vectors, which the core doesn't have, sets FPEXC.DEX."""
    if not coprocessor_enabled(needs) or state.fpexc & FPEXC_EN == 0:
        return False
    if state.fpscr & FPSCR_SHORT_VECTOR != 0 and needs & SHORT_VECTOR != 0:
        state.fpexc |= FPEXC_DEX
        return False
    return True


@fn
def reset_floating() -> None:
    """Disable the extensions of the core that runs; the registers keep their values, which are UNKNOWN."""
    FLOATING[CPU.number].fpscr = 0
    FLOATING[CPU.number].fpexc = 0
