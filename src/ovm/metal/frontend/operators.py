# SPDX-License-Identifier: Apache-2.0
"""Operators: the types of operands and results, folding of constants."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from ovm.metal.frontend.agree import adopt, agree, mismatch, with_width
from ovm.metal.frontend.report import FOREIGN, Problem, Silent
from ovm.metal.frontend.scope import failed
from ovm.metal.frontend.values import Known, Value, constant, describe, expression_of, is_placed
from ovm.metal.tree.nodes import (
    Binary,
    Compare,
    Constant,
    Convert,
    Expression,
    Location,
    Place,
    Unary,
)
from ovm.metal.tree.types import (
    BOOL,
    LITERAL,
    POISON,
    U32,
    AddressType,
    ArrayType,
    BitsType,
    BoolType,
    CellType,
    EnumType,
    IntegerType,
    LiteralType,
    PointerType,
    Type,
    size_of,
)

# Python's operator -> (name in the tree, Python's function for it, its spelling).
BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any], str]] = {
    ast.Add: ("add", operator.add, "+"),
    ast.Sub: ("subtract", operator.sub, "-"),
    ast.Mult: ("multiply", operator.mul, "*"),
    ast.FloorDiv: ("divide", operator.floordiv, "//"),
    ast.Mod: ("modulo", operator.mod, "%"),
    ast.BitAnd: ("and", operator.and_, "&"),
    ast.BitOr: ("or", operator.or_, "|"),
    ast.BitXor: ("xor", operator.xor, "^"),
    ast.LShift: ("left", operator.lshift, "<<"),
    ast.RShift: ("right", operator.rshift, ">>"),
    ast.Div: ("", operator.truediv, "/"),
    ast.Pow: ("", operator.pow, "**"),
    ast.MatMult: ("", operator.matmul, "@"),
}
MISSING: dict[type[ast.operator], tuple[str, str]] = {
    ast.Div: ("M109", "there is no true division"),
    ast.Pow: ("M110", "there is no power operator"),
    ast.MatMult: ("M111", "there is no matrix product"),
}
UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.UAdd: operator.pos,
}
COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Is: ("is", operator.is_),
    ast.IsNot: ("is not", operator.is_not),
    ast.In: ("in", lambda left, right: left in right),
    ast.NotIn: ("not in", lambda left, right: left not in right),
}


def binary(kind: type[ast.operator], left: Value, right: Value, where: Location) -> Value:
    """Return `left <operator> right`."""
    name, compute, written = BINARY[kind]
    if isinstance(left, Known) and isinstance(right, Known) and not is_placed(left.value) and not is_placed(right.value):
        folded = _fold(compute, left, right, where, bool(name))
        if folded is not None:
            return folded
    if not name:
        code, message = MISSING[kind]
        raise Problem(code, where, message, found=f"`{written}`")
    first, second = expression_of(left), expression_of(right)
    if first.type is POISON or second.type is POISON:
        raise Silent
    if name in ("left", "right"):
        return _shift(name, written, first, second, where)
    if isinstance(first.type, AddressType) or isinstance(second.type, AddressType):
        return _address(name, written, first, second, where)
    if isinstance(first.type, PointerType):
        return _pointer(name, written, first, second, where)
    for operand in (first, second):
        if not isinstance(operand.type, IntegerType | LiteralType):
            raise _undefined(written, operand.type, where)
    first, second = agree(first, second, f"operands of `{written}`", where)
    return Binary(first.type, where, name, first, second)


def _fold(compute: Callable[[Any, Any], Any], left: Known, right: Known, where: Location, defined: bool) -> Known | None:
    """Compute on compile-time objects; None lets the type rules explain why it cannot be."""
    if isinstance(left.value, bool) and isinstance(right.value, bool) and defined:
        return None
    try:
        return Known(compute(left.value, right.value), where)
    except TypeError:
        if constant(left) is None or constant(right) is None:
            raise failed(where, TypeError(f"{describe(left)} with {describe(right)}")) from None
        return None
    except FOREIGN as error:
        raise failed(where, error) from None


def _undefined(written: str, kind: Type, where: Location) -> Problem:
    fix = ""
    if isinstance(kind, BoolType):
        fix = "use `and`, `or`, `not`, `==` or `!=`"
    elif isinstance(kind, BitsType | EnumType):
        fix = "use the number: `.raw`"
    return Problem("M208", where, f"`{written}` is not defined for {kind}", found=str(kind), expected="an integer type", fix=fix)


def _shift(name: str, written: str, left: Expression, right: Expression, where: Location) -> Expression:
    if isinstance(left.type, LiteralType):
        if isinstance(right.type, IntegerType) and not right.type.signed:
            left = adopt(left, right.type, f"operands of `{written}`")
        elif isinstance(left, Constant):
            raise _bad_count(right)
        else:
            with_width(left, LITERAL, f"the left side of `{written}`")
    result = left.type
    if isinstance(left.type, AddressType) and name == "right":
        left, result = Convert(U32, left.location, left), U32
    if not isinstance(result, IntegerType):
        raise _undefined(written, result, where)
    if right.type is LITERAL and isinstance(right, Constant):
        if right.value < 0:
            raise _bad_count(right)
        right = Constant(U32, right.location, min(right.value, 64))
    elif isinstance(right.type, LiteralType):
        right = adopt(right, right.type.other or U32, "shift count")
    if not isinstance(right.type, IntegerType) or right.type.signed:
        raise _bad_count(right)
    return Binary(result, where, name, left, right)


def _bad_count(right: Expression) -> Problem:
    return Problem(
        "M212",
        right.location,
        "this is not a shift count",
        found=describe(right),
        expected="an unsigned integer, or a constant that is not negative",
    )


def _address(name: str, written: str, left: Expression, right: Expression, where: Location) -> Expression:
    what = f"operands of `{written}`"
    if not isinstance(left.type, AddressType):
        if isinstance(left.type, IntegerType) and name in ("add", "and", "or"):
            raise Problem(
                "M201",
                where,
                f"{what}: the address comes first",
                found=f"{left.type} {written} {right.type}",
                expected=f"{right.type} {written} {left.type}",
                fix="swap the operands",
            )
        raise mismatch(where, right.type, left.type, what)
    if isinstance(right.type, AddressType):
        if left.type != right.type:
            raise mismatch(where, right.type, left.type, what)
        if name == "subtract":
            return Convert(U32, where, Binary(left.type, where, name, left, right))
        raise _undefined(written, left.type, where)
    if isinstance(right.type, LiteralType):
        right = adopt(right, U32, what)
    if right.type != U32:
        raise mismatch(right.location, right.type, U32, what)
    if name in ("add", "subtract", "and", "or"):
        return Binary(left.type, where, name, left, Convert(left.type, right.location, right))
    if name == "modulo":
        return Binary(U32, where, name, Convert(U32, left.location, left), right)
    raise _undefined(written, left.type, where)


def _pointer(name: str, written: str, left: Expression, right: Expression, where: Location) -> Expression:
    assert isinstance(left.type, PointerType)
    if name not in ("add", "subtract"):
        raise _undefined(written, left.type, where)
    stride = size_of(left.type.target)
    if right.type is LITERAL and isinstance(right, Constant):
        count = right.value if name == "add" else -right.value
        return Place(left.type, where, left, offset=count * stride)
    if not isinstance(right.type, IntegerType):
        raise mismatch(right.location, right.type, U32, f"operands of `{written}`")
    index: Expression = Convert(U32, right.location, right)
    if name == "subtract":
        index = Unary(U32, right.location, "negate", index)
    return Place(left.type, where, left, index=index, stride=stride)


def unary(node: ast.UnaryOp, operand: Value, where: Location) -> Value:
    """Return `-x`, `~x`, `+x` or `not x`."""
    if isinstance(node.op, ast.Not):
        if isinstance(operand, Known) and isinstance(operand.value, bool):
            return Known(not operand.value, where)
        return Unary(BOOL, where, "not", condition(operand))
    if isinstance(operand, Known) and not is_placed(operand.value):
        compute = UNARY[type(node.op)]
        try:
            return Known(compute(operand.value), where)
        except TypeError as error:
            if constant(operand) is None:
                raise failed(where, error) from None
    value = expression_of(operand)
    if isinstance(node.op, ast.UAdd):
        raise Problem("M208", where, "unary `+` does not exist", found="`+`", fix="leave it out")
    written = "-" if isinstance(node.op, ast.USub) else "~"
    if value.type is POISON:
        raise Silent
    with_width(value, LITERAL, f"the operand of `{written}`")
    if not isinstance(value.type, IntegerType):
        raise _undefined(written, value.type, where)
    return Unary(value.type, where, "negate" if written == "-" else "invert", value)


def condition(value: Value) -> Expression:
    """Return a value that must be a bool."""
    found = expression_of(value)
    if found.type is POISON:
        raise Silent
    if not isinstance(found.type, BoolType):
        fix = "compare it, for example with `!= 0`"
        if isinstance(found.type, BitsType):
            fix = "test one of its flags, or compare `.raw`"
        raise Problem("M206", found.location, "a condition must be a bool", found=describe(value), expected="bool", fix=fix)
    return found


def compare(kind: type[ast.cmpop], left: Value, right: Value, where: Location) -> Value:
    """Return `left <comparison> right`."""
    written, compute = COMPARE[kind]
    if isinstance(left, Known) and isinstance(right, Known) and not (is_placed(left.value) or is_placed(right.value)):
        ready = type(left.value) is type(right.value) or constant(left) is None or constant(right) is None
        if ready or (type(left.value) is int) != (type(right.value) is int):
            try:
                return Known(bool(compute(left.value, right.value)), where)
            except TypeError:
                if constant(left) is None or constant(right) is None:
                    raise failed(where, TypeError(f"{describe(left)} {written} {describe(right)}")) from None
            except FOREIGN as error:
                raise failed(where, error) from None
    if written in ("is", "is not"):
        raise Problem("M113", where, f"`{written}` does not exist at run time", found=f"`{written}`")
    if written in ("in", "not in"):
        raise Problem("M114", where, f"`{written}` does not exist at run time", found=f"`{written}`")
    first, second = agree(expression_of(left), expression_of(right), f"operands of `{written}`", where)
    if written not in ("==", "!=") and not isinstance(first.type, IntegerType | AddressType):
        code = "M213" if isinstance(first.type, EnumType | BoolType) else "M208"
        raise Problem(
            code,
            where,
            f"`{written}` is not defined for {first.type}",
            found=str(first.type),
            expected="an integer or address type",
        )
    if isinstance(first.type, ArrayType | CellType):
        raise Problem(
            "M208",
            where,
            f"`{written}` is not defined for {first.type}",
            found=str(first.type),
            expected="scalars or structs",
            fix="compare the elements, or the addresses: `address(a) == address(b)`",
        )
    return Compare(BOOL, where, written, first, second)
