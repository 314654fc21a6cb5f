# SPDX-License-Identifier: Apache-2.0
"""Register values seen through named bit fields.

A `Bits` value is an immutable 32-bit number. Reading a field gives a `u32` or, for a flag, a `bool`; changing one
gives a changed copy, so that a register is always written whole.
"""

from __future__ import annotations

from typing import ClassVar, Self, overload

from ovm.metal.lang.integers import Scalar, u32


class Field:
    """`width` bits from bit `low` up."""

    __slots__ = ("low", "name", "width")

    def __init__(self, low: int, width: int) -> None:
        if low < 0 or width < 1 or low + width > 32:
            raise ValueError(f"field of {width} bits at bit {low} does not lie within 32 bits")
        self.low = low
        self.width = width
        self.name = ""

    @property
    def mask(self) -> int:
        """Return the field's bits, in place."""
        return ((1 << self.width) - 1) << self.low

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Bits, owner: type) -> u32: ...
    def __get__(self, instance: Bits | None, owner: type) -> Self | u32:
        if instance is None:
            return self
        return u32((instance._raw & self.mask) >> self.low)

    def __set__(self, instance: Bits, value: object) -> None:
        raise AttributeError(f"Bits values are immutable: use .set({self.name}, ...)")


class Flag:
    """One bit."""

    __slots__ = ("low", "name")
    width = 1

    def __init__(self, low: int) -> None:
        if not 0 <= low < 32:
            raise ValueError(f"bit {low} does not lie within 32 bits")
        self.low = low
        self.name = ""

    @property
    def mask(self) -> int:
        """Return the bit, in place."""
        return 1 << self.low

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: Bits, owner: type) -> bool: ...
    def __get__(self, instance: Bits | None, owner: type) -> Self | bool:
        if instance is None:
            return self
        return bool(instance._raw & self.mask)

    def __set__(self, instance: Bits, value: object) -> None:
        raise AttributeError(f"Bits values are immutable: use .set({self.name}, ...)")


def field(low: int, width: int) -> Field:
    """Name `width` bits from bit `low` up; it reads as `u32`."""
    return Field(low, width)


def flag(bit: int) -> Flag:
    """Name one bit; it reads as `bool`."""
    return Flag(bit)


class Bits(Scalar):
    """Base of register values: `class Dfsr(Bits)`."""

    __slots__ = ("_raw",)
    SIZE: ClassVar[int] = 4
    FIELDS: ClassVar[dict[str, Field | Flag]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {name: item for name, item in vars(cls).items() if isinstance(item, Field | Flag)}
        cls.FIELDS = {**cls.FIELDS, **own}

    def __init__(self, raw: u32 | int) -> None:
        if not isinstance(raw, u32) and type(raw) is not int:
            raise TypeError(f"{type(self).__name__}() takes a u32, not {type(raw).__name__}")
        self._raw = int(u32(raw))

    @property
    def raw(self) -> u32:
        """Return the whole value as a number."""
        return u32(self._raw)

    @overload
    def set(self, which: Field, value: u32 | int) -> Self: ...
    @overload
    def set(self, which: Flag, value: bool) -> Self: ...
    def set(self, which: Field | Flag, value: u32 | int) -> Self:
        """Return a copy with one field changed; the value is cut to the field's width."""
        if which not in self.FIELDS.values():
            raise TypeError(f"{which.name} is not a field of {type(self).__name__}")
        if isinstance(which, Flag) != isinstance(value, bool):
            raise TypeError(f"{which.name} of {type(self).__name__} does not take {value!r}")
        cut = (int(u32(value)) << which.low) & which.mask
        return type(self)((self._raw & ~which.mask) | cut)

    @classmethod
    def from_bits(cls, bits: int) -> Self:
        """Make a value from its bits in memory."""
        return cls(bits)

    def to_bits(self) -> int:
        """Return the value's bits."""
        return self._raw

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._raw == self._raw

    def __hash__(self) -> int:
        return hash((type(self), self._raw))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={int(getattr(self, name)):#x}" for name in self.FIELDS)
        return f"{type(self).__name__}({self._raw:#010x}: {fields})"
