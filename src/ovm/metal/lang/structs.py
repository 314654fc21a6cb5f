# SPDX-License-Identifier: Apache-2.0
"""Structs: named fields with a C layout.

A variable of a struct type is a reference: an address in simulated memory together with the layout. Fields
lie in order at natural alignment unless a field is placed with `at`. The layout is computed at first use, because annotations
may name classes that come later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, get_args, get_origin

from ovm.metal.lang import memory
from ovm.metal.lang.addresses import VirtAddr
from ovm.metal.lang.integers import Scalar
from ovm.metal.lang.kinds import WORD_BYTES, ArrayType, align_of, is_struct, kind_name, size_of
from ovm.metal.lang.references import Array, Ptr, load, store
from ovm.metal.lang.types import resolve, resolve_in


@dataclass(frozen=True)
class FieldLayout:
    """One field: its name, kind and byte offset."""

    name: str
    kind: Any
    offset: int


@dataclass(frozen=True)
class StructLayout:
    """A struct's fields and its size, alignment and access rule."""

    size: int
    align: int
    volatile: bool
    fields: dict[str, FieldLayout]


@dataclass(frozen=True)
class Placement:
    """A field's byte offset, given by its declaration."""

    offset: int


def at(offset: int) -> Any:
    """Place a struct's field at a byte offset: `control: u32 = at(0x3C)`."""
    return Placement(offset)


class _Member:
    """A descriptor that reads and writes one field of a struct."""

    def __init__(self, name: str, declared: Any) -> None:
        self.name = name
        self.declared = declared

    def __get__(self, instance: Struct | None, owner: type[Struct]) -> Any:
        if instance is None:
            return self
        layout = owner.LAYOUT
        place = layout.fields[self.name]
        return load(place.kind, instance.address + place.offset, layout.volatile)

    def __set__(self, instance: Struct, value: Any) -> None:
        layout = type(instance).LAYOUT
        place = layout.fields[self.name]
        store(place.kind, instance.address + place.offset, value, layout.volatile)


class _StructMeta(type):
    """A metaclass that computes `LAYOUT` at first use."""

    @property
    def LAYOUT(cls) -> StructLayout:
        """Return the struct's layout."""
        layout = cls.__dict__.get("_layout")
        if layout is None:
            layout = _lay_out(cls)
            cls._layout = layout
        return layout

    _layout: StructLayout


@dataclass(frozen=True)
class _Options:
    size: int | None
    align: int | None
    volatile: bool


class Struct(metaclass=_StructMeta):
    """Base of structs: `class Queue(Struct)`; a call makes a zeroed local."""

    __slots__ = ("_address", "static")
    IS_STRUCT: ClassVar[bool] = True
    _members: ClassVar[dict[str, Any]] = {}
    _options: ClassVar[_Options] = _Options(None, None, False)

    def __init_subclass__(
        cls, *, size: int | None = None, align: int | None = None, volatile: bool = False
    ) -> None:
        super().__init_subclass__()
        if cls.__mro__[1] is not Struct:
            raise TypeError(f"struct {cls.__name__} must derive from Struct itself; embed a field instead")
        cls._options = _Options(size, align, volatile)
        cls._members = {
            name: cls.__dict__.get(name)
            for name, annotation in cls.__annotations__.items()
            if "ClassVar" not in str(annotation)
        }
        for name, declared in cls._members.items():
            setattr(cls, name, _Member(name, declared))

    def __init__(self) -> None:
        layout = type(self).LAYOUT
        self._address = memory.current().local(layout.size, layout.align)
        self.static: Any = None

    @classmethod
    def refer(cls: type[S], address: int) -> S:
        """Return a reference to the struct that lies at `address`."""
        result = object.__new__(cls)
        result._address = address & 0xFFFF_FFFF
        result.static = None
        return result

    @property
    def address(self) -> int:
        """Return the struct's address."""
        return self._address

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._address == self._address

    def __hash__(self) -> int:
        return hash(self._address)

    def __repr__(self) -> str:
        return f"{type(self).__name__}@{self._address:#010x}"


S = TypeVar("S", bound=Struct)


def _member_kind(cls: type, name: str, declared: Any) -> tuple[Any, int | None]:
    """Return a field's kind and the offset that its declaration asks for."""
    annotation = cls.__annotations__[name]
    own = {cls.__name__: cls}
    if isinstance(declared, Array):
        origin: Any = get_origin(annotation)
        if origin is Array:
            element = resolve_in(cls.__module__, get_args(annotation)[0], own)
            if element != declared.element:
                raise TypeError(
                    f"{cls.__name__}.{name} is annotated Array[{kind_name(element)}] "
                    f"and made as {declared.kind}"
                )
        return declared.kind, declared.offset
    if declared is not None and not isinstance(declared, Placement):
        raise TypeError(f"{cls.__name__}.{name}: a field's default is array(...) or at(...)")
    kind = resolve_in(cls.__module__, annotation, own)
    return kind, declared.offset if declared else None


def _widest(kind: Any) -> int:
    """Return the size of the scalar that one access to a field of this kind reaches; a struct has its own check."""
    if isinstance(kind, ArrayType):
        return _widest(kind.element)
    return 1 if is_struct(kind) else size_of(kind)


def _lay_out(cls: Any) -> StructLayout:
    options: _Options = cls._options
    fields: dict[str, FieldLayout] = {}
    end, widest = 0, 1
    for name, declared in cls._members.items():
        kind, placed = _member_kind(cls, name, declared)
        align = align_of(kind)
        offset = -(-end // align) * align if placed is None else placed
        if offset % align:
            raise TypeError(f"{cls.__name__}.{name} at offset {offset:#x} is not aligned to {align}")
        if options.volatile and _widest(kind) > WORD_BYTES:
            raise TypeError(f"{cls.__name__}.{name} is volatile and wider than one access of the processor (32 bits)")
        fields[name] = FieldLayout(name, kind, offset)
        end = max(end, offset + size_of(kind))
        widest = max(widest, align)
    align = max(widest, options.align or 1)
    size = -(-end // align) * align if options.size is None else options.size
    if size < end:
        raise TypeError(f"{cls.__name__} takes {end} bytes, more than size={size}")
    return StructLayout(size, align, options.volatile, fields)


def sizeof(kind: Any) -> int:
    """Return the size in bytes of a value of a type."""
    return size_of(resolve(kind))


def alignof(kind: Any) -> int:
    """Return a type's alignment in bytes."""
    return align_of(resolve(kind))


def offsetof(struct: type[Struct], name: str) -> int:
    """Return the byte offset of a struct's field."""
    return struct.LAYOUT.fields[name].offset


def overlay(struct: type[S], virtual: VirtAddr) -> S:
    """Return a reference to the memory at an address as a struct."""
    if not isinstance(virtual, VirtAddr):
        raise TypeError(f"overlay() takes a VirtAddr, not {virtual!r}")
    return struct.refer(int(virtual))


def copy(target: S, source: S) -> None:
    """Copy a whole struct."""
    if type(target) is not type(source):
        raise TypeError(f"copy() of a {type(source).__name__} to a {type(target).__name__}")
    size = type(target).LAYOUT.size
    memory.current().write(target.address, memory.current().read(source.address, size))


def is_scalar(kind: Any) -> bool:
    """Tell whether a kind fits a register."""
    if kind is bool:
        return True
    return not isinstance(kind, ArrayType) and isinstance(kind, type) and issubclass(kind, Scalar)


def address(thing: Any) -> VirtAddr:
    """Return the address of a struct, array, `Var` or pointer target."""
    if isinstance(thing, Struct | Array | Ptr) or hasattr(thing, "address"):
        return VirtAddr(thing.address)
    raise TypeError(f"{thing!r} has no address")
