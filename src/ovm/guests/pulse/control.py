# SPDX-License-Identifier: Apache-2.0
"""The work of the control loop: a PI controller and the plant that it controls, in fixed point.

The set point jumps between two values. Shortly before each jump the plant must have settled; it has not settled if the loop
ever lost its state or its rhythm. One unit is 1/65536.
"""

from typing import Final

from ovm.metal import Struct, fn, i32, u32

ONE: Final = 1 << 16
HIGH: Final = i32(3 * ONE)
LOW: Final = i32(ONE)
# Activations between two jumps of the set point.
HALF_PERIOD: Final = 250
TOLERANCE: Final = ONE // 64
_DRIVE_LIMIT: Final = i32(8 * ONE)


class Loop(Struct):
    """State of controller and plant; zeroed is at rest."""

    steps: u32
    output: i32
    integral: i32
    settled: u32
    unsettled: u32


@fn
def set_point(steps: u32) -> i32:
    """Return the set point after a number of steps."""
    if steps // HALF_PERIOD % 2 == 0:
        return HIGH
    return LOW


@fn
def step(loop: Loop) -> None:
    """Measure, control, act; judge the output before each jump of the set point."""
    error = set_point(loop.steps) - loop.output
    loop.integral = limited(loop.integral + error // 16)
    drive = limited(error + loop.integral)
    loop.output += (drive - loop.output) // 8
    loop.steps += 1
    if loop.steps % HALF_PERIOD == 0:
        if error <= TOLERANCE and error >= -TOLERANCE:
            loop.settled += 1
        else:
            loop.unsettled += 1


@fn
def limited(value: i32) -> i32:
    """Limit a value to the drive's range."""
    return max(min(value, _DRIVE_LIMIT), -_DRIVE_LIMIT)
