# SPDX-License-Identifier: Apache-2.0
"""VMRS and VMSR (ARM B9.3.20, B9.3.21)."""

from typing import Final

from ovm.board.processor.exceptions import undefined
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.board.vfp.state import (
    FLOATING,
    FPEXC_DEX,
    FPEXC_EN,
    FPSCR_WRITABLE,
    Floating,
    coprocessor_enabled,
)
from ovm.board.worlds import privileged
from ovm.metal import fn, u32

# Register numbers of VMRS and VMSR.
IS_FPSID: Final = 0
IS_FPSCR: Final = 1
IS_MVFR1: Final = 6
IS_MVFR0: Final = 7
IS_FPEXC: Final = 8
# Cortex-A9 NEON MPE TRM 2.5: r3p0; no short vectors, no trapped exceptions; half precision, D32.
FPSID: Final = 0x4103_3094
MVFR0: Final = 0x1011_0222
MVFR1: Final = 0x0111_1111


@fn
def _value(state: Floating, register: u32) -> u32:
    if register == IS_FPSID:
        return FPSID
    if register == IS_MVFR0:
        return MVFR0
    if register == IS_MVFR1:
        return MVFR1
    return state.fpscr if register == IS_FPSCR else state.fpexc


@fn
def _allowed(state: Floating, register: u32) -> bool:
    """Return whether the register may be accessed: FPSCR needs FPEXC.EN; the others need privilege."""
    if not coprocessor_enabled(0):
        return False
    return state.fpexc & FPEXC_EN != 0 if register == IS_FPSCR else privileged()


@fn(inline=False)
def _read(record: Record, at: u32) -> u32:
    state = FLOATING[CPU.number]
    if not _allowed(state, u32(record.rn)):
        return undefined(at)
    value = _value(state, u32(record.rn))
    if record.rd != 15:
        CPU.r[record.rd] = value
        return after(record, at)
    CPU.negative = value
    CPU.zero = u32(value & 0x4000_0000 == 0)
    CPU.carry = (value >> 29) & 1
    CPU.overflow = (value >> 28) & 1
    return after(record, at)


@fn(inline=False)
def _write(record: Record, at: u32) -> u32:
    state = FLOATING[CPU.number]
    if not _allowed(state, u32(record.rn)):
        return undefined(at)
    value = CPU.r[record.rd]
    if record.rn == IS_FPSCR:
        state.fpscr = value & FPSCR_WRITABLE
    elif record.rn == IS_FPEXC:
        state.fpexc = value & (FPEXC_EN | FPEXC_DEX)
    return after(record, at)


@fn(inline=True)
def register_read(record: Record, at: u32, variant: u32) -> u32:
    """Execute VMRS; rd 15 is APSR."""
    return _read(record, at)


@fn(inline=True)
def register_write(record: Record, at: u32, variant: u32) -> u32:
    """Execute VMSR; FPSID ignores it."""
    return _write(record, at)
