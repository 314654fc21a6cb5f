# SPDX-License-Identifier: Apache-2.0
"""Heads of functions: the types of parameters and result."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from ovm.metal.frontend.kinds import annotated_type
from ovm.metal.frontend.report import FOREIGN, Problem
from ovm.metal.frontend.scope import evaluate
from ovm.metal.frontend.source import head_location, location_of
from ovm.metal.tree.types import POISON, Type


@dataclass(frozen=True)
class Head:
    """The types and options of a function that a caller needs."""

    symbol: str
    name: str
    names: tuple[str, ...]
    parameters: tuple[Type, ...]
    result: Type


def annotation(names: dict[str, Any], node: ast.expr) -> Type:
    """Return the type that an annotation means."""
    where = location_of(node)
    try:
        value = evaluate(node, dict(names))
        if isinstance(value, str):
            value = eval(value, dict(names))
        return annotated_type(value, names)
    except NameError as error:
        raise Problem("M301", where, f"the name {error.name} is not defined", found=str(error.name)) from None
    except FOREIGN as error:
        known = isinstance(error, TypeError) and "is not a type" in str(error)
        raise Problem(
            "M305",
            where,
            "this is not a type of metal",
            found=ast.unparse(node) if known else f"{ast.unparse(node)} ({error})",
            expected="an integer, bool, address, enum, bits, Ptr[T] or struct type",
        ) from None


def read_head(names: dict[str, Any], node: ast.FunctionDef, symbol: str) -> tuple[Head, list[Problem]]:
    """Return a function's head and its problems; wrong types are poison, so that callers report nothing more."""
    problems: list[Problem] = []
    arguments = node.args
    for extra in (arguments.vararg, arguments.kwarg):
        if extra is not None:
            problems.append(Problem("M121", location_of(extra), "metal does not have a star parameter", found=extra.arg))
    for named in arguments.kwonlyargs:
        message = "metal does not have keyword-only parameters"
        problems.append(Problem("M121", location_of(named), message, found=named.arg, fix="remove the `*`"))
    for default in [*arguments.defaults, *arguments.kw_defaults]:
        if default is not None:
            problems.append(Problem("M122", location_of(default), "a parameter has no default value", found=ast.unparse(default)))
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    kinds = [_kind(names, node, parameter.annotation, parameter, parameter.arg, problems) for parameter in parameters]
    result = _kind(names, node, node.returns, node, "the result", problems)
    return Head(symbol, node.name, tuple(parameter.arg for parameter in parameters), tuple(kinds), result), problems


def _kind(
    names: dict[str, Any],
    function: ast.FunctionDef,
    written: ast.expr | None,
    node: ast.AST,
    name: str,
    problems: list[Problem],
) -> Type:
    try:
        if written is None:
            where = head_location(function) if node is function else location_of(node)
            raise Problem(
                "M303",
                where,
                f"{name} of {function.name} has no type",
                found="no annotation",
                expected="`-> T`" if node is function else f"`{name}: T`",
            )
        return annotation(names, written)
    except Problem as problem:
        problems.append(problem)
        return POISON
