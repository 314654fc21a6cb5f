# SPDX-License-Identifier: Apache-2.0
"""Built-in functions on integers: min, max, clz, ctz, byte_swap, rotate_right."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from ovm.metal.frontend.agree import choice, mismatch
from ovm.metal.frontend.operands import Handler, operands
from ovm.metal.frontend.report import Problem
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Value, describe
from ovm.metal.lang import operations
from ovm.metal.tree.nodes import Constant, Expression, Intrinsic
from ovm.metal.tree.types import LITERAL, U8, U32, IntegerType, LiteralType


def _choose(name: str) -> Handler:
    def handle(scope: Scope, node: ast.Call) -> Value | None:
        found = operands(scope, node, "a", "b")
        if found is None:
            return None
        where = location_of(node)
        what = f"arguments of {name[:3]}"
        kind, first, second = choice(found[0], found[1], what, where)
        if not isinstance(kind, IntegerType | LiteralType):
            raise mismatch(where, kind, U32, what)
        return Intrinsic(kind, where, name, [first, second])

    return handle


def _integer(value: Expression, what: str) -> Expression:
    if not isinstance(value.type, IntegerType):
        raise mismatch(value.location, describe(value), U32, what)
    return value


def _count(name: str) -> Handler:
    def handle(scope: Scope, node: ast.Call) -> Value | None:
        found = operands(scope, node, "x")
        if found is None:
            return None
        operand = _integer(found[0], f"argument of {name}")
        return Intrinsic(operand.type, location_of(node), name, [operand])

    return handle


def _rotate(scope: Scope, node: ast.Call) -> Value | None:
    found = operands(scope, node, "x", "n")
    if found is None:
        return None
    value, count = _integer(found[0], "argument of rotate_right"), found[1]
    if count.type is LITERAL and isinstance(count, Constant):
        assert isinstance(value.type, IntegerType)
        count = Constant(U8, count.location, count.value % value.type.width)
    elif not isinstance(count.type, IntegerType) or count.type.signed:
        raise Problem(
            "M212",
            count.location,
            "this is not a shift count",
            found=describe(count),
            expected="an unsigned integer or a constant",
        )
    return Intrinsic(value.type, location_of(node), "rotate_right", [value, count])


NUMBERS: dict[Any, Handler] = {
    builtins.min: _choose("minimum"),
    builtins.max: _choose("maximum"),
    operations.clz: _count("clz"),
    operations.ctz: _count("ctz"),
    operations.byte_swap: _count("byte_swap"),
    operations.rotate_right: _rotate,
}
