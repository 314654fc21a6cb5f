# SPDX-License-Identifier: Apache-2.0
"""Identification registers: a guest sees the processor that it runs on, as one CPU of a uniprocessor."""

from typing import Final

from ovm.arm import cp15
from ovm.arm.cp15 import key_of
from ovm.metal import cp15_read, fn, u32, u64, unroll

# A value of 33 bits: bit 32 says that the register is known.
KNOWN: Final = 1 << 32
# MPIDR: multiprocessing format, uniprocessor, CPU 0 (ARM B4.1.106).
MPIDR_VALUE: Final = 0xC000_0000

# Read through: the hardware's own value.
THROUGH: Final = tuple(
    (key_of(register), register)
    for register in (
        cp15.MIDR,
        cp15.CTR,
        cp15.TCMTR,
        cp15.TLBTR,
        cp15.REVIDR,
        cp15.ID_PFR0,
        cp15.ID_DFR0,
        cp15.ID_AFR0,
        cp15.ID_MMFR0,
        cp15.ID_MMFR1,
        cp15.ID_MMFR2,
        cp15.ID_MMFR3,
        cp15.ID_ISAR0,
        cp15.ID_ISAR1,
        cp15.ID_ISAR2,
        cp15.ID_ISAR3,
        cp15.ID_ISAR4,
        cp15.CLIDR,
        cp15.AIDR,
    )
)
_MPIDR: Final = key_of(cp15.MPIDR)
_ID_PFR1: Final = key_of(cp15.ID_PFR1)
# Keys of op1 = 0: what c0, c0 doesn't name is MIDR again; c0, c1 to c7 are all there (ARM B3.17.2, B7.1.1).
SECOND_ROW: Final = cp15.key(0, 0, 1, 0)
LAST_ROW: Final = cp15.key(0, 0, 8, 0)
# ID_PFR1 without Security Extensions: programmers' model only (ARM B4.1.94).
PFR1_VALUE: Final = 1


@fn(inline=False)
def identification_read(register: u32) -> u64:
    """Read an identification register by its key."""
    if register == _MPIDR:
        return u64(MPIDR_VALUE | KNOWN)
    if register == _ID_PFR1:
        return u64(PFR1_VALUE | KNOWN)
    for code, through in unroll(THROUGH):
        if register == code:
            return u64(cp15_read(through)) | KNOWN
    if register < SECOND_ROW:
        return u64(cp15_read(cp15.MIDR)) | KNOWN
    # What is left of the identification scheme reads as zero.
    return u64(KNOWN) if register < LAST_ROW else u64(0)
