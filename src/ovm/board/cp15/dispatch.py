# SPDX-License-Identifier: Apache-2.0
"""The dispatch from the number of a row in the table of registers to its functions."""

from typing import Final

from ovm.board.cp15.registers import REGISTERS
from ovm.metal import fn, table, u16, u32, unroll

NO_ROW: Final = u32(0xFFFF)
RULES = table(u16, [register.rules for register in REGISTERS])
_ROWS: Final = tuple(enumerate(REGISTERS))


@fn(inline=False)
def row_of(key: u32) -> u32:
    """Return the row of a register by `registers.key_of`; NO_ROW if the core has none."""
    for row, register in unroll(_ROWS):
        if key == register.key:
            return u32(row)
    return NO_ROW


@fn(inline=False)
def read(row: u32) -> u32:
    """Read the register of a row."""
    for number, register in unroll(_ROWS):
        if row == number:
            return register.read(u32(register.offset), u32(register.mask))
    return 0


@fn(inline=False)
def write(row: u32, value: u32) -> None:
    """Write the register of a row, or do its operation."""
    for number, register in unroll(_ROWS):
        if row == number:
            register.write(u32(register.offset), u32(register.mask), value)
            return
