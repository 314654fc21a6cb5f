# SPDX-License-Identifier: Apache-2.0
"""Static storage, which exists from start to end of the program.

A static's name is the module global that it is bound to; the compiler finds it there. Under CPython every static
has an address of its own in simulated memory from the moment its module is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from ovm.metal.lang import memory
from ovm.metal.lang.addresses import Address
from ovm.metal.lang.bits import Bits
from ovm.metal.lang.enums import Enum
from ovm.metal.lang.integers import Integer, u8
from ovm.metal.lang.kinds import ArrayType, align_of, is_struct, size_of
from ovm.metal.lang.parameters import override
from ovm.metal.lang.references import Array, Ptr, convert, load, store
from ovm.metal.lang.structs import S, Struct
from ovm.metal.lang.types import resolve

T = TypeVar("T")
V = TypeVar("V", bound=Integer | Address | Enum | Bits | Ptr[Any] | bool)
P = TypeVar("P", bool, int)


@dataclass(frozen=True)
class StaticInfo:
    """The data from which the compiler lays out a static."""

    kind: Any
    section: str | None
    align: int
    init: bytes | None
    read_only: bool


class Var(Generic[T]):
    """A static scalar; `v.value` reads and writes it."""

    __slots__ = ("address", "kind", "static")

    def __init__(self, kind: Any, place: int) -> None:
        self.kind = kind
        self.address = place
        self.static: Any = None

    @property
    def value(self) -> T:
        """Return the scalar itself."""
        value: T = load(self.kind, self.address)
        return value

    @value.setter
    def value(self, value: T) -> None:
        store(self.kind, self.address, value)

    def __repr__(self) -> str:
        return f"Var@{self.address:#010x}"


def _place(kind: Any, section: str | None, align: int | None, init: bytes | None, read_only: bool) -> Any:
    """Reserve storage and return the object that stands for it."""
    size, natural = size_of(kind), align_of(kind)
    if init is not None and len(init) > size:
        raise ValueError(f"{len(init)} initial bytes for a static of {size}")
    if section is not None and not isinstance(section, str):
        raise TypeError(f"a section is a string, not {section!r}")
    if align is not None and (align < 1 or align & (align - 1)):
        raise ValueError(f"an alignment is a power of two, not {align}")
    info = StaticInfo(kind, section, max(natural, align or 1), init, read_only)
    place = memory.place_static(size, info.align, init)
    is_reference = is_struct(kind) or isinstance(kind, ArrayType)
    thing: Any = load(kind, place) if is_reference else Var(kind, place)
    thing.static = info
    if isinstance(thing, Array):
        thing.read_only = read_only
    return thing


@overload
def static(
    kind: Array[T], *, section: str | None = None, align: int | None = None, init: bytes | None = None
) -> Array[T]: ...
@overload
def static(
    kind: type[S], *, section: str | None = None, align: int | None = None, init: bytes | None = None
) -> S: ...
@overload
def static(
    kind: type[V], *, section: str | None = None, align: int | None = None, init: bytes | None = None
) -> Var[V]: ...
def static(
    kind: Any, *, section: str | None = None, align: int | None = None, init: bytes | None = None
) -> Any:
    """Make static storage, zeroed or with initial bytes: a struct, an array or a scalar (`Var`)."""
    return _place(resolve(kind), section, align, init, read_only=False)


def table(element: type[T], values: Sequence[T | Integer | int], *, section: str | None = None) -> Array[T]:
    """Make a read-only array of constants; each is a number that fits, with a type or without."""
    kind = resolve(Array(resolve(element), len(values)))
    init = b"".join(_bits(kind.element, value) for value in values)
    made: Array[T] = _place(kind, section, None, init, read_only=True)
    return made


def _bits(kind: Any, value: Any) -> bytes:
    size = size_of(kind)
    value = convert(kind, int(value) if isinstance(value, Integer) else value)
    return int(value if kind is bool else value.to_bits()).to_bytes(size, "little")


_TEXTS: dict[str, Ptr[u8]] = {}


def text(characters: str) -> Ptr[u8]:
    """Return a pointer to constant, NUL-terminated bytes (UTF-8)."""
    found = _TEXTS.get(characters)
    if found is None:
        data = characters.encode() + b"\0"
        found = _TEXTS[characters] = Ptr(u8, memory.place_static(len(data), 1, data))
    return found


def param(default: P) -> P:
    """Make a constant that a build may override: `LIMIT: Final = param(8)`."""
    value: P = override(sys._getframe(1), default)  # type: ignore[assignment]
    return value


def static_of(thing: Struct | Array[Any] | Var[Any] | Any) -> StaticInfo | None:
    """Return how a static was declared; None for anything that is not one."""
    # The object can be of any kind; some answer to every attribute's name.
    info = thing.static if isinstance(thing, Struct | Array | Var) else None
    return info if isinstance(info, StaticInfo) else None
