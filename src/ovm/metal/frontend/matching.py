# SPDX-License-Identifier: Apache-2.0
"""`match` on integers and enums."""

from __future__ import annotations

import ast

from ovm.metal.frontend.agree import adopt
from ovm.metal.frontend.report import Problem
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.source import location_of
from ovm.metal.frontend.values import Known, constant, describe, refuse
from ovm.metal.tree import nodes
from ovm.metal.tree.types import EnumType, IntegerType


def match_statement(scope: Scope, node: ast.Match) -> list[nodes.Statement]:
    """Read a `match`; one on a compile-time value keeps only the case that it takes."""
    value = scope.lower(node.subject)
    known = value if isinstance(value, Known) and constant(value) is not None else None
    subject = scope.placed(value)
    if known is None and not isinstance(subject.type, IntegerType | EnumType):
        raise Problem(
            "M201",
            subject.location,
            "match works on integers and enums",
            found=describe(value),
            expected="an integer or enum",
            fix="use if and elif",
        )
    cases: list[tuple[tuple[int, ...], list[nodes.Statement]]] = []
    default: list[nodes.Statement] = []
    seen: set[int] = set()
    for case in node.cases:
        _refuse_guard(case)
        numbers = _numbers(scope, case.pattern, subject)
        if known is not None:
            if numbers is None or _number(subject) in numbers:
                return scope.read_body(case.body)
            continue
        body = scope.read_body(case.body)
        if numbers is None:
            default = body
            break
        if seen & set(numbers):
            raise _taken(case.pattern)
        seen |= set(numbers)
        cases.append((numbers, body))
    return [] if known is not None else [nodes.Switch(location_of(node), subject, cases, default)]


def _refuse_guard(case: ast.match_case) -> None:
    if case.guard is not None:
        raise Problem(
            "M129",
            location_of(case.guard),
            "a case has no guard",
            found=f"if {ast.unparse(case.guard)}",
            fix="write an `if` inside the case",
        )


def _taken(pattern: ast.pattern) -> Problem:
    return Problem(
        "M129",
        location_of(pattern),
        "this value has a case already",
        found=ast.unparse(pattern),
        expected="a value of its own",
        fix="remove one of the cases",
    )


def _number(subject: nodes.Expression) -> int:
    assert isinstance(subject, nodes.Constant)
    return subject.value


def _numbers(scope: Scope, pattern: ast.pattern, subject: nodes.Expression) -> tuple[int, ...] | None:
    """Return the values that a pattern takes; None is all of them."""
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name is None:
        return None
    if isinstance(pattern, ast.MatchOr):
        found: list[int] = []
        for part in pattern.patterns:
            inner = _numbers(scope, part, subject)
            if inner is None:
                return None
            found.extend(inner)
        return tuple(dict.fromkeys(found))
    if isinstance(pattern, ast.MatchValue):
        value = scope.lower(pattern.value)
        if isinstance(value, Known):
            number = constant(value)
            if number is None:
                raise refuse(value)
            chosen = adopt(number, subject.type, "case") if number.type != subject.type else number
            return (_number(chosen),)
    raise Problem(
        "M129",
        location_of(pattern),
        "match cannot compile this pattern",
        found=ast.unparse(pattern),
        expected="constants, enum members, `|` or `_`",
    )
