# SPDX-License-Identifier: Apache-2.0
"""Operations on integers that have an instruction but no operator."""

from __future__ import annotations

from typing import TypeVar

from ovm.metal.lang.integers import Integer, Unsigned

N = TypeVar("N", bound=Integer)


def clz(value: N) -> N:
    """Count the zero bits above the highest set bit; the width if there is none."""
    return value.wrap(value.WIDTH - value.to_bits().bit_length())


def ctz(value: N) -> N:
    """Count the zero bits below the lowest set bit; the width if there is none."""
    bits = value.to_bits()
    return value.wrap((bits & -bits).bit_length() - 1 if bits else value.WIDTH)


def rotate_right(value: N, count: Unsigned | int) -> N:
    """Rotate towards bit 0; the count is taken modulo the width."""
    bits, turn = value.to_bits(), int(count) % value.WIDTH
    return value.wrap((bits >> turn) | (bits << (value.WIDTH - turn)))


def byte_swap(value: N) -> N:
    """Reverse the order of the bytes."""
    return value.wrap(int.from_bytes(value.to_bits().to_bytes(value.SIZE, "little"), "big"))
