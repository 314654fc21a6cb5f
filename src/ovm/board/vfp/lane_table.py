# SPDX-License-Identifier: Apache-2.0
"""All lane functions of Advanced SIMD, numbered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ovm.board.vfp import estimate, float_lanes, lanes, shift_lanes, unary_lanes
from ovm.metal import function_table

FUNCTIONS: Final[list[Callable[..., Any]]] = [
    lanes.halving_add,
    lanes.rounding_halving_add,
    lanes.halving_subtract,
    lanes.saturating_add,
    lanes.saturating_subtract,
    lanes.greater,
    lanes.greater_equal,
    lanes.equal,
    lanes.less,
    lanes.less_equal,
    lanes.test,
    lanes.largest,
    lanes.smallest,
    lanes.distance,
    lanes.distance_accumulate,
    lanes.add,
    lanes.subtract,
    lanes.multiply,
    lanes.multiply_add,
    lanes.multiply_subtract,
    lanes.multiply_polynomial,
    lanes.double_high,
    lanes.double_high_rounded,
    lanes.double_long,
    lanes.double_long_add,
    lanes.double_long_subtract,
    lanes.add_high,
    lanes.subtract_high,
    lanes.add_high_rounded,
    lanes.subtract_high_rounded,
    shift_lanes.shift,
    shift_lanes.shift_rounded,
    shift_lanes.shift_limited,
    shift_lanes.shift_limited_rounded,
    shift_lanes.right,
    shift_lanes.right_accumulate,
    shift_lanes.right_rounded,
    shift_lanes.right_rounded_accumulate,
    shift_lanes.right_insert,
    shift_lanes.left,
    shift_lanes.left_insert,
    shift_lanes.left_limited,
    shift_lanes.left_limited_unsigned,
    shift_lanes.narrow_limited,
    shift_lanes.narrow_limited_rounded,
    shift_lanes.narrow_to_unsigned,
    shift_lanes.narrow_to_unsigned_rounded,
    unary_lanes.absolute,
    unary_lanes.negate,
    unary_lanes.absolute_limited,
    unary_lanes.negate_limited,
    unary_lanes.leading_zeros,
    unary_lanes.leading_signs,
    unary_lanes.count_ones,
    float_lanes.add,
    float_lanes.subtract,
    float_lanes.distance,
    float_lanes.multiply,
    float_lanes.multiply_add,
    float_lanes.multiply_subtract,
    float_lanes.equal,
    float_lanes.greater_equal,
    float_lanes.greater,
    float_lanes.less,
    float_lanes.less_equal,
    float_lanes.size_greater_equal,
    float_lanes.size_greater,
    float_lanes.largest,
    float_lanes.smallest,
    float_lanes.absolute,
    float_lanes.negate,
    float_lanes.from_fixed,
    float_lanes.to_fixed,
    estimate.reciprocal_integer,
    estimate.root_integer,
    estimate.reciprocal_float,
    estimate.root_float,
    estimate.reciprocal_step,
    estimate.root_step,
]
LANES = function_table(*FUNCTIONS)
_NUMBERS: Final = {function: number for number, function in enumerate(FUNCTIONS)}


def lane_of(function: Callable[..., Any]) -> int:
    """Return the number of a lane function."""
    return _NUMBERS[function]
