# SPDX-License-Identifier: Apache-2.0
"""The rule that types are equal, and the choice of the diagnostic when they are not."""

from __future__ import annotations

from ovm.metal.frontend.kinds import same_shape
from ovm.metal.frontend.report import Problem, Silent
from ovm.metal.frontend.values import describe, shown
from ovm.metal.tree.nodes import Conditional, Constant, Expression, Intrinsic, Location
from ovm.metal.tree.types import (
    LITERAL,
    POISON,
    AddressType,
    ArrayType,
    BitsType,
    BoolType,
    EnumType,
    IntegerType,
    LiteralType,
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
    """Return `value` as a `kind`: what has no width takes the type, anything else must have it already."""
    if value.type is POISON or kind is POISON:
        raise Silent
    if isinstance(value.type, LiteralType):
        if isinstance(kind, IntegerType):
            return _settle(value, kind, what)
        raise mismatch(value.location, describe(value), kind, what)
    if value.type != kind and not same_shape(value.type, kind):
        raise mismatch(value.location, value.type, kind, what)
    return value


def _settle(value: Expression, kind: Type, what: str) -> Expression:
    """Give a value without a width the type `kind`: a constant, or both sides of a choice."""
    if isinstance(value, Constant) and value.type is LITERAL:
        return fits(value, kind)
    if isinstance(value, Conditional) and isinstance(value.type, LiteralType):
        first, second = _settle(value.first, kind, what), _settle(value.second, kind, what)
        return Conditional(kind, value.location, value.condition, first, second)
    if isinstance(value, Intrinsic) and isinstance(value.type, LiteralType):
        return Intrinsic(kind, value.location, value.name, [_settle(each, kind, what) for each in value.arguments])
    if value.type != kind:
        raise mismatch(value.location, value.type, kind, what)
    return value


def choice(first: Expression, second: Expression, what: str, location: Location) -> tuple[Type, Expression, Expression]:
    """Return the type of a choice between two values, and these.

    Where one of them is a constant without a width, so is the choice: CPython may continue with a plain int.
    """
    if first.type is POISON or second.type is POISON:
        raise Silent
    if not isinstance(first.type, LiteralType) and not isinstance(second.type, LiteralType):
        first, second = agree(first, second, what, location)
        return first.type, first, second
    widths = [each.type.other if isinstance(each.type, LiteralType) else each.type for each in (first, second)]
    other = widths[0] or widths[1]
    if other is None:
        return LITERAL, first, second
    if widths[1] not in (None, other):
        raise mismatch(location, widths[1], other, what)
    if not isinstance(other, IntegerType):
        bare = first if isinstance(first.type, LiteralType) else second
        raise mismatch(location, describe(bare), other, what)
    return LiteralType(f"{other} or constant", other), _settle(first, other, what), _settle(second, other, what)


def with_width(value: Expression, kind: Type, what: str) -> Expression:
    """Refuse a value without a width where Python would continue with a plain int, which never wraps."""
    if isinstance(value.type, LiteralType) and kind is not POISON:
        named = value.type.other or (kind if isinstance(kind, IntegerType) else "u32")
        fix = f"write `{named}(...)` around {'it' if value.type.other is None else 'the constant'}"
        raise Problem(
            "M207",
            value.location,
            f"{what} would be a constant without a width",
            found=describe(value),
            expected="a value with a type" if isinstance(kind, LiteralType) else f"a {kind}",
            fix=f"write `{named}({shown(value.value)})`" if isinstance(value, Constant) else fix,
        )
    return value


def agree(left: Expression, right: Expression, what: str, location: Location) -> tuple[Expression, Expression]:
    """Return two operands with one type; what has no width takes the other's."""
    if left.type is POISON or right.type is POISON:
        raise Silent
    if isinstance(right.type, LiteralType) and isinstance(left.type, IntegerType | AddressType):
        return left, _settle(right, left.type, what)
    if isinstance(left.type, LiteralType) and isinstance(right.type, IntegerType | AddressType):
        return _settle(left, right.type, what), right
    if isinstance(left.type, LiteralType) and isinstance(right.type, LiteralType):
        # Two constants were computed already, so that one of these is a choice.
        with_width(right if isinstance(left, Constant) else left, left.type, f"one of the {what}")
    if left.type != right.type:
        found = describe(right) if isinstance(right.type, LiteralType) else right.type
        if isinstance(left.type, LiteralType):
            raise mismatch(location, describe(left), right.type, what)
        raise mismatch(location, found, left.type, what)
    return left, right
