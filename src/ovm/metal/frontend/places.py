# SPDX-License-Identifier: Apache-2.0
"""Attributes and elements: of structs, arrays, pointers, enums, bit fields and compile-time objects."""

from __future__ import annotations

import ast
import difflib
from typing import Any

from ovm.metal.frontend.agree import adopt
from ovm.metal.frontend.kinds import fields_of, type_of
from ovm.metal.frontend.report import FOREIGN, Problem, Silent
from ovm.metal.frontend.scope import Scope, failed
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, Value, describe, expression_of, shown
from ovm.metal.lang.bits import Field
from ovm.metal.lang.kinds import WORD_BYTES
from ovm.metal.tree.nodes import (
    Binary,
    Compare,
    Constant,
    Convert,
    Expression,
    Load,
    Location,
    Place,
)
from ovm.metal.tree.types import (
    BOOL,
    I32,
    LITERAL,
    POISON,
    U32,
    ArrayType,
    BitsType,
    CellType,
    EnumType,
    IntegerType,
    LiteralType,
    PointerType,
    StructType,
    Type,
    is_reference,
    is_scalar,
    size_of,
)


def member(scope: Scope, base: Value, node: ast.Attribute) -> Value:
    """Return `base.name`."""
    where = location_of(node)
    if isinstance(base, Known):
        try:
            return Known(getattr(base.value, node.attr), where)
        except AttributeError:
            raise no_attribute(where, describe(base), node.attr, dir(base.value)) from None
        except FOREIGN as error:
            raise failed(where, error) from None
    if base.type is POISON:
        raise Silent
    if isinstance(base.type, StructType | CellType):
        place, volatile = member_place(base, node.attr, where)
        return load(place, volatile)
    if isinstance(base.type, EnumType) and node.attr == "raw":
        return Convert(U32, where, base)
    if isinstance(base.type, BitsType):
        return _bit_field(base, node.attr, where)
    raise no_attribute(where, str(base.type), node.attr, ["raw"] if isinstance(base.type, EnumType) else [])


def no_attribute(where: Location, owner: str, name: str, known: list[str]) -> Problem:
    """Return the problem of an attribute that does not exist, with the nearest name that does."""
    close = difflib.get_close_matches(name, [other for other in known if not other.startswith("__")], 1)
    fix = f"did you mean `{close[0]}`?" if close else ""
    return Problem("M209", where, f"{owner} has no attribute {name}", found=name, fix=fix)


def member_place(base: Expression, name: str, where: Location) -> tuple[Place, bool]:
    """Return the place of a struct's field or a cell's value, and whether accesses are volatile."""
    if isinstance(base.type, CellType):
        if name != "value":
            raise no_attribute(where, str(base.type), name, ["value"])
        return Place(base.type.target, where, base), False
    assert isinstance(base.type, StructType)
    fields = fields_of(base.type)
    if name not in fields:
        raise no_attribute(where, str(base.type), name, list(fields))
    chosen = fields[name]
    volatile = base.type.volatile
    return Place(type_of(chosen.kind, volatile), where, base, offset=chosen.offset), volatile


def load(place: Place, volatile: bool) -> Expression:
    """Return the value at a place; structs and arrays stay references."""
    if is_reference(place.type):
        return place
    return Load(place.type, place.location, place, volatile)


def _bit_field(base: Expression, name: str, where: Location) -> Expression:
    assert isinstance(base.type, BitsType)
    source: Any = base.type.source
    raw: Expression = Convert(U32, where, base)
    if name == "raw":
        return raw
    chosen = source.FIELDS.get(name)
    if chosen is None:
        raise no_attribute(where, str(base.type), name, [*source.FIELDS, "raw", "set"])
    if isinstance(chosen, Field):
        if chosen.low:
            raw = Binary(U32, where, "right", raw, Constant(U32, where, chosen.low))
        return Binary(U32, where, "and", raw, Constant(U32, where, (1 << chosen.width) - 1))
    bit = Binary(U32, where, "and", raw, Constant(U32, where, chosen.mask))
    return Compare(BOOL, where, "!=", bit, Constant(U32, where, 0))


def subscript(scope: Scope, base: Value, index: Value, where: Location) -> Value:
    """Return `base[index]`."""
    if isinstance(base, Known):
        if isinstance(index, Known):
            try:
                return Known(base.value[index.value], where)
            except FOREIGN as error:
                raise failed(where, error) from None
        raise Problem(
            "M312",
            index.location,
            "a compile-time object is indexed by a run-time value",
            found=describe(index),
            expected="a compile-time index",
            fix="make it a `table(...)`, a `static(...)` or a `function_table(...)`",
        )
    place, volatile = element_place(base, index, where)
    return load(place, volatile)


def element_place(base: Expression, index: Value, where: Location) -> tuple[Place, bool]:
    """Return the place of an element of an array or behind a pointer."""
    if base.type is POISON:
        raise Silent
    if isinstance(base.type, ArrayType):
        element: Type = base.type.element
        length, volatile = base.type.length or None, base.type.volatile
    elif isinstance(base.type, PointerType):
        element, length, volatile = base.type.target, None, False
    else:
        raise Problem("M208", where, f"a {base.type} has no elements", found=str(base.type), expected="an array or pointer")
    chosen = expression_of(index)
    if isinstance(chosen.type, LiteralType) and not isinstance(chosen, Constant):
        chosen = adopt(chosen, chosen.type.other or U32, "index")
    if chosen.type is LITERAL and isinstance(chosen, Constant):
        low = 0 if isinstance(base.type, ArrayType) else -(1 << 31)
        if not low <= chosen.value < (length or 1 << 31):
            raise Problem(
                "M215",
                chosen.location,
                f"index {shown(chosen.value)} lies outside {base.type}",
                found=shown(chosen.value),
                expected=f"0 to {length - 1}" if length else "an index that fits 32 bits",
            )
        chosen = Constant(I32, chosen.location, chosen.value)
    elif not isinstance(chosen.type, IntegerType):
        if chosen.type is POISON:
            raise Silent
        raise Problem("M214", chosen.location, "an index is an integer", found=describe(index), expected="an integer")
    is_pointer = isinstance(base.type, PointerType)
    if is_reference(element):
        volatile = False
    place = Place(element, where, base, index=chosen, stride=size_of(element), length=length, null_check=is_pointer)
    return place, volatile


def single_access(pointer: Expression) -> Place:
    """Return the place of `volatile_load` and `volatile_store`: a scalar that the processor reaches in one access."""
    kind = pointer.type
    if not isinstance(kind, PointerType) or not is_scalar(kind.target):
        raise Problem(
            "M201",
            pointer.location,
            "this is not a pointer to a scalar",
            found=describe(pointer),
            expected="a pointer to an integer, address, enum or bits",
        )
    if size_of(kind.target) > WORD_BYTES:
        raise Problem(
            "M202",
            pointer.location,
            "one access reaches at most 32 bits",
            found=str(kind),
            expected="a pointer to at most 32 bits",
            fix="access the halves one after the other",
        )
    return Place(kind.target, pointer.location, pointer, null_check=True)
