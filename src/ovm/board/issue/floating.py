# SPDX-License-Identifier: Apache-2.0
"""The facts of an instruction of VFP or Advanced SIMD.

Latencies are from LLVM's machine model of Cortex-A9 (`ARMScheduleA9.td`), as in `issue.floating_times`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.decode import floating as decoder
from ovm.board.decode import floating_core_forms as core_forms
from ovm.board.decode.floating_core_forms import LOAD_DOUBLE, LOAD_WORDS, READ, STORE_WORDS
from ovm.board.decode.floating_forms import FLOATING_HANDLER, IS_BY_Q, IS_BY_U, IS_D, IS_Q, IS_S, NONE
from ovm.board.decode.simd_forms import ELEMENTS
from ovm.board.execute.roles import FLOATING, TRANSFER
from ovm.board.issue.facts import DRAINS, FIRST_D, FLAGS, FPSCR, LAST, Facts
from ovm.board.record import Record
from ovm.board.sizes import MOST_STRUCTURE
from ovm.board.vfp import elements, execute, float_lanes, permute, scalar, scalar_convert, transfer, walkers
from ovm.board.vfp.lane_table import FUNCTIONS as LANES
from ovm.board.vfp.state import OPERATION, QUAD, SIZE
from ovm.metal import fn, table, u32, u64

# From one operation to the next that needs its result; Q and others that take several cycles come that much later.
LOAD_RESULT: Final = 1
TO_CORE: Final = 2
_SCALAR: Final[dict[Callable[..., Any], int]] = {
    **dict.fromkeys((scalar.sign_s, scalar.sign_d, scalar.constant_s, scalar.constant_d), 1),
    **dict.fromkeys((scalar_convert.core_to_s, scalar_convert.cores_to_words, scalar_convert.core_to_scalar), 1),
    **dict.fromkeys((scalar_convert.s_to_core, scalar_convert.words_to_cores, scalar_convert.scalar_to_core), TO_CORE),
    # LLVM's model has 5. Into the next multiplication lmbench on a Cortex-A9 r3p0 has 6.02 and, with 2 in the unit, 7.02.
    **dict.fromkeys((scalar.multiply_s, scalar.negated_multiply_s, scalar.multiply_d, scalar.negated_multiply_d), 6),
    scalar.accumulate_s: 8,
    scalar.accumulate_d: 8,
    scalar.divide_s: 6,
    scalar.divide_d: 6,
    scalar.root_s: 5,
    scalar.root_d: 5,
}
ARITHMETIC: Final = 4  # VADD and the other operations of VFP
SIMD_PLAIN: Final = 3
SIMD_MULTIPLY: Final = 6
SIMD_FLOAT: Final = 5
SIMD_FLOAT_ACCUMULATE: Final = 8
PERMUTED: Final = 2
_MULTIPLIES: Final = ("multiply", "double")
_ACCUMULATES: Final = ("accumulate", "multiply_add", "multiply_subtract", "long_add", "long_subtract", "insert")


def _lane_latency(function: Callable[..., Any]) -> int:
    if function.__module__ == float_lanes.__name__:
        return SIMD_FLOAT_ACCUMULATE if _accumulates(function) else SIMD_FLOAT
    return SIMD_MULTIPLY if function.__name__.startswith(_MULTIPLIES) else SIMD_PLAIN


def _accumulates(function: Callable[..., Any]) -> bool:
    return any(part in function.__name__ for part in _ACCUMULATES)


def _operation_latency(function: Callable[..., Any]) -> int:
    simd = function.__module__ in (walkers.__name__, "ovm.board.vfp.whole")
    plain = SIMD_PLAIN if simd else PERMUTED if function.__module__ == permute.__name__ else ARITHMETIC
    return _SCALAR.get(function, plain)


def _kinds(function: Callable[..., Any]) -> int:
    """Return kinds of Vd, Vn, Vm of an operation, three bits each as in a shape; those of its widest row."""
    named = [row for row in decoder.ROWS[: decoder.TRANSFER_ROWS] if row.handler & OPERATION == _NUMBER[function]]
    rows = [row for row in named if row.form not in _OTHER_FORMS]
    widest = 0
    for place in (0, 3, 6):
        widest |= max((row.extra >> place & 7 for row in rows), default=NONE) << place
    one = any(row.form.__name__ in ("one", "shift") for row in rows)
    # The forms `one` and `shift` have Vm at the place of Vn.
    return widest & 7 | (widest >> 6) << 3 if one else widest


_NUMBER: Final = {function: number for number, function in enumerate(execute.FUNCTIONS)}
_CORE_FORMS: Final = (core_forms.core, core_forms.duplicate, core_forms.two_cores, core_forms.scalar)
_OTHER_FORMS: Final = (*_CORE_FORMS, core_forms.status, core_forms.single_transfer, core_forms.block_transfer)
_BY_SCALAR: Final = (walkers.same_scalar, walkers.longer_scalar)
_COMPARES: Final = (scalar_convert.compare_s, scalar_convert.compare_d)
_TO_CORE: Final = (scalar_convert.s_to_core, scalar_convert.scalar_to_core)
_FROM_CORE: Final = (scalar_convert.core_to_s, scalar_convert.core_to_scalar, scalar_convert.duplicate_core)
_READ_D: Final = (
    *_COMPARES,
    scalar.accumulate_s,
    scalar.accumulate_d,
    scalar_convert.fixed_s,
    scalar_convert.fixed_d,
    scalar_convert.core_to_scalar,
)
_WRITE_M: Final = (permute.swap, permute.transpose, permute.zip_together, permute.unzip)
_MAY_READ_D: Final = (walkers.pairs_longer, permute.bitwise, permute.constant, permute.look_up)
PAIRS: Final = _NUMBER[walkers.pairs_longer]
BITWISE: Final = _NUMBER[permute.bitwise]
CONSTANT: Final = _NUMBER[permute.constant]
LOOK_UP: Final = _NUMBER[permute.look_up]
# Other effects of an operation, besides its registers of the extensions.
DOES_COMPARE: Final = 1 << 0
TO_ONE_CORE: Final = 1 << 1
FROM_ONE_CORE: Final = 1 << 2
READS_TARGET: Final = 1 << 3
WRITES_BOTH: Final = 1 << 4
BY_LANE: Final = 1 << 5  # a walker: `ra` names a lane function
TO_TWO_CORES: Final = 1 << 6
FROM_TWO_CORES: Final = 1 << 7
MAY_READ_TARGET: Final = 1 << 8  # by bits of the instruction
BY_SCALAR: Final = 1 << 9  # reads a lane of Vm


def _manner(function: Callable[..., Any]) -> int:
    manners = (
        (function in _COMPARES, DOES_COMPARE),
        (function in _TO_CORE, TO_ONE_CORE),
        (function in _FROM_CORE, FROM_ONE_CORE),
        (function in _READ_D or function in _WRITE_M, READS_TARGET),
        (function in _WRITE_M, WRITES_BOTH),
        (function.__module__ == walkers.__name__ and function is not walkers.pairs_longer, BY_LANE),
        (function is scalar_convert.words_to_cores, TO_TWO_CORES),
        (function is scalar_convert.cores_to_words, FROM_TWO_CORES),
        (function in _MAY_READ_D, MAY_READ_TARGET),
        (function in _BY_SCALAR, BY_SCALAR),
    )
    return sum(bit for holds, bit in manners if holds)


KINDS = table(u32, [_kinds(function) for function in execute.FUNCTIONS])
MANNERS = table(u32, [_manner(function) for function in execute.FUNCTIONS])
LATENCIES = table(u32, [_operation_latency(function) for function in execute.FUNCTIONS])
LANE_LATENCIES = table(u32, [_lane_latency(function) for function in LANES])
LANE_ACCUMULATES = table(u32, [int(_accumulates(function)) for function in LANES])


@fn(inline=False)
def describe_floating(record: Record, facts: Facts) -> None:
    """Fill in the facts of an instruction of the extensions, whose `busy` is set."""
    facts.unit = FLOATING
    facts.reads = 0
    facts.writes = 0
    if record.handler == FLOATING_HANDLER:
        _operation(record, facts)
    elif record.handler == READ:
        _status(record, facts)
    elif record.handler == LOAD_WORDS or record.handler == LOAD_DOUBLE or record.handler == STORE_WORDS:
        _transfer(record, facts)
    elif record.handler == ELEMENTS:
        _elements(record, facts)
    else:
        facts.unit = 0
        facts.kind = DRAINS | LAST


@fn
def _set_latency(facts: Facts, cycles: u32) -> None:
    facts.result = cycles + facts.busy - 1
    facts.forwarded = facts.result
    facts.to_address = facts.result


@fn
def _registers(first: u32, count: u32) -> u64:
    """Return the bits of D registers."""
    return ((u64(1) << count) - 1) << (first + FIRST_D)


@fn
def _of_kind(kind: u32, number: u32, quad: bool) -> u64:
    if kind == NONE:
        return 0
    if kind == IS_S:
        return _registers(number >> 1, 1)
    wide = kind == IS_Q or (quad and (kind == IS_BY_Q or kind == IS_BY_U))
    return _registers(number, 2 if wide and kind != IS_D else 1)


@fn
def _operation(record: Record, facts: Facts) -> None:
    operation = u32(record.aux) & OPERATION
    kinds = KINDS[operation]
    manner = MANNERS[operation]
    quad = record.aux & QUAD != 0
    target = _of_kind(kinds & 7, u32(record.rd), quad)
    facts.writes = target
    facts.reads = _of_kind((kinds >> 3) & 7, u32(record.rn), quad) | _of_kind((kinds >> 6) & 7, u32(record.rm), quad)
    _set_latency(facts, LATENCIES[operation])
    if manner & WRITES_BOTH != 0:
        facts.writes |= facts.reads
    if manner & READS_TARGET != 0 or (manner & MAY_READ_TARGET != 0 and _reads_target(operation, record.imm)):
        facts.reads |= target
    if operation == LOOK_UP:
        facts.reads |= _registers(u32(record.rn), ((record.imm >> 8) & 3) + 1)
    if manner & BY_SCALAR != 0:
        # Of halfwords bit 3 of Vm is the lane's (ARM A7.4.3).
        facts.reads |= _registers(record.imm & (7 if (u32(record.aux) >> SIZE) & 3 == 1 else 15), 1)
    if manner & BY_LANE != 0:
        _set_latency(facts, LANE_LATENCIES[record.ra])
        if LANE_ACCUMULATES[record.ra] != 0:
            facts.reads |= target
    if manner & DOES_COMPARE != 0:
        facts.writes = FPSCR
        # Bit 16: with zero.
        facts.reads = target if record.imm & (1 << 16) != 0 else facts.reads
    _cores(record, manner, facts)


@fn
def _reads_target(operation: u32, word: u32) -> bool:
    """Return whether an instruction reads its target: VPADAL, VBSL and similar ones, VORR and VBIC of a constant, VTBX."""
    if operation == PAIRS:
        return word & (1 << 10) != 0
    if operation == BITWISE:
        return word & (1 << 24) != 0 and (word >> 20) & 3 != 0
    if operation == CONSTANT:
        return word & 0x100 != 0 and (word >> 8) & 15 < 12
    return operation == LOOK_UP and word & 0x40 != 0


@fn
def _cores(record: Record, manner: u32, facts: Facts) -> None:
    """Set the registers of moves between the register files."""
    one = u64(1) << u32(record.rn)
    two = one | (u64(1) << u32(record.rm))
    if manner & TO_ONE_CORE != 0:
        facts.reads = _registers(_place(record), 1)
        facts.writes = one
    if manner & FROM_ONE_CORE != 0:
        # Bit 21 of VDUP is Q; where the target is read it names a lane.
        quad = manner & READS_TARGET == 0 and record.imm & (1 << 21) != 0
        facts.writes = _registers(_place(record), 2 if quad else 1)
        facts.reads = one | (facts.writes if manner & READS_TARGET != 0 else 0)
    if manner & TO_TWO_CORES != 0:
        facts.reads = _registers(u32(record.ra) >> 1, 1) | _registers((u32(record.ra) + 1) >> 1, 1)
        facts.writes = two
    if manner & FROM_TWO_CORES != 0:
        facts.writes = _registers(u32(record.ra) >> 1, 1) | _registers((u32(record.ra) + 1) >> 1, 1)
        facts.reads = two


@fn
def _place(record: Record) -> u32:
    """Return the D register of a move: bit 8 of the word says whether `rd` is one."""
    return u32(record.rd) if record.imm & 0x100 != 0 else u32(record.rd) >> 1


@fn
def _status(record: Record, facts: Facts) -> None:
    """Set the registers of VMRS, most often of the flags of a comparison."""
    facts.reads = FPSCR
    facts.writes = FLAGS if record.rd == 15 else u64(1) << u32(record.rd)
    _set_latency(facts, 1)


@fn
def _transfer(record: Record, facts: Facts) -> None:
    """Set the registers of VLDR, VSTR, VLDM, VSTM. Data of stores may come at any time."""
    facts.unit = TRANSFER
    facts.locates = u64(1) << u32(record.rn)
    if record.aux & transfer.WRITE_BACK != 0:
        facts.updated = facts.locates
    if record.handler != STORE_WORDS:
        first = u32(record.rd) >> 1
        facts.writes = _registers(first, ((u32(record.rd) + u32(record.ra) - 1) >> 1) + 1 - first)
    _set_latency(facts, LOAD_RESULT)


@fn
def _elements(record: Record, facts: Facts) -> None:
    facts.unit = TRANSFER
    facts.locates = u64(1) << u32(record.rn)
    if record.rm != 15:
        facts.updated = facts.locates
        facts.locates |= u64(1) << u32(record.rm) if record.rm != 13 else 0
    kind = u32(record.ra)
    if kind != elements.ALL_STORE and kind != elements.LANE_STORE:
        step = (record.imm >> elements.STEP) & 15
        copies = (record.imm >> elements.REGISTERS) & 15
        for part in u32.range((record.imm >> elements.STRUCTURE) & 15, bound=MOST_STRUCTURE):
            facts.writes |= _registers(u32(record.rd) + part * step, copies)
        facts.reads = facts.writes if kind == elements.LANE_LOAD else 0
    _set_latency(facts, LOAD_RESULT)
