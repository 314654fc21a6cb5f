# SPDX-License-Identifier: Apache-2.0
"""Comparisons, largest and smallest (ARM A2.7.7)."""

from typing import Final

from ovm.board.vfp.number import (
    SINGLE,
    is_nan,
    is_signalling,
    magnitude,
    propagate,
    sign_place,
    squash,
)
from ovm.board.vfp.state import IOC, raise_flags
from ovm.metal import fn, u32, u64

# NZCV of FPSCR after a comparison.
LESS: Final = u32(0x8000_0000)
EQUAL: Final = u32(0x6000_0000)
GREATER: Final = u32(0x2000_0000)
UNORDERED: Final = u32(0x3000_0000)


@fn(inline=False)
def compare(kind: u32, left: u64, right: u64, loud: bool, control: u32) -> u32:
    """Compare; `loud` makes a quiet NaN an invalid operation too."""
    a = squash(kind, left, control)
    b = squash(kind, right, control)
    if is_nan(kind, a) or is_nan(kind, b):
        if loud or is_signalling(kind, a) or is_signalling(kind, b):
            raise_flags(IOC)
        return UNORDERED
    if a == b or (magnitude(kind, a) | magnitude(kind, b)) == 0:
        return EQUAL
    negative = a >> sign_place(kind) != 0
    if negative != (b >> sign_place(kind) != 0):
        return LESS if negative else GREATER
    return LESS if (a < b) != negative else GREATER


@fn(inline=False)
def extreme_single(left: u32, right: u32, smallest: bool, control: u32) -> u32:
    """Return the larger or the smaller number; -0 is less than +0."""
    a = squash(SINGLE, u64(left), control)
    b = squash(SINGLE, u64(right), control)
    if is_nan(SINGLE, a) or is_nan(SINGLE, b):
        return u32(propagate(SINGLE, a, b, control))
    left_less = a > b if a >> 31 != 0 else b >> 31 == 0 and a < b
    if a >> 31 != 0 and b >> 31 == 0:
        left_less = True
    return u32(a) if left_less == smallest else u32(b)
