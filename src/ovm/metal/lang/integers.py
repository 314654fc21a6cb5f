# SPDX-License-Identifier: Apache-2.0
"""Integers of fixed width that wrap.

Two integers combine only when they have the same type; a plain Python `int` is a constant, which takes the
type of the other operand and must fit in it. Every operation has one defined result for every input:
division by zero gives 0, the remainder by zero is the dividend, a shift by the width or more shifts
everything out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self, overload

from ovm.metal.lang.loops import turns


class Scalar:
    """A value that fits a register and has a defined form in memory."""

    __slots__ = ()
    SIZE: ClassVar[int]

    @classmethod
    def from_bits(cls, bits: int) -> Self:
        """Make a value from its bits in memory, `SIZE` bytes read as an unsigned number."""
        raise TypeError(f"{cls.__name__} has no value of its own")

    def to_bits(self) -> int:
        """Return the value's bits in memory as an unsigned number."""
        raise TypeError(f"{type(self).__name__} has no value of its own")


class Word(Scalar):
    """A scalar that holds one number: the common root of integers and addresses."""

    __slots__ = ("_value",)
    _value: int
    WIDTH: ClassVar[int]
    SIGNED: ClassVar[bool] = False
    MINIMUM: ClassVar[int]
    MAXIMUM: ClassVar[int]
    MASK: ClassVar[int]

    def __init_subclass__(cls, *, width: int = 0, signed: bool = False) -> None:
        super().__init_subclass__()
        if width:
            cls.WIDTH = width
            cls.SIGNED = signed
            cls.SIZE = width // 8
            cls.MASK = (1 << width) - 1
            cls.MAXIMUM = cls.MASK >> 1 if signed else cls.MASK
            cls.MINIMUM = -(1 << (width - 1)) if signed else 0

    @classmethod
    def wrap(cls, number: int) -> Self:
        """Cut `number` to the width."""
        number &= cls.MASK
        if number > cls.MAXIMUM:
            number -= cls.MASK + 1
        result = object.__new__(cls)
        result._value = number
        return result

    @classmethod
    def fit(cls, constant: int) -> int:
        """Return `constant`, which must be representable."""
        if cls.MINIMUM <= constant <= cls.MAXIMUM:
            return constant
        raise OverflowError(
            f"constant {constant} does not fit in {cls.__name__} ({cls.MINIMUM} to {cls.MAXIMUM})"
        )

    @classmethod
    def from_bits(cls, bits: int) -> Self:
        """Make a value from its bits in memory."""
        return cls.wrap(bits)

    def to_bits(self) -> int:
        """Return the value's bits as an unsigned number."""
        return self._value & self.MASK

    def _same(self, other: object) -> int | None:
        """Return the number of an operand of this very type or of a constant, None for anything else."""
        if type(other) is type(self):
            return other._value
        if type(other) is int:
            return self.fit(other)
        return None

    def __int__(self) -> int:
        return self._value

    def __index__(self) -> int:
        return self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value})"

    def __format__(self, specification: str) -> str:
        return format(self._value, specification)

    def __bool__(self) -> bool:
        raise TypeError(f"a {type(self).__name__} is not a condition: compare it, for example with 0")

    # Comparing unlike types is an error to mypy and to the compiler, hence the narrower parameter.
    def __eq__(self, other: Self | int) -> bool:  # type: ignore[override]
        number = self._same(other)
        return NotImplemented if number is None else self._value == number

    def __ne__(self, other: Self | int) -> bool:  # type: ignore[override]
        number = self._same(other)
        return NotImplemented if number is None else self._value != number

    def __lt__(self, other: Self | int) -> bool:
        number = self._same(other)
        return NotImplemented if number is None else self._value < number

    def __le__(self, other: Self | int) -> bool:
        number = self._same(other)
        return NotImplemented if number is None else self._value <= number

    def __gt__(self, other: Self | int) -> bool:
        number = self._same(other)
        return NotImplemented if number is None else self._value > number

    def __ge__(self, other: Self | int) -> bool:
        number = self._same(other)
        return NotImplemented if number is None else self._value >= number


class Integer(Word):
    """Any of `u8 u16 u32 u64 i8 i16 i32 i64`."""

    __slots__ = ()

    def __init__(self, value: Word | int) -> None:
        if isinstance(value, int):
            self._value = self.fit(int(value))
        elif isinstance(value, Word):
            self._value = type(self).wrap(value._value)._value
        else:
            raise TypeError(
                f"{type(self).__name__}() converts an integer, a bool or an address, "
                f"not {type(value).__name__}"
            )

    @overload
    @classmethod
    def range(cls, stop: Self | int, /, *, bound: Integer | int | None = None) -> Iterator[Self]: ...
    @overload
    @classmethod
    def range(
        cls, start: Self | int, stop: Self | int, step: Self | int = 1, /, *, bound: Integer | int | None = None
    ) -> Iterator[Self]: ...
    @classmethod
    def range(
        cls,
        start: Self | int,
        stop: Self | int | None = None,
        step: Self | int = 1,
        /,
        *,
        bound: Integer | int | None = None,
    ) -> Iterator[Self]:
        """Count like Python's `range`; with `bound`, more than `bound` turns panic."""
        first, last = (0, start) if stop is None else (start, stop)
        for limit in (start, stop, step):
            if limit is not None and type(limit) not in (int, cls):
                raise TypeError(f"{cls.__name__}.range() counts to a {cls.__name__}, not {limit!r}")
        numbers = range(int(first), int(last), int(step))
        if numbers:
            cls.fit(numbers[0])
            cls.fit(numbers[-1])
        return turns(map(cls.wrap, numbers), None if bound is None else int(bound))

    def __add__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(self._value + number)

    def __radd__(self, other: int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(number + self._value)

    def __sub__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(self._value - number)

    def __rsub__(self, other: int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(number - self._value)

    def __mul__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(self._value * number)

    def __rmul__(self, other: int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(number * self._value)

    def __floordiv__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(_quotient(self._value, number))

    def __rfloordiv__(self, other: int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(_quotient(number, self._value))

    def __mod__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(_remainder(self._value, number))

    def __rmod__(self, other: int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(_remainder(number, self._value))

    def __and__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(self._value & number)

    __rand__ = __and__

    def __or__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(self._value | number)

    __ror__ = __or__

    def __xor__(self, other: Self | int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(self._value ^ number)

    __rxor__ = __xor__

    def __lshift__(self, count: Unsigned | int) -> Self:
        number = _shift_count(count)
        if number is None:
            return NotImplemented
        return self.wrap(0 if number >= self.WIDTH else self._value << number)

    def __rshift__(self, count: Unsigned | int) -> Self:
        number = _shift_count(count)
        if number is None:
            return NotImplemented
        return self.wrap(self._value >> min(number, self.WIDTH))

    def __neg__(self) -> Self:
        return self.wrap(-self._value)

    def __invert__(self) -> Self:
        return self.wrap(~self._value)


class Unsigned(Integer):
    """Any of `u8 u16 u32 u64`: the types of a shift count."""

    __slots__ = ()

    def __rlshift__(self, other: int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(number) << self

    def __rrshift__(self, other: int) -> Self:
        number = self._same(other)
        return NotImplemented if number is None else self.wrap(number) >> self


class Signed(Integer):
    """Any of `i8 i16 i32 i64`."""

    __slots__ = ()


def _quotient(dividend: int, divisor: int) -> int:
    return 0 if divisor == 0 else dividend // divisor


def _remainder(dividend: int, divisor: int) -> int:
    return dividend if divisor == 0 else dividend % divisor


def _shift_count(count: object) -> int | None:
    if isinstance(count, Unsigned):
        return count._value
    if type(count) is not int:
        return None
    if count < 0:
        raise ValueError(f"a shift count is not negative: {count}")
    return count


class u8(Unsigned, width=8):
    """An unsigned integer of 8 bits."""

    __slots__ = ()


class u16(Unsigned, width=16):
    """An unsigned integer of 16 bits."""

    __slots__ = ()


class u32(Unsigned, width=32):
    """An unsigned integer of 32 bits."""

    __slots__ = ()


class u64(Unsigned, width=64):
    """An unsigned integer of 64 bits."""

    __slots__ = ()


class i8(Signed, width=8, signed=True):
    """A signed integer of 8 bits."""

    __slots__ = ()


class i16(Signed, width=16, signed=True):
    """A signed integer of 16 bits."""

    __slots__ = ()


class i32(Signed, width=32, signed=True):
    """A signed integer of 32 bits."""

    __slots__ = ()


class i64(Signed, width=64, signed=True):
    """A signed integer of 64 bits."""

    __slots__ = ()


INTEGERS: tuple[type[Integer], ...] = (u8, u16, u32, u64, i8, i16, i32, i64)
