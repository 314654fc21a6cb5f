# SPDX-License-Identifier: Apache-2.0
"""Calls that are statements: panic, copy, volatile_store."""

from __future__ import annotations

import ast

from ovm.metal.frontend.agree import adopt, mismatch
from ovm.metal.frontend.expressions import runtime
from ovm.metal.frontend.report import Problem, counted
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import describe
from ovm.metal.tree import nodes
from ovm.metal.tree.types import U32, PointerType, StructType, is_scalar


def special_statement(scope: Scope, name: str, node: ast.Call) -> list[nodes.Statement]:
    """Read a call of `name`."""
    wanted = {"panic": 1, "copy": 2, "volatile_store": 2}[name]
    where = location_of(node)
    if len(node.args) != wanted or node.keywords:
        raise Problem(
            "M304",
            where,
            f"{name} is called with other arguments than it declares",
            found=counted(len(node.args) + len(node.keywords)),
            expected=f"{wanted} arguments",
        )
    values = [runtime(scope, argument) for argument in node.args]
    if name == "panic":
        return [nodes.Panic(where, adopt(values[0], U32, "argument of panic"))]
    if name == "copy":
        return [_copy(where, values[0], values[1])]
    return [_volatile_store(where, values[0], values[1])]


def _copy(where: nodes.Location, target: nodes.Expression, source: nodes.Expression) -> nodes.Statement:
    if not isinstance(target.type, StructType):
        raise Problem("M201", target.location, "copy() copies whole structs", found=describe(target), expected="a struct")
    if source.type != target.type:
        raise mismatch(source.location, source.type, target.type, "source of copy")
    if target.type.volatile:
        raise Problem(
            "M208",
            where,
            "a volatile struct is not copied as a whole",
            found=str(target.type),
            expected="a struct that is not volatile",
            fix="copy its fields one by one",
        )
    return nodes.Copy(where, target, source)


def _volatile_store(where: nodes.Location, pointer: nodes.Expression, value: nodes.Expression) -> nodes.Statement:
    if not isinstance(pointer.type, PointerType) or not is_scalar(pointer.type.target):
        raise Problem(
            "M201",
            pointer.location,
            "this is not a pointer to a scalar",
            found=describe(pointer),
            expected="a pointer to an integer, address, enum or bits",
        )
    kind = pointer.type.target
    place = nodes.Place(kind, where, pointer, null_check=True)
    return nodes.Store(where, place, adopt(value, kind, "value of volatile_store"), True)
