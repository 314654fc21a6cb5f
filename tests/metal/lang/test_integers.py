# SPDX-License-Identifier: Apache-2.0
"""Integers against C's fixed-width types (through ctypes) and Python's own unbounded integers."""

import ctypes
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovm.metal import byte_swap, clz, ctz, i8, i16, i32, i64, rotate_right, u8, u16, u32, u64
from ovm.metal.lang.errors import BoundPanic
from ovm.metal.lang.integers import INTEGERS, Integer

C_TYPES = {
    u8: ctypes.c_uint8,
    u16: ctypes.c_uint16,
    u32: ctypes.c_uint32,
    u64: ctypes.c_uint64,
    i8: ctypes.c_int8,
    i16: ctypes.c_int16,
    i32: ctypes.c_int32,
    i64: ctypes.c_int64,
}
KINDS = st.sampled_from(INTEGERS)
NUMBERS = st.one_of(st.integers(-(2**64), 2**64), st.integers(-4, 4), st.sampled_from([127, 128, 255, 2**31, 2**63]))


def c_value(kind: type[Integer], number: int) -> int:
    return int(C_TYPES[kind](number).value)


def make(kind: type[Integer], number: int) -> Integer:
    return kind(c_value(kind, number))


@pytest.mark.parametrize("name", ["add", "sub", "mul", "and_", "or_", "xor"])
@given(kind=KINDS, a=NUMBERS, b=NUMBERS)
def test_operators_wrap_as_c(name: str, kind: type[Integer], a: int, b: int) -> None:
    operation: Callable[[Any, Any], Any] = getattr(operator, name)
    left, right = make(kind, a), make(kind, b)
    result = operation(left, right)
    assert type(result) is kind
    assert int(result) == c_value(kind, operation(int(left), int(right)))
    assert operation(left, int(right)) == operation(int(left), right) == result


@given(kind=KINDS, a=NUMBERS, b=NUMBERS)
def test_division_floors_and_never_fails(kind: type[Integer], a: int, b: int) -> None:
    left, right = make(kind, a), make(kind, b)
    quotient, rest = left // right, left % right
    if right == 0:
        assert (int(quotient), rest) == (0, left)
    else:
        assert int(quotient) == c_value(kind, int(left) // int(right))
        assert int(rest) == int(left) % int(right)
    assert quotient * right + rest == left


def test_division_of_the_minimum_by_minus_one_is_the_minimum() -> None:
    assert i8(-128) // i8(-1) == -128
    assert i64(-(2**63)) // -1 == -(2**63)


@given(kind=KINDS, a=NUMBERS, count=st.integers(0, 300))
def test_shifts_push_everything_out(kind: type[Integer], a: int, count: int) -> None:
    value = make(kind, a)
    assert int(value << count) == c_value(kind, int(value) << count)
    assert int(value >> count) == int(value) >> count
    assert value >> count == value >> u16(count)


def test_shift_counts_are_unsigned() -> None:
    with pytest.raises(TypeError):
        u32(1) << i32(1)  # type: ignore[operator]
    with pytest.raises(ValueError, match="not negative"):
        u32(1) << -1
    assert 1 << u32(4) == 16
    assert type(1 << u8(4)) is u8


@given(kind=KINDS, a=NUMBERS)
def test_unary(kind: type[Integer], a: int) -> None:
    value = make(kind, a)
    assert int(-value) == c_value(kind, -int(value))
    assert int(~value) == c_value(kind, ~int(value))


@given(kind=KINDS, source=KINDS, a=NUMBERS)
def test_conversion_widens_by_the_source_and_cuts(kind: type[Integer], source: type[Integer], a: int) -> None:
    value = make(source, a)
    assert int(kind(value)) == c_value(kind, int(value))


@given(kind=KINDS, a=NUMBERS, b=NUMBERS)
def test_comparisons(kind: type[Integer], a: int, b: int) -> None:
    left, right = make(kind, a), make(kind, b)
    x, y = int(left), int(right)
    assert (left == right, left != right, left < right) == (x == y, x != y, x < y)
    assert (left <= right, left > right, left >= y) == (x <= y, x > y, x >= y)
    assert (hash(left) == hash(right)) or x != y


@pytest.mark.parametrize("kind", INTEGERS)
def test_constants_must_fit(kind: type[Integer]) -> None:
    assert int(kind(kind.MAXIMUM)) == kind.MAXIMUM
    for constant in (kind.MINIMUM - 1, kind.MAXIMUM + 1):
        with pytest.raises(OverflowError, match=f"constant {constant} does not fit in {kind.__name__}"):
            kind(constant)
        with pytest.raises(OverflowError):
            kind(1) + constant
        with pytest.raises(OverflowError):
            kind(1) == constant  # noqa: B015


def test_types_do_not_mix() -> None:
    for operation in (operator.add, operator.floordiv, operator.and_, operator.lt):
        with pytest.raises(TypeError):
            operation(u32(1), i32(1))
        with pytest.raises(TypeError):
            operation(u32(1), u16(1))
    with pytest.raises(TypeError):
        u32(1) + True  # noqa: B018
    with pytest.raises(TypeError):
        u32(1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        u32(1) / 2  # type: ignore[operator]


def test_an_integer_is_no_condition() -> None:
    with pytest.raises(TypeError, match="not a condition"):
        bool(u32(1))


def test_a_bool_converts() -> None:
    assert u8(True) == 1


@given(kind=KINDS, a=NUMBERS, count=st.integers(0, 200))
def test_bit_operations(kind: type[Integer], a: int, count: int) -> None:
    value = make(kind, a)
    digits = format(value.to_bits(), f"0{kind.WIDTH}b")
    assert int(clz(value)) == len(digits) - len(digits.lstrip("0"))
    assert int(ctz(value)) == len(digits) - len(digits.rstrip("0"))
    turn = count % kind.WIDTH
    turned = digits[-turn:] + digits[:-turn] if turn else digits
    assert rotate_right(value, count).to_bits() == int(turned, 2)
    octets = [digits[place : place + 8] for place in range(0, kind.WIDTH, 8)]
    assert byte_swap(value).to_bits() == int("".join(reversed(octets)), 2)


def test_ranges_have_the_type() -> None:
    assert [int(i) for i in u8.range(3)] == [0, 1, 2]
    assert [type(i) for i in i16.range(-1, 1)] == [i16, i16]
    assert [int(i) for i in i32.range(6, 0, -2)] == [6, 4, 2]
    assert [int(i) for i in u8.range(254, 256)] == [254, 255]
    with pytest.raises(OverflowError):
        u8.range(257)
    with pytest.raises(TypeError):
        u8.range(u32(5))  # type: ignore[call-overload]


def test_a_range_goes_to_its_bound_and_no_further() -> None:
    assert len(list(u32.range(u32(4), bound=4))) == 4
    assert len(list(u32.range(u32(4), bound=u32(4)))) == 4
    turns = u32.range(u32(5), bound=4)
    for _ in range(4):
        next(turns)
    with pytest.raises(BoundPanic, match="bound of 4"):
        next(turns)
