# SPDX-License-Identifier: Apache-2.0
"""Calls: of metal functions, through tables, of types (casts), of built-in names, and of compile-time Python."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from ovm.metal.frontend import casts
from ovm.metal.frontend.agree import adopt
from ovm.metal.frontend.builtins import BUILTINS
from ovm.metal.frontend.kinds import type_of
from ovm.metal.frontend.report import FOREIGN, Problem, counted
from ovm.metal.frontend.scope import Scope, failed
from ovm.metal.frontend.signatures import Head
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.unsupported import explain, written
from ovm.metal.frontend.values import Known, Value, describe, expression_of, is_placed
from ovm.metal.lang.bits import Bits
from ovm.metal.lang.functions import Function, FunctionTable
from ovm.metal.lang.integers import Integer
from ovm.metal.lang.references import Array
from ovm.metal.lang.structs import Struct
from ovm.metal.tree.nodes import Call, Expression, LocalStorage, Location, TableCall
from ovm.metal.tree.types import BitsType, IntegerType


def call(scope: Scope, node: ast.Call) -> Value:
    """Return the value of a call."""
    where = location_of(node)
    if isinstance(node.func, ast.Subscript):
        table = scope.lower(node.func.value)
        if isinstance(table, Known) and isinstance(table.value, FunctionTable):
            return _table_call(scope, table, node)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "set":
        base = scope.lower(node.func.value)
        if isinstance(base, Known) and isinstance(base.value, Bits) and scope.free_locals(node):
            base = expression_of(base)
        if isinstance(base, Expression) and isinstance(base.type, BitsType):
            return casts.set_field(scope, base, node)
    callee = scope.lower(node.func)
    if not isinstance(callee, Known):
        raise Problem("M311", where, "this is not a function", found=str(callee.type), expected="a metal function")
    target = callee.value
    try:
        handler = BUILTINS.get(target)
    except TypeError:
        handler = None
    if handler is not None:
        result = handler(scope, node)
        if result is not None:
            return result
    if isinstance(target, Function):
        head = scope.builder.function(target, where)
        return Call(head.result, where, head.symbol, *arguments(scope, head, node))
    if isinstance(target, type) and issubclass(target, Struct):
        return _local_struct(scope, target, node)
    return _plain(scope, callee, node)


def _positional(node: ast.Call) -> list[ast.expr]:
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            raise explain(argument)
    for keyword in node.keywords:
        if keyword.arg is None:
            raise Problem(
                "M121", location_of(keyword.value), "metal does not have a star argument", found=f"**{written(keyword.value)}"
            )
    return node.args


def arguments(scope: Scope, head: Head, node: ast.Call) -> tuple[list[Expression], list[int]]:
    """Return the arguments of a call in the order of the parameters, and the order in which they are evaluated."""
    where = location_of(node)
    given: dict[str, ast.expr] = {}
    names = list(head.names)
    positional = _positional(node)
    for name, argument in zip(names, positional, strict=False):
        given[name] = argument
    extra = len(positional) - len(names)
    for keyword in node.keywords:
        assert keyword.arg is not None
        if keyword.arg not in names or keyword.arg in given:
            raise _wrong_arguments(where, head, f"argument {keyword.arg}")
        given[keyword.arg] = keyword.value
    missing = [name for name in names if name not in given]
    if extra > 0 or missing:
        raise _wrong_arguments(where, head, counted(len(positional) + len(node.keywords)))
    # Evaluated as written: keywords may stand in another order than the parameters.
    values = {name: scope.runtime(argument) for name, argument in given.items()}
    adopted = [
        adopt(values[name], kind, f"argument {name} of {head.name}") for name, kind in zip(names, head.parameters, strict=True)
    ]
    return adopted, [names.index(name) for name in given]


def _wrong_arguments(where: Location, head: Head, found: str) -> Problem:
    declared = ", ".join(f"{name}: {kind}" for name, kind in zip(head.names, head.parameters, strict=True))
    return Problem(
        "M304",
        where,
        f"{head.name} is called with other arguments than it declares",
        found=found,
        expected=f"{head.name}({declared})",
    )


def _table_call(scope: Scope, table: Known, node: ast.Call) -> Value:

    assert isinstance(node.func, ast.Subscript)
    where = location_of(node)
    index = scope.lower(node.func.slice)
    if isinstance(index, Known):
        try:
            target = table.value[index.value]
        except FOREIGN as error:
            raise failed(index.location, error) from None
        head = scope.builder.function(target, where)
        return Call(head.result, where, head.symbol, *arguments(scope, head, node))
    if not isinstance(index.type, IntegerType):
        raise Problem("M214", index.location, "an index is an integer", found=str(index.type), expected="an integer")
    symbol, head = scope.builder.table(table)
    return TableCall(head.result, where, symbol, index, *arguments(scope, head, node))


def _local_struct(scope: Scope, target: type[Struct], node: ast.Call) -> Value:

    where = location_of(node)
    if node.args or node.keywords:
        raise Problem(
            "M304",
            where,
            f"{target.__name__}() takes no arguments",
            found="arguments",
            expected=f"{target.__name__}()",
            fix="make it zeroed, then assign its fields",
        )
    kind = type_of(target)
    return LocalStorage(kind, where, scope.reserve(kind))


def _plain(scope: Scope, callee: Known, node: ast.Call) -> Value:
    """Call compile-time Python if every argument is known now; casts take one run-time argument."""
    where = location_of(node)
    target: Any = callee.value
    values: list[Value] = [scope.lower(argument) for argument in _positional(node)]
    keywords = {keyword.arg: scope.lower(keyword.value) for keyword in node.keywords if keyword.arg}
    dynamic = [value for value in [*values, *keywords.values()] if isinstance(value, Expression) or is_placed(value.value)]
    if not dynamic:
        return _now(target, values, keywords, where)
    if casts.is_cast(target) and len(values) == 1 and not keywords:
        return casts.cast(scope, callee, scope.placed(values[0]), where)
    if isinstance(target, type) and issubclass(target, Integer | Array):
        raise Problem(
            "M304",
            where,
            f"{target.__name__}() takes one argument",
            found=counted(len(values)),
            expected="1 argument",
        )
    raise Problem(
        "M311",
        where,
        "this function is not metal, so it cannot take run-time values",
        found=describe(callee),
        expected="a function marked `@fn`",
    )


# Types that can be compared by value.
_PLAIN = (bool, int, str, bytes, float)


def _now(target: Any, values: list[Value], keywords: dict[str, Value], where: Location) -> Value:
    held = [value.value for value in values if isinstance(value, Known)]
    named = {name: value.value for name, value in keywords.items() if isinstance(value, Known)}
    if not callable(target):
        raise Problem("M311", where, "this is not a function", found=describe(Known(target, where)))
    try:
        found = target(*held, **named)
        again = target(*held, **named) if isinstance(target, FunctionType) and isinstance(found, _PLAIN) else found
    except FOREIGN as error:
        raise failed(where, error) from None
    if found != again and found == found:
        # CPython calls the function each time that the line is executed, a compiled program never.
        raise Problem(
            "M317", where, "this function gives another value each time it is called", found=f"{found!r}, then {again!r}"
        )
    return Known(found, where)
