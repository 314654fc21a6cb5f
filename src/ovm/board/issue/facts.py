# SPDX-License-Identifier: Apache-2.0
"""The facts of an instruction that concern its neighbours: registers read and written, its unit, the times of its results.

An instruction's row has its roles, from which these are made (`execute/roles.py`).
"""

from typing import Final

from ovm.board.execute.roles import CLASS, NO_TRANSFER
from ovm.board.execute.table import ROWS
from ovm.metal import Struct, table, u32, u64

# Bits of registers: r0 to r15, then these, then D0 to D31.
FLAGS: Final = u64(1 << 16)
GE: Final = 1 << 17
FPSCR: Final = 1 << 18
FIRST_D: Final = 32

# Facts.kind.
TAKES_FORWARD: Final = u32(1 << 0)  # may have a loaded operand a cycle early (B.3)
CONDITIONAL: Final = 1 << 1
LAST: Final = 1 << 2  # the next instruction in memory is not the one executed next, as `describe` assumes
DRAINS: Final = 1 << 3  # waits for all before it, and is such a last one


class Facts(Struct):
    """Of one instruction."""

    reads: u64
    locates: u64  # read to make an address
    writes: u64
    updated: u64  # a base, written back a cycle later
    forwarded: u32  # cycles until `writes` can be an operand that is forwarded early
    result: u32  # any other operand
    to_address: u32  # part of an address
    busy: u32  # cycles of its unit
    unit: u32
    kind: u32
    onward: u32  # the distance to the instruction executed next, if it does not follow in memory; 0: unknown, where LAST
    issue: u32  # slot in which it is issued, while `window` computes


ROLES = table(u32, [row.roles for row in ROWS])
# Size of a load or store of one register: the variants of `single`.
SIZES = table(u32, [row.variant if (row.roles >> CLASS) & 7 != NO_TRANSFER else 0 for row in ROWS])
