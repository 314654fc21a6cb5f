# SPDX-License-Identifier: Apache-2.0
"""Arguments of the language's own names: their number, and which are known at compile time or are types."""

from __future__ import annotations

import ast
from collections.abc import Callable

from ovm.metal.frontend.kinds import annotated_type
from ovm.metal.frontend.report import FOREIGN, Problem, Silent, counted
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, Value, describe, is_placed
from ovm.metal.tree.nodes import Expression
from ovm.metal.tree.types import POISON, Type

# A handler returns None when the call is better done as ordinary Python: all of it is known at compile time.
Handler = Callable[[Scope, ast.Call], Value | None]


def runtime(scope: Scope, node: ast.expr) -> Expression:
    """Return an argument as a run-time value."""
    value = scope.runtime(node)
    if value.type is POISON:
        raise Silent
    return value


def take(node: ast.Call, *names: str) -> list[ast.expr]:
    """Return the arguments of a call that takes exactly `names`."""
    given = list(node.args)
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    given += [keywords.pop(name) for name in names[len(given) :] if name in keywords]
    if len(given) != len(names) or keywords:
        written = ast.unparse(node.func)
        raise Problem(
            "M304",
            location_of(node),
            f"{written} is called with other arguments than it declares",
            found=counted(len(node.args) + len(node.keywords)),
            expected=f"{written}({', '.join(names)})",
        )
    return given


def operands(scope: Scope, node: ast.Call, *names: str) -> list[Expression] | None:
    """Return the arguments as expressions; None if all of them are known while compiling."""
    values = [scope.lower(argument) for argument in take(node, *names)]
    if all(isinstance(value, Known) and not is_placed(value.value) for value in values):
        return None
    found = [scope.placed(value) for value in values]
    if any(value.type is POISON for value in found):
        raise Silent
    return found


def type_argument(scope: Scope, node: ast.expr) -> Type:
    """Return the type that an argument names."""
    value = scope.evaluate(node)
    try:
        return annotated_type(value.value)
    except FOREIGN:
        raise Problem("M305", location_of(node), "this is not a type", found=describe(value)) from None


def misplaced(code: str, message: str, fix: str) -> Handler:
    """Return a handler for a name that stands where it has no meaning."""

    def handle(scope: Scope, node: ast.Call) -> Value:
        raise Problem(code, location_of(node), message, found=ast.unparse(node), fix=fix)

    return handle
