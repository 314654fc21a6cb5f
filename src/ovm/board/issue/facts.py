# SPDX-License-Identifier: Apache-2.0
"""The facts of an instruction that concern its neighbours: registers read and written, its unit, the times of its results.

Latencies in cycles are in PARAMETERS. The choice for each operation is from the Cortex-A9 TRM's B.3 for loads and stores;
for data processing (B.2) and multiplication (B.4) from LLVM's model of the core, `ARMScheduleA9.td`, which follows them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.execute import branch, data, media, multiple, multiply, parallel, single, system
from ovm.board.execute.alu import ADC, MOV, MVN, OPERATION, RSC, SBC, SETS_FLAGS
from ovm.board.execute.table import HANDLERS
from ovm.metal import Struct, table, u32, u64

# Bits of registers: r0 to r15, then these, then D0 to D31.
FLAGS: Final = u64(1 << 16)
GE: Final = 1 << 17
FPSCR: Final = 1 << 18
FIRST_D: Final = 32

# Facts.unit.
NO_UNIT: Final = 0  # decoded, and done
ALU: Final = 1  # either of two
MULTIPLIER: Final = 2  # in one of the two
TRANSFER: Final = 3  # address generation, loads and stores
FLOATING: Final = 4

# Facts.kind.
TAKES_FORWARD: Final = u32(1 << 0)  # may have a loaded operand a cycle early (B.3)
CONDITIONAL: Final = 1 << 1
LAST: Final = 1 << 2  # the next instruction in memory is not the one executed next, as `describe` assumes
DRAINS: Final = 1 << 3  # waits for all before it, and is such a last one

# Roles of a record's fields, by handler.
READ_N: Final = 1 << 0
READ_M: Final = 1 << 1
READ_A: Final = 1 << 2
READ_D: Final = 1 << 3
READ_FLAGS: Final = 1 << 4
WRITE_D: Final = 1 << 5
WRITE_A: Final = 1 << 6
WRITE_LINK: Final = 1 << 7
WRITE_FLAGS: Final = 1 << 8
FORWARDS: Final = 1 << 9  # the instruction TAKES_FORWARD
MAY_BE_RRX: Final = 1 << 10
ENDS: Final = 1 << 11
ENDS_BACKWARDS: Final = 1 << 12
SERIAL: Final = 1 << 13
UNIT: Final = 14  # 3 bits
DELAY: Final = 17  # 2 bits, one of those below
CLASS: Final = 19  # 3 bits: of a load or store, below
SHAPE: Final = 22  # 2 bits: the fields of the record that decide the latency
DIRECT: Final = 1 << 24  # the record has the distance to the instruction executed next

# DELAY: the times of results.
AT_ONCE: Final = 0  # a cycle later
SHIFTED: Final = 1
SHIFTED_MORE: Final = 2
MULTIPLIED: Final = 3
# SHAPE
HALF_MULTIPLY: Final = 1  # 16-bit operands
EXTENDED: Final = 2  # a cycle more with an addend
IN_PARALLEL: Final = 3  # longer unless it is plain
# CLASS
NO_TRANSFER: Final = 0
LOAD: Final = 1
STORE: Final = 2
LOAD_PAIR: Final = 3
STORE_PAIR: Final = 4
LOAD_LIST: Final = 5
STORE_LIST: Final = 6
LOAD_PC: Final = 7


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


_MULTIPLIES: Final[dict[Callable[..., Any], int]] = {
    multiply.multiply: READ_N | READ_M | WRITE_D | MULTIPLIED << DELAY,
    multiply.multiply_high: READ_N | READ_M | READ_A | WRITE_D | MULTIPLIED << DELAY,
    multiply.multiply_long: READ_N | READ_M | WRITE_D | WRITE_A | MULTIPLIED << DELAY,
    multiply.multiply_accumulate_accumulate: READ_N | READ_M | READ_A | READ_D | WRITE_D | WRITE_A | MULTIPLIED << DELAY,
    multiply.multiply_halves: READ_N | READ_M | READ_A | WRITE_D | HALF_MULTIPLY << SHAPE,
    multiply.multiply_word_half: READ_N | READ_M | READ_A | WRITE_D | HALF_MULTIPLY << SHAPE,
    multiply.multiply_dual: READ_N | READ_M | READ_A | WRITE_D | HALF_MULTIPLY << SHAPE,
    multiply.multiply_halves_long: READ_N | READ_M | READ_A | READ_D | WRITE_D | WRITE_A | HALF_MULTIPLY << SHAPE,
    multiply.multiply_dual_long: READ_N | READ_M | READ_A | READ_D | WRITE_D | WRITE_A | HALF_MULTIPLY << SHAPE,
    media.absolute_differences: READ_N | READ_M | READ_A | WRITE_D | HALF_MULTIPLY << SHAPE,
}
_ALU: Final[dict[Callable[..., Any], int]] = {
    data.move_wide: READ_D | WRITE_D,
    media.extend: READ_M | READ_N | WRITE_D | SHIFTED << DELAY | EXTENDED << SHAPE,
    media.reverse: READ_M | WRITE_D,
    media.bit_field: READ_N | WRITE_D | SHIFTED << DELAY,
    media.bit_field_insert: READ_N | READ_D | WRITE_D | SHIFTED << DELAY,
    media.pack: READ_N | READ_M | WRITE_D | SHIFTED << DELAY,
    media.select: READ_N | READ_M | READ_FLAGS | WRITE_D,
    media.saturate: READ_N | WRITE_D,
    media.add_saturating: READ_N | READ_M | WRITE_D | FORWARDS,
    parallel.parallel: READ_N | READ_M | WRITE_D | WRITE_FLAGS | IN_PARALLEL << SHAPE,
    system.status_read: READ_FLAGS | WRITE_D,
}
_TRANSFERS: Final[dict[Callable[..., Any], int]] = {
    single.load_offset: LOAD,
    single.load_indexed: LOAD,
    single.load_any: LOAD,
    single.store_offset: STORE,
    single.store_indexed: STORE,
    single.store_any: STORE,
    single.load_pair: LOAD_PAIR,
    single.store_pair: STORE_PAIR,
    multiple.load_multiple: LOAD_LIST,
    multiple.store_multiple: STORE_LIST,
    single.load_to_pc: LOAD_PC,
}
_OTHERS: Final[dict[Callable[..., Any], int]] = {
    branch.branch: ENDS | DIRECT,
    branch.branch_if: ENDS_BACKWARDS | DIRECT,
    branch.compare_branch: 0,
    branch.branch_link: ENDS | DIRECT | WRITE_LINK,
    branch.branch_link_exchange: ENDS | WRITE_LINK,
    branch.branch_register: ENDS,
    branch.branch_link_register: ENDS | WRITE_LINK,
    branch.table_branch: ENDS,
    data.data_to_pc: ENDS,
    system.if_then: 0,
}
_SHIFTS: Final = (data.data_shifted, data.data_shifted_flags)
_DATA: Final = (data.data_immediate, data.data_register, *_SHIFTS, data.data_by_register)


def _data_roles(function: Callable[..., Any], variant: int) -> int:
    """Return the roles of data processing: B.2 has one cycle, two with a shift by a constant, three by a register.

    MOV one less.
    """
    operation = variant & OPERATION
    roles = ALU << UNIT
    roles |= 0 if operation in (MOV, MVN) else READ_N
    roles |= 0 if operation in data.COMPARES else WRITE_D
    roles |= WRITE_FLAGS if variant & SETS_FLAGS else 0
    roles |= READ_FLAGS if operation in (ADC, SBC, RSC) else 0
    roles |= 0 if function is data.data_immediate else READ_M
    if function in _SHIFTS:
        return roles | (AT_ONCE if operation == MOV else SHIFTED) << DELAY | MAY_BE_RRX * (function is data.data_shifted_flags)
    if function is data.data_by_register:
        return roles | READ_A | (SHIFTED if operation == MOV else SHIFTED_MORE) << DELAY
    return roles | FORWARDS


def _multiply_roles(function: Callable[..., Any], variant: int) -> int:
    roles = _MULTIPLIES[function] | MULTIPLIER << UNIT
    if function is multiply.multiply and variant & (multiply.ACCUMULATE | multiply.SUBTRACT):
        roles |= READ_A
    if function is multiply.multiply_long and variant & multiply.ACCUMULATE:
        roles |= READ_A | READ_D
    sets_flags = function in (multiply.multiply, multiply.multiply_long) and variant & SETS_FLAGS
    return roles | (WRITE_FLAGS if sets_flags else 0)


def _alu_roles(function: Callable[..., Any], variant: int) -> int:
    roles = _ALU[function] | ALU << UNIT
    if function is media.saturate and variant & 1 == 0:
        return roles | SHIFTED_MORE << DELAY
    if function is media.add_saturating:
        return roles | (SHIFTED_MORE if variant & 2 else SHIFTED) << DELAY
    return roles


def roles_of(function: Callable[..., Any], variant: int) -> int:
    """Return the registers that a handler's record reads and writes.

    A handler that is not listed waits for everything before it.
    """
    if function in _DATA:
        return _data_roles(function, variant)
    if function in _MULTIPLIES:
        return _multiply_roles(function, variant)
    if function in _ALU:
        return _alu_roles(function, variant)
    if function in _TRANSFERS:
        return TRANSFER << UNIT | _TRANSFERS[function] << CLASS
    if function in _OTHERS:
        return _OTHERS[function]
    return 0 if function is single.preload_data or (function is system.hint and variant == system.NOP) else SERIAL


ROLES = table(u32, [roles_of(each.function, each.variant) for each in HANDLERS])
# Size of a load or store of one register: the variants of `single`.
SIZES = table(u32, [each.variant if each.function in _TRANSFERS else 0 for each in HANDLERS])
