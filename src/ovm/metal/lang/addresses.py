# SPDX-License-Identifier: Apache-2.0
"""Addresses: three 32-bit types, one for each space, that never mix.

A physical address used where a virtual one belongs is the classic hypervisor bug. A conversion from one space to another has to
be written out: `VirtAddr(u32(physical))`.
"""

from __future__ import annotations

from typing import Self, overload

from ovm.metal.lang.integers import Word, u32


class Address(Word, width=32):
    """A 32-bit address of some space."""

    __slots__ = ()

    def __init__(self, value: u32 | int) -> None:
        if isinstance(value, u32):
            self._value = int(value)
        elif type(value) is int:
            self._value = self.fit(value)
        else:
            raise TypeError(
                f"{type(self).__name__}() takes a u32, not {type(value).__name__}; "
                f"to cross from another space write {type(self).__name__}(u32(...))"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value:#010x})"

    def __add__(self, other: u32 | int) -> Self:
        number = _offset(other)
        return NotImplemented if number is None else self.wrap(self._value + number)

    @overload
    def __sub__(self, other: Self) -> u32: ...
    @overload
    def __sub__(self, other: u32 | int) -> Self: ...
    def __sub__(self, other: Self | u32 | int) -> u32 | Self:
        if type(other) is type(self):
            return u32.wrap(self._value - other._value)
        number = _offset(other)
        return NotImplemented if number is None else self.wrap(self._value - number)

    def __and__(self, other: u32 | int) -> Self:
        number = _offset(other)
        return NotImplemented if number is None else self.wrap(self._value & number)

    def __or__(self, other: u32 | int) -> Self:
        number = _offset(other)
        return NotImplemented if number is None else self.wrap(self._value | number)

    def __rshift__(self, count: u32 | int) -> u32:
        return u32.wrap(self._value) >> count

    def __mod__(self, other: u32 | int) -> u32:
        return u32.wrap(self._value) % other


def _offset(other: object) -> int | None:
    if isinstance(other, u32):
        return int(other)
    return u32.fit(other) if type(other) is int else None


class PhysAddr(Address, width=32):
    """An address on the machine's bus."""

    __slots__ = ()


class GuestPhysAddr(Address, width=32):
    """An address that a guest believes to be on the bus."""

    __slots__ = ()


class VirtAddr(Address, width=32):
    """An address before translation, as loads and stores use it."""

    __slots__ = ()


ADDRESSES: tuple[type[Address], ...] = (PhysAddr, GuestPhysAddr, VirtAddr)
