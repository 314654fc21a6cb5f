# SPDX-License-Identifier: Apache-2.0
"""The numbered operations on extension registers, and the loop's handler for them.

`Record.aux` has an operation's number and its needs; it is called through `OPERATIONS`, so that the loop stays small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.processor.exceptions import undefined
from ovm.board.processor.flow import after
from ovm.board.record import Record
from ovm.board.state import CPU
from ovm.board.vfp import permute, scalar, scalar_convert, walkers, whole
from ovm.board.vfp.state import FLOATING, OPERATION, enabled, plainly_enabled
from ovm.metal import fn, function_table, u32

FUNCTIONS: Final[list[Callable[..., Any]]] = [
    scalar.add_s,
    scalar.add_d,
    scalar.subtract_s,
    scalar.subtract_d,
    scalar.multiply_s,
    scalar.multiply_d,
    scalar.negated_multiply_s,
    scalar.negated_multiply_d,
    scalar.accumulate_s,
    scalar.accumulate_d,
    scalar.divide_s,
    scalar.divide_d,
    scalar.root_s,
    scalar.root_d,
    scalar.sign_s,
    scalar.sign_d,
    scalar.constant_s,
    scalar.constant_d,
    scalar_convert.compare_s,
    scalar_convert.compare_d,
    scalar_convert.widen,
    scalar_convert.narrow,
    scalar_convert.from_half,
    scalar_convert.to_half,
    scalar_convert.integer_to_s,
    scalar_convert.integer_to_d,
    scalar_convert.s_to_integer,
    scalar_convert.d_to_integer,
    scalar_convert.fixed_s,
    scalar_convert.fixed_d,
    scalar_convert.core_to_s,
    scalar_convert.s_to_core,
    scalar_convert.cores_to_words,
    scalar_convert.words_to_cores,
    scalar_convert.core_to_scalar,
    scalar_convert.scalar_to_core,
    scalar_convert.duplicate_core,
    walkers.same,
    walkers.longer,
    walkers.wider,
    walkers.narrower,
    walkers.same_scalar,
    walkers.longer_scalar,
    walkers.one,
    walkers.one_longer,
    walkers.one_narrower,
    walkers.pairs,
    walkers.pairs_longer,
    whole.add,
    whole.subtract,
    permute.bitwise,
    permute.invert,
    permute.swap,
    permute.constant,
    permute.reverse,
    permute.transpose,
    permute.zip_together,
    permute.unzip,
    permute.extract,
    permute.look_up,
    permute.duplicate,
    permute.halves_to_singles,
    permute.singles_to_halves,
]
OPERATIONS = function_table(*FUNCTIONS)
_NUMBERS: Final = {function: number for number, function in enumerate(FUNCTIONS)}


def operation_of(function: Callable[..., Any]) -> int:
    """Return the number of an operation."""
    return _NUMBERS[function]


@fn(inline=True)
def floating(record: Record, at: u32, variant: u32) -> u32:
    """Execute any instruction except loads, stores and system registers."""
    state = FLOATING[CPU.number]
    if not plainly_enabled(state) and not enabled(state, u32(record.aux)):
        return undefined(at)
    OPERATIONS[u32(record.aux) & OPERATION](record, state)
    return after(record, at)
