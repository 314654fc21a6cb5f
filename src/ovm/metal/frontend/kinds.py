# SPDX-License-Identifier: Apache-2.0
"""The conversion of the language's own classes to the compiler's types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Never, NoReturn, get_args, get_origin

from ovm.metal.lang.addresses import Address
from ovm.metal.lang.bits import Bits
from ovm.metal.lang.enums import Enum
from ovm.metal.lang.integers import Integer
from ovm.metal.lang.kinds import ArrayType as ArrayKind
from ovm.metal.lang.kinds import PointerType as PointerKind
from ovm.metal.lang.references import Array
from ovm.metal.lang.storage import Var
from ovm.metal.lang.structs import FieldLayout, Struct
from ovm.metal.lang.types import resolve
from ovm.metal.tree.types import (
    ADDRESSES,
    BOOL,
    INTEGERS,
    NEVER,
    VOID,
    ArrayType,
    BitsType,
    CellType,
    EnumType,
    StructType,
    Type,
    array_of,
    pointer_to,
)

_MADE: dict[Any, Type] = {}


def type_of(kind: Any, volatile: bool = False) -> Type:
    """Return the compiler's type for a kind of the language."""
    if isinstance(kind, ArrayKind):
        return array_of(type_of(kind.element), kind.length, volatile)
    found = _MADE.get(kind)
    if found is None:
        found = _MADE[kind] = _make(kind)
    return found


def _make(kind: Any) -> Type:
    if kind is bool:
        return BOOL
    if isinstance(kind, PointerKind):
        return pointer_to(type_of(kind.target))
    if issubclass(kind, Integer):
        return INTEGERS[kind.__name__]
    if issubclass(kind, Address):
        return ADDRESSES[kind.__name__]
    if issubclass(kind, Enum):
        return EnumType(kind.__name__, kind.WIDTH_TYPE.WIDTH, kind)
    if issubclass(kind, Bits):
        return BitsType(kind.__name__, kind)
    if issubclass(kind, Struct):
        layout = kind.LAYOUT
        return StructType(kind.__name__, layout.size, layout.align, layout.volatile, kind)
    raise TypeError(f"{kind!r} is not a type of metal")


def annotated_type(annotation: Any, names: Mapping[str, Any] | None = None) -> Type:
    """Return the type that an annotation object means; raise TypeError if it means none."""
    if annotation is None:
        return VOID
    if annotation in (Never, NoReturn):
        return NEVER
    if get_origin(annotation) is Array:
        return array_of(type_of(resolve(get_args(annotation)[0], names)), 0)
    if get_origin(annotation) is Var:
        target = type_of(resolve(get_args(annotation)[0], names))
        return CellType(f"Var[{target}]", target)
    return type_of(resolve(annotation, names))


def fields_of(struct: StructType) -> dict[str, FieldLayout]:
    """Return a struct's fields."""
    source: Any = struct.source
    fields: dict[str, FieldLayout] = source.LAYOUT.fields
    return fields


def same_shape(given: Type, wanted: Type) -> bool:
    """Tell whether a reference to an array fits where an array of any length is wanted.

    A device's array does not: a function that takes any array would access it as ordinary memory.
    """
    if not isinstance(given, ArrayType) or not isinstance(wanted, ArrayType):
        return False
    return wanted.length == 0 and given.element == wanted.element and not given.volatile
