# SPDX-License-Identifier: Apache-2.0
"""The rule that types are equal, and the choice of the diagnostic when they are not."""

from __future__ import annotations

from ovm.metal.frontend.kinds import same_shape
from ovm.metal.frontend.report import Problem, Silent
from ovm.metal.frontend.values import describe, shown
from ovm.metal.tree.nodes import Constant, Expression, Location
from ovm.metal.tree.types import (
    LITERAL,
    POISON,
    AddressType,
    ArrayType,
    BitsType,
    BoolType,
    EnumType,
    IntegerType,
    StructType,
    Type,
    range_of,
)


def mismatch(location: Location, found: Type | str, expected: Type, what: str) -> Problem:
    """Return the most telling problem for `found` where `expected` is needed."""
    code, message = "M201", f"{what}: the types differ"
    if isinstance(found, IntegerType) and isinstance(expected, IntegerType):
        if found.signed != expected.signed:
            code, message = "M203", f"{what}: signed and unsigned integers do not mix"
        else:
            code, message = "M202", f"{what}: the integers differ in width"
    elif isinstance(found, AddressType) and isinstance(expected, AddressType):
        code, message = "M204", f"{what}: the addresses are of different spaces"
    return Problem(code, location, message, found=str(found), expected=str(expected), fix=_fix(found, expected))


def _fix(found: Type | str, expected: Type) -> str:
    if isinstance(found, IntegerType) and isinstance(expected, IntegerType | AddressType):
        if isinstance(expected, AddressType) and found.name != "u32":
            return f"cast it: `{expected}(u32(...))`"
        return f"cast it: `{expected}(...)`"
    if isinstance(found, AddressType) and isinstance(expected, AddressType):
        return f"if the crossing is meant, write it out: `{expected}(u32(...))`"
    if isinstance(found, AddressType) and isinstance(expected, IntegerType):
        return f"take its number: `{expected}(...)`"
    if isinstance(found, BoolType) and isinstance(expected, IntegerType):
        return f"cast it: `{expected}(...)`"
    if isinstance(expected, BoolType):
        return "compare it, for example with `!= 0`"
    if isinstance(expected, EnumType):
        return f"use a member, or make one: `{expected}.of(u32(...))`"
    if isinstance(expected, BitsType | AddressType):
        return f"make one: `{expected}(...)`"
    if isinstance(found, EnumType | BitsType):
        return "take its number: `.raw`"
    if isinstance(found, ArrayType) and found.volatile:
        return "pass the struct and access the elements there"
    if isinstance(expected, StructType):
        return f"pass a {expected}"
    return ""


def fits(constant: Constant, kind: Type, location: Location | None = None) -> Constant:
    """Give a constant without a width the type `kind`, if its value fits."""
    low, high = range_of(kind)
    if not low <= constant.value <= high:
        raise Problem(
            "M205",
            location or constant.location,
            f"constant {shown(constant.value)} does not fit in {kind}",
            found=shown(constant.value),
            expected=f"{low} to {high}",
        )
    return Constant(kind, constant.location, constant.value)


def adopt(value: Expression, kind: Type, what: str) -> Expression:
    """Return `value` as a `kind`: a bare constant takes the type, anything else must have it already."""
    if value.type is POISON or kind is POISON:
        raise Silent
    if isinstance(value, Constant) and value.type is LITERAL:
        if isinstance(kind, IntegerType):
            return fits(value, kind)
        raise mismatch(value.location, describe(value), kind, what)
    if value.type != kind and not same_shape(value.type, kind):
        raise mismatch(value.location, value.type, kind, what)
    return value


def with_width(value: Expression, kind: Type, what: str) -> Expression:
    """Refuse a bare constant where Python would continue with a plain int, which never wraps."""
    if isinstance(value, Constant) and value.type is LITERAL and kind is not POISON:
        named = f"{kind}({shown(value.value)})" if isinstance(kind, IntegerType) else "u32(...)"
        raise Problem(
            "M207",
            value.location,
            f"{what} would be a constant without a width",
            found=describe(value),
            expected=f"a {kind}" if kind is not LITERAL else "a value with a type",
            fix=f"write `{named}`",
        )
    return value


def agree(left: Expression, right: Expression, what: str, location: Location) -> tuple[Expression, Expression]:
    """Return two operands with one type; a bare constant takes the other's."""
    if left.type is POISON or right.type is POISON:
        raise Silent
    if isinstance(right, Constant) and right.type is LITERAL and isinstance(left.type, IntegerType | AddressType):
        return left, fits(right, left.type)
    if isinstance(left, Constant) and left.type is LITERAL and isinstance(right.type, IntegerType | AddressType):
        return fits(left, right.type), right
    if left.type != right.type:
        found = describe(right) if right.type is LITERAL else right.type
        if left.type is LITERAL:
            raise mismatch(location, describe(left), right.type, what)
        raise mismatch(location, found, left.type, what)
    return left, right
