# SPDX-License-Identifier: Apache-2.0
"""Loops: every one has a bound that the compiler knows, or is `while forever()`."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from ovm.metal.frontend import operators
from ovm.metal.frontend.agree import adopt
from ovm.metal.frontend.report import Problem, counted
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, describe, shown
from ovm.metal.lang import loops
from ovm.metal.lang.integers import Integer
from ovm.metal.tree import nodes
from ovm.metal.tree.types import INTEGERS, LITERAL, NEVER, POISON, IntegerType, range_of


def for_statement(scope: Scope, node: ast.For) -> list[nodes.Statement]:
    """Read a `for` loop."""
    where = location_of(node)
    if node.orelse:
        raise Problem("M127", location_of(node.orelse[0]), "a loop has no else", found="else")
    if isinstance(node.iter, ast.Call):
        callee = node.iter.func
        if isinstance(callee, ast.Attribute) and callee.attr == "range":
            base = scope.lower(callee.value)
            if isinstance(base, Known) and isinstance(base.value, type) and issubclass(base.value, Integer):
                return [_range(scope, node, node.iter, INTEGERS[base.value.__name__])]
        target = scope.lower(callee)
        if isinstance(target, Known) and target.value is loops.unroll:
            return [_unroll(scope, node, node.iter)]
        if isinstance(target, Known) and target.value is builtins.range:
            raise Problem(
                "M126",
                location_of(node.iter),
                "a loop counts in a type of its own",
                found="range()",
                expected="u32.range() or the range of another integer type",
            )
    raise Problem(
        "M125",
        location_of(node.iter) if where else where,
        "a loop goes over a range or over unroll(...)",
        found=ast.unparse(node.iter),
        expected="`T.range(...)` or `unroll(...)`",
    )


def _range(scope: Scope, node: ast.For, call: ast.Call, kind: IntegerType) -> nodes.Statement:
    where = location_of(node)
    if not isinstance(node.target, ast.Name):
        raise Problem("M124", location_of(node.target), "a range gives one number at a time", found=ast.unparse(node.target))
    bound = _range_bound(scope, call)
    if not 1 <= len(call.args) <= 3:
        raise Problem(
            "M304",
            location_of(call),
            "range() takes a stop, or a start, a stop and a step",
            found=counted(len(call.args)),
            expected="1 to 3 arguments",
        )
    start, stop, step = _limits(scope, call, kind)
    known = isinstance(start, nodes.Constant) and isinstance(stop, nodes.Constant)
    if not known and bound is None:
        raise Problem(
            "M408",
            location_of(call),
            "this range ends at a run-time value and has no bound",
            found=ast.unparse(call),
            expected="a bound",
            fix="add `bound=n` as its last argument",
        )
    if known and bound is not None:
        turns = len(range(_number(start), _number(stop), step))
        bound = None if turns <= bound else bound
    variable = _loop_variable(scope, node.target, kind)
    body = scope.read_body(node.body)
    if known and bound is not None:
        raise Problem(
            "M406",
            location_of(call),
            "this range goes past its own bound",
            found=f"{turns} turns",
            expected=f"at most {bound}",
        )
    return nodes.Count(where, variable, start, stop, step, bound, body)


def _number(value: nodes.Expression) -> int:
    assert isinstance(value, nodes.Constant)
    return value.value


def _range_bound(scope: Scope, call: ast.Call) -> int | None:
    bound: int | None = None
    for keyword in call.keywords:
        if keyword.arg != "bound":
            raise Problem("M304", location_of(keyword.value), "range() takes `bound=` only", found=str(keyword.arg))
        bound = positive(scope, keyword.value)
    return bound


def positive(scope: Scope, node: ast.expr) -> int:
    """Return a loop bound."""
    value = scope.evaluate(node)
    if isinstance(value.value, bool) or not isinstance(value.value, int | Integer) or not 1 <= int(value.value) < 1 << 32:
        raise Problem("M406", value.location, "a bound is a positive constant", found=describe(value), expected="1 to 4294967295")
    return int(value.value)


def _limits(scope: Scope, call: ast.Call, kind: IntegerType) -> tuple[nodes.Expression, nodes.Expression, int]:

    step = 1
    if len(call.args) == 3:
        held = scope.evaluate(call.args[2])
        if isinstance(held.value, bool) or not isinstance(held.value, int | Integer) or int(held.value) == 0:
            raise Problem("M406", held.location, "a step is a constant other than 0", found=describe(held), expected="a constant")
        step = int(held.value)
    values = [scope.runtime(argument) for argument in call.args[:2]]
    if len(values) == 1:
        values.insert(0, nodes.Constant(kind, values[0].location, 0))
    first, last = values
    if isinstance(first, nodes.Constant) and isinstance(last, nodes.Constant):
        for value in (first, last):
            if value.type is not LITERAL:
                adopt(value, kind, "limit of the range")
        numbers = range(first.value, last.value, step)
        low, high = range_of(kind)
        for number in (numbers[0], numbers[-1]) if numbers else ():
            if not low <= number <= high:
                raise Problem(
                    "M205",
                    last.location,
                    f"constant {shown(number)} does not fit in {kind}",
                    found=shown(number),
                    expected=f"{low} to {high}",
                )
        return nodes.Constant(kind, first.location, first.value), nodes.Constant(kind, last.location, last.value), step
    return adopt(first, kind, "start of the range"), adopt(last, kind, "stop of the range"), step


def _loop_variable(scope: Scope, target: ast.Name, kind: IntegerType) -> nodes.Variable:
    known = scope.variables.get(target.id)
    where = location_of(target)
    if known is None or known.type is POISON:
        return scope.declare(target.id, kind, where)
    if known.type != kind:
        raise Problem(
            "M201",
            where,
            f"{target.id} has a type already",
            found=str(kind),
            expected=str(known.type),
            fix="use another name for the loop's variable",
        )
    return known


def _unroll(scope: Scope, node: ast.For, call: ast.Call) -> nodes.Statement:
    where = location_of(node)
    if len(call.args) != 1 or call.keywords:
        raise Problem(
            "M304",
            location_of(call),
            "unroll() takes one compile-time object",
            found=counted(len(call.args) + len(call.keywords)),
            expected="1 argument",
        )
    items = scope.evaluate(call.args[0])
    try:
        values = list(items.value)
    except TypeError:
        raise Problem("M312", items.location, "unroll() goes over a compile-time sequence", found=describe(items)) from None
    turns = []
    for value in values:
        with scope.bound_to(_bind(node.target, value)):
            turns.append(scope.read_body(node.body))
    return nodes.Block(where, turns)


def _bind(target: ast.expr, value: Any) -> dict[str, Any]:
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Tuple | ast.List):
        try:
            parts = list(value)
        except TypeError:
            found = describe(Known(value, location_of(target)))
            raise Problem(
                "M306", location_of(target), "this value has no parts for the names", found=found, expected="a sequence"
            ) from None
        if len(parts) != len(target.elts):
            raise Problem(
                "M306",
                location_of(target),
                "the number of names and values differ",
                found=f"{len(parts)} values",
                expected=f"{len(target.elts)} values",
            )
        bound: dict[str, Any] = {}
        for element, part in zip(target.elts, parts, strict=True):
            bound.update(_bind(element, part))
        return bound
    raise Problem("M131", location_of(target), "unroll() binds names only", found=ast.unparse(target))


def while_statement(scope: Scope, node: ast.While) -> list[nodes.Statement]:
    """Read a `while` loop."""
    where = location_of(node)
    if node.orelse:
        raise Problem("M127", location_of(node.orelse[0]), "a loop has no else", found="else")
    if _is_call(scope, node.test, loops.forever):
        if scope.function.result is not NEVER:
            raise Problem(
                "M407",
                location_of(node.test),
                f"{scope.function.name} has a loop without end but may return",
                found=f"-> {scope.function.result}",
                expected="-> Never",
            )
        return [nodes.While(where, None, None, scope.read_body(node.body))]
    test = scope.lower(node.test)
    if isinstance(test, Known) and test.value is False:
        return []
    chosen = None if isinstance(test, Known) and test.value is True else operators.condition(scope.placed(test))
    first = node.body[0]
    if not (isinstance(first, ast.Expr) and _is_call(scope, first.value, loops.bound)):
        line = nodes.Location(where.line, where.column, where.line, location_of(node.test).end_column)
        raise Problem("M405", line, "this loop has no bound", found=f"while {ast.unparse(node.test)}", expected="bound(n)")
    assert isinstance(first.value, ast.Call)
    if len(first.value.args) != 1:
        raise Problem(
            "M304",
            location_of(first),
            "bound() takes one constant",
            found=counted(len(first.value.args)),
            expected="bound(n)",
        )
    limit = positive(scope, first.value.args[0])
    return [nodes.While(where, chosen, limit, scope.read_body(node.body[1:]))]


def _is_call(scope: Scope, node: ast.expr, target: object) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return False
    if scope.free_locals(node.func):
        return False

    callee = scope.lower(node.func)
    return isinstance(callee, Known) and callee.value is target
