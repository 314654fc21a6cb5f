# SPDX-License-Identifier: Apache-2.0
"""Enums: named values of one width.

A device or a guest may give a number that has no name. Such a value is kept unchanged, as a
pseudo-member, so that `match` reaches its `case _` instead of the program stopping.
"""

from __future__ import annotations

import enum
from typing import ClassVar, Self

from ovm.metal.lang.integers import Scalar, Unsigned, u8, u16, u32


class _Named(Scalar):
    """The attributes of an enum class besides its members."""

    __slots__ = ()
    WIDTH_TYPE: ClassVar[type[Unsigned]]


class Enum(_Named, enum.Enum):
    """Base of metal enums: `class Trap(Enum, width=u8)`."""

    def __init_subclass__(cls, *, width: type[Unsigned] = u32) -> None:
        super().__init_subclass__()
        if width not in (u8, u16, u32):
            raise TypeError(f"the width of enum {cls.__name__} is u8, u16 or u32, not {width!r}")
        cls.WIDTH_TYPE = width
        cls.SIZE = width.SIZE
        for member in cls:
            if type(member.value) is not int:
                raise TypeError(f"{cls.__name__}.{member.name} is not an int constant")
            width.fit(member.value)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if type(value) is not int or not 0 <= value <= cls.WIDTH_TYPE.MASK:
            return None
        unnamed = object.__new__(cls)
        unnamed._name_ = f"unnamed_{value}"
        unnamed._value_ = value
        cls._value2member_map_[value] = unnamed
        return unnamed

    @property
    def raw(self) -> u32:
        """Return the value as a number."""
        return u32(int(self.value))

    @classmethod
    def of(cls, value: u32 | int) -> Self:
        """Make a value from a number, cut to the enum's width; it need not have a name."""
        if isinstance(value, u32):
            return cls(int(value) & cls.WIDTH_TYPE.MASK)
        return cls(cls.WIDTH_TYPE.fit(value))

    @classmethod
    def from_bits(cls, bits: int) -> Self:
        """Make a value from its bits in memory."""
        return cls(bits & cls.WIDTH_TYPE.MASK)

    def to_bits(self) -> int:
        """Return the value's bits."""
        return int(self.value)
