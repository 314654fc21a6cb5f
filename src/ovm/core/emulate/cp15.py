# SPDX-License-Identifier: Apache-2.0
"""MRC and MCR on the virtual coprocessor 15: the way from a register's number to its row in `registers`."""

from typing import Final

from ovm.core.emulate.outcome import Emulated
from ovm.core.emulate.registers import FIRST_ZERO, LAST_ZERO, REGISTERS
from ovm.core.vcpu import Vcpu
from ovm.metal import cp15_read, fn, u32, u64, unroll

# A value of 33 bits: bit 32 says that the register is known.
KNOWN: Final = u64(1 << 32)
_READ: Final = tuple((each.key, each.read, each.operand) for each in REGISTERS if each.read)
_THROUGH: Final = tuple((each.key, each.through) for each in REGISTERS if each.through)
_WRITTEN: Final = tuple((each.key, each.write, each.operand) for each in REGISTERS if each.write)


@fn(inline=False)
def register_read(vcpu: Vcpu, key: u32) -> u64:
    """Read a virtual register by its key (`ovm.arm.cp15.key`); bit 32 of the result says whether it can be read."""
    for code, read, operand in unroll(_READ):
        if key == code:
            return u64(read(vcpu, u32(operand))) | KNOWN
    for code, register in unroll(_THROUGH):
        if key == code:
            return u64(cp15_read(register)) | KNOWN
    return KNOWN if key - FIRST_ZERO <= LAST_ZERO - FIRST_ZERO else 0


@fn(inline=False)
def register_write(vcpu: Vcpu, key: u32, value: u32) -> Emulated:
    """Write a virtual register, or do an operation, by its key."""
    for code, write, operand in unroll(_WRITTEN):
        if key == code:
            return write(vcpu, u32(operand), value)
    return Emulated.UNDEFINED
