# SPDX-License-Identifier: Apache-2.0
"""The conversion of Python's expressions to compile-time objects or typed expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ovm.metal.frontend import operators
from ovm.metal.frontend.agree import choice
from ovm.metal.frontend.calls import call
from ovm.metal.frontend.places import member, subscript
from ovm.metal.frontend.report import Problem, Silent
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.unsupported import explain
from ovm.metal.frontend.values import Known, Value
from ovm.metal.tree.nodes import Conditional, Logical, Read
from ovm.metal.tree.types import BOOL, POISON


def lower(scope: Scope, node: ast.expr) -> Value:
    """Return an expression as a compile-time object or a typed expression."""
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        return handler(scope, node)
    # Python that exists only at compile time: it is allowed as long as it contains nothing of the running program.
    if isinstance(node, _COMPILE_TIME) and not scope.free_locals(node):
        return scope.evaluate(node)
    raise explain(node)


def _constant(scope: Scope, node: ast.Constant) -> Value:
    return Known(node.value, location_of(node))


def _name(scope: Scope, node: ast.Name) -> Value:
    where = location_of(node)
    if not scope.is_local(node.id):
        return scope.lookup(node.id, where)
    variable = scope.variables.get(node.id)
    if variable is None:
        raise Problem(
            "M401",
            where,
            f"the variable {node.id} is read before it has a value",
            found=f"{node.id} unset",
            expected="a value",
        )
    if variable.type is POISON:
        raise Silent
    return Read(variable.type, where, variable)


def _binary(scope: Scope, node: ast.BinOp) -> Value:
    left = scope.usable(node.left)
    right = scope.usable(node.right)
    return operators.binary(type(node.op), left, right, location_of(node))


def _unary(scope: Scope, node: ast.UnaryOp) -> Value:
    return operators.unary(node, scope.usable(node.operand), location_of(node))


def _compare(scope: Scope, node: ast.Compare) -> Value:
    if len(node.ops) > 1:
        if not scope.free_locals(node):
            return scope.evaluate(node)
        raise explain(node)
    left = scope.usable(node.left)
    right = scope.usable(node.comparators[0])
    return operators.compare(type(node.ops[0]), left, right, location_of(node))


def _logical(scope: Scope, node: ast.BoolOp) -> Value:
    name = "and" if isinstance(node.op, ast.And) else "or"
    where = location_of(node)
    result: Value | None = None
    for part in node.values:
        value = scope.lower(part)
        if result is None or isinstance(result, Known):
            result = value
        else:
            result = Logical(BOOL, where, name, operators.condition(result), operators.condition(scope.placed(value)))
        if isinstance(result, Known):
            if not isinstance(result.value, bool):
                operators.condition(scope.placed(result))
            if result.value is (name == "or"):
                return result
        else:
            operators.condition(result)
    assert result is not None
    return result


def _conditional(scope: Scope, node: ast.IfExp) -> Value:
    test = scope.lower(node.test)
    if isinstance(test, Known) and isinstance(test.value, bool):
        return scope.lower(node.body if test.value else node.orelse)
    chosen = operators.condition(test)
    where = location_of(node)
    sides = scope.runtime(node.body), scope.runtime(node.orelse)
    kind, first, second = choice(*sides, "sides of `if ... else`", where)
    return Conditional(kind, where, chosen, first, second)


def _attribute(scope: Scope, node: ast.Attribute) -> Value:
    return member(scope, scope.usable(node.value), node)


def _subscript(scope: Scope, node: ast.Subscript) -> Value:
    if isinstance(node.slice, ast.Slice):
        if not scope.free_locals(node):
            return scope.evaluate(node)
        raise explain(node.slice)
    base = scope.usable(node.value)
    return subscript(scope, base, scope.usable(node.slice), location_of(node))


def _call(scope: Scope, node: ast.Call) -> Value:
    return call(scope, node)


def _tuple(scope: Scope, node: ast.Tuple) -> Value:
    if scope.free_locals(node):
        raise explain(node)
    return scope.evaluate(node)


_COMPILE_TIME = (
    ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.JoinedStr, ast.Lambda, ast.Slice,
)  # fmt: skip
_HANDLERS: dict[type[ast.expr], Callable[[Scope, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _logical,
    ast.IfExp: _conditional,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.Tuple: _tuple,
}
