# SPDX-License-Identifier: Apache-2.0
"""Bits of the control registers that OVM writes or emulates."""

from typing import Final

from ovm.metal import Bits, flag

# SCTLR (ARM B4.1.130).
SCTLR_M: Final = 1 << 0
SCTLR_A: Final = 1 << 1
SCTLR_C: Final = 1 << 2
# SWP and SWPB are enabled (A9 4.3.9).
SCTLR_SW: Final = 1 << 10
SCTLR_Z: Final = 1 << 11
SCTLR_I: Final = 1 << 12
SCTLR_V: Final = 1 << 13
SCTLR_RR: Final = 1 << 14
SCTLR_EE: Final = 1 << 25
SCTLR_NMFI: Final = 1 << 27
SCTLR_TRE: Final = 1 << 28
SCTLR_AFE: Final = 1 << 29
SCTLR_TE: Final = 1 << 30
# Bits that read as one on ARMv7-A: 22, 23, 18, 16, 6:3 (ARM B4.1.130).
SCTLR_ONES: Final = 0x00C5_0078


class Sctlr(Bits):
    """System control register."""

    mmu = flag(0)
    alignment = flag(1)
    cache = flag(2)
    high_vectors = flag(13)
    big_endian_exceptions = flag(25)
    tex_remap = flag(28)
    access_flag = flag(29)
    thumb_exceptions = flag(30)


# ASIDs that CONTEXTIDR can hold: 8 bits (ARM B4.1.36).
ASIDS: Final = 256

# SCR (ARM B4.1.129).
SCR_NS: Final = 1 << 0
SCR_IRQ: Final = 1 << 1
SCR_FIQ: Final = 1 << 2
SCR_EA: Final = 1 << 3
SCR_FW: Final = 1 << 4
SCR_AW: Final = 1 << 5

# ACTLR of the Cortex-A9 (A9 4.3.10): broadcast of maintenance, coherency, prefetch.
ACTLR_FW: Final = 1 << 0
ACTLR_L1_PREFETCH: Final = 1 << 2
ACTLR_SMP: Final = 1 << 6

# CPACR, NSACR: full access to cp10 and cp11; NSACR lets the Non-secure world use them (ARM B4.1.40, B4.1.111).
CPACR_FLOATING: Final = 0xF << 20
# Rights of cp10: none, in privileged modes, in all.
CPACR_CP10_SHIFT: Final = 20
CPACR_PRIVILEGED: Final = 1
CPACR_ALL: Final = 3
NSACR_FLOATING: Final = 0x3 << 10
# NSACR.TL stays 0: no Non-secure code touches the lock entries. NS_SMP lets it change ACTLR.SMP, and nothing else of ACTLR; it is
# 0 except for a guest that starts as after reset (A9 4.3.13).
NSACR_NS_SMP: Final = 1 << 18

# FPEXC.EN (ARM B4.1.58).
FPEXC_EN: Final = 1 << 30

# VCR (A9 4.3.14): in the Non-secure world CPSR.F, I, A can't mask what SCR sends to Monitor.
VCR_FIQ: Final = 1 << 6
VCR_IRQ: Final = 1 << 7
VCR_ABORT: Final = 1 << 8

# TTBR attributes: inner and outer write-back write-allocate, shareable (ARM B4.1.154). A9 walks look up
# the L1 data cache with these, so table writes need no clean, only a DSB (A9 6.3).
TTBR_WALK: Final = 1 << 6 | 1 << 3 | 1 << 1
