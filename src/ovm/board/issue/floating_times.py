# SPDX-License-Identifier: Apache-2.0
"""Cycles for which an instruction of the extensions keeps the floating-point pipeline.

From LLVM's machine model of Cortex-A9 (`ARMScheduleA9.td`, occupation of its NPipe and LSUnit), which follows the
instruction timings of the Cortex-A9 NEON MPE TRM. Result latencies are in `issue.floating`.
"""

from collections.abc import Callable
from typing import Any, Final

from ovm.board.execute.table import number_of
from ovm.board.record import Record
from ovm.board.vfp import elements, estimate, execute, float_lanes, lane_table, lanes, scalar, unary_lanes, walkers
from ovm.board.vfp.state import OPERATION, QUAD, SIZE
from ovm.metal import fn, table, u32

FIRST: Final = number_of(execute.floating)
LAST: Final = number_of(elements.elements)
ELEMENTS: Final = LAST
REGISTERS_PER_CYCLE: Final = 2
_SCALAR: Final[dict[Callable[..., Any], int]] = {
    scalar.multiply_d: 2,
    scalar.negated_multiply_d: 2,
    scalar.accumulate_d: 2,
    scalar.divide_s: 10,
    scalar.divide_d: 20,
    scalar.root_s: 13,
    scalar.root_d: 28,
}
# Kinds of lane functions: twice the cycles for Q, for words, one cycle more.
_TWICE_FOR_Q: Final = 1
_TWICE_FOR_WORDS: Final = 2
_TWICE: Final = 4
_LANES: Final[dict[Callable[..., Any], int]] = {
    lanes.distance_accumulate: _TWICE_FOR_Q,
    unary_lanes.count_ones: _TWICE_FOR_Q,
    **dict.fromkeys(
        (
            lanes.multiply,
            lanes.multiply_add,
            lanes.multiply_subtract,
            lanes.multiply_polynomial,
            lanes.double_high,
            lanes.double_high_rounded,
            lanes.double_long,
            lanes.double_long_add,
            lanes.double_long_subtract,
        ),
        _TWICE_FOR_Q | _TWICE_FOR_WORDS,
    ),
}
_TWICE_FLOATS: Final = (float_lanes.multiply_add, float_lanes.multiply_subtract)
# Walkers whose result is Q while the operation is on D.
_LONG: Final = (walkers.longer, walkers.wider, walkers.longer_scalar, walkers.one_longer)


def _kind(function: Callable[..., Any]) -> int:
    if function in _TWICE_FLOATS:
        return _TWICE_FOR_Q | _TWICE
    if function.__module__ in (float_lanes.__name__, estimate.__name__):
        return _TWICE_FOR_Q
    return _LANES.get(function, 0)


OPERATION_CYCLES = table(u32, [_SCALAR.get(function, 1) for function in execute.FUNCTIONS])
WALKERS = table(u32, [(function.__module__ == walkers.__name__) + (function in _LONG) for function in execute.FUNCTIONS])
LANE_KINDS = table(u32, [_kind(function) for function in lane_table.FUNCTIONS])


@fn
def is_floating(handler: u32) -> bool:
    """Tell whether a handler is one of the extensions'."""
    return handler >= FIRST and handler <= LAST


@fn
def floating_cycles(record: Record) -> u32:
    """Return the cycles of a decoded instruction."""
    if record.handler == ELEMENTS:
        return _element_cycles(record)
    if record.handler != FIRST:
        # VMRS and VMSR have no registers to move.
        return max((u32(record.ra) + REGISTERS_PER_CYCLE - 1) // REGISTERS_PER_CYCLE, 1)
    operation = u32(record.aux) & OPERATION
    cycles = OPERATION_CYCLES[operation]
    walker = WALKERS[operation]
    if walker == 0:
        return cycles
    kind = LANE_KINDS[u32(record.ra)]
    if kind & _TWICE_FOR_Q != 0 and walker == 1 and record.aux & QUAD != 0:
        cycles *= 2
    if kind & _TWICE != 0 or (kind & _TWICE_FOR_WORDS != 0 and (u32(record.aux) >> SIZE) & 3 == 2):
        cycles *= 2
    return cycles


@fn
def _element_cycles(record: Record) -> u32:
    """Return the cycles of VLD and VST: one structure of a lane takes 2, whole registers one for each two."""
    if record.ra == elements.EVERY_LANE:
        return 1
    if record.ra >= elements.LANE_STORE:
        return 2
    registers = ((record.imm >> elements.STRUCTURE) & 15) * ((record.imm >> elements.REGISTERS) & 15)
    return max((registers + REGISTERS_PER_CYCLE - 1) // REGISTERS_PER_CYCLE, 1)
