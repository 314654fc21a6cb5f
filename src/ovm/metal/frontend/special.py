# SPDX-License-Identifier: Apache-2.0
"""Calls that are statements: panic, copy, volatile_store."""

from __future__ import annotations

import ast

from ovm.metal.frontend.agree import adopt, mismatch
from ovm.metal.frontend.places import single_access
from ovm.metal.frontend.report import Problem, counted
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import describe
from ovm.metal.tree import nodes
from ovm.metal.tree.types import U32, StructType


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
    values = [scope.runtime(argument) for argument in node.args]
    if name == "panic":
        return [nodes.Panic(where, adopt(values[0], U32, "argument of panic"))]
    if name == "copy":
        return [_copy(where, values[0], values[1])]
    return _volatile_store(scope, where, values[0], values[1])


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


def _volatile_store(
    scope: Scope, where: nodes.Location, pointer: nodes.Expression, value: nodes.Expression
) -> list[nodes.Statement]:
    place = single_access(pointer)
    # A store computes its value first, but arguments are computed in order.
    held = scope.declare("place", pointer.type, where, hidden=True)
    place.base = nodes.Read(pointer.type, pointer.location, held)
    given = adopt(value, place.type, "value of volatile_store")
    return [nodes.Assign(where, held, pointer), nodes.Store(where, place, given, True)]
