# SPDX-License-Identifier: Apache-2.0
"""The conversion of one function definition to the typed tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ovm.metal.frontend.expressions import lower
from ovm.metal.frontend.report import Problem
from ovm.metal.frontend.scope import Scope
from ovm.metal.frontend.signatures import Head
from ovm.metal.frontend.source import SourceFile, head_location, location_of
from ovm.metal.frontend.statements import read_body
from ovm.metal.frontend.values import Value, describe
from ovm.metal.lang import loops, machine
from ovm.metal.lang.functions import Function as Marked
from ovm.metal.tree.nodes import Location, Statement, Variable
from ovm.metal.tree.program import Function

if TYPE_CHECKING:
    from ovm.metal.frontend.program import Builder


class _Reader:
    """The reader that ties expressions and statements together; see `scope.Reader`."""

    def lower(self, scope: Scope, node: ast.expr) -> Value:
        return lower(scope, node)

    def read_body(self, scope: Scope, body: list[ast.stmt]) -> list[Statement]:
        return read_body(scope, body)


def read_function(
    builder: Builder, marked: Marked, head: Head, source: SourceFile, names: dict[str, Any], node: ast.FunctionDef
) -> tuple[Function, list[Problem]]:
    """Read a function's body; return it with the problems found in it."""
    parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    variables = [
        Variable(name, kind, location_of(parameter), parameter=number)
        for number, (name, kind, parameter) in enumerate(zip(head.names, head.parameters, parameters, strict=True))
    ]
    function = Function(
        symbol=head.symbol,
        module=marked.module,
        name=marked.name,
        file=source.shown,
        location=head_location(node),
        parameters=variables,
        result=head.result,
        kind=marked.kind,
        inline=marked.inline,
        section=marked.section,
        exported=marked.export is not None or marked.kind == "extern",
        end=Location(node.end_lineno or node.lineno, 0),
    )
    inner = list(_nodes(list(node.body)))
    scope = Scope(builder, _Reader(), source, names, function, set(head.names) | _assigned(inner))
    scope.variables = {variable.name: variable for variable in variables}
    body = _without_docstring(node.body)
    if marked.kind == "naked":
        try:
            _naked(scope, node, body)
        except Problem as problem:
            scope.problems.append(problem)
    elif marked.kind == "extern":
        _extern(scope, body)
    else:
        _unroll_names(scope, inner)
        function.body = scope.read_body(body)
    return function, scope.problems


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body


_INNER_SCOPES = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# With leaves that say nothing here, and are half of all nodes.
_LEAVES = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_PASSED_OVER = frozenset((*(kind for base in _LEAVES for kind in base.__subclasses__()), ast.Constant, *_INNER_SCOPES))


def _nodes(waiting: list[ast.AST]) -> Iterator[ast.AST]:
    """Syntax nodes of a function's own, those of comprehensions and inner functions left out."""
    while waiting:
        node = waiting.pop()
        if type(node) in _PASSED_OVER:
            continue
        yield node
        for name in node._fields:
            child = getattr(node, name, None)
            if isinstance(child, list):
                waiting.extend([each for each in child if isinstance(each, ast.AST)])
            elif isinstance(child, ast.AST):
                waiting.append(child)


def _assigned(nodes: list[ast.AST]) -> set[str]:
    """Return the names that are stored to."""
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _unroll_names(scope: Scope, nodes: list[ast.AST]) -> None:
    """Names that only unrolled loops bind are not run-time variables."""
    unrolled: set[str] = set()
    others = set(scope.variables)
    for inner in nodes:
        if isinstance(inner, ast.For) and scope.goes_over(inner.iter, loops.unroll):
            unrolled |= {name.id for name in ast.walk(inner.target) if isinstance(name, ast.Name)}
        elif isinstance(inner, ast.For | ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
            others |= {target.id for target in targets if isinstance(target, ast.Name)}
    scope.locals -= unrolled - others


def _naked(scope: Scope, node: ast.FunctionDef, body: list[ast.stmt]) -> None:
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    if isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords:
        callee = scope.evaluate(call.func)
        if callee.value is machine.asm_block:
            text = scope.evaluate(call.args[0])
            if not isinstance(text.value, str):
                problem = Problem("M312", text.location, "asm_block() takes a string constant", found=describe(text))
                scope.problems.append(problem)
                return
            scope.function.assembly = _assembly_lines(text.value, call.args[0])
            scope.builder.mention(scope.function, text.value)
            return
    where = location_of(body[0]) if body else location_of(node)
    scope.problems.append(
        Problem(
            "M308",
            where,
            "the body of a naked function is one asm_block",
            found=_first_line(body),
            expected='`asm_block("...")`',
        )
    )


# Directives that stand alone in a line; others (macros, conditions) may belong to their neighbours.
_PLAIN_DIRECTIVES = (".global", ".weak", ".word", ".inst", ".long", ".align", ".balign", ".ltorg", ".arm", ".thumb")


def _assembly_lines(text: str, written: ast.expr) -> list[tuple[str, Location]]:
    """Cut assembly into its lines, each with its line in the source; uncut where these lines are not certain."""
    whole = location_of(written)
    lines = text.split("\n")
    starts = [line.split()[0] for line in lines if line.strip()]
    strange = [start for start in starts if start.startswith(".") and start not in _PLAIN_DIRECTIVES and start[-1] != ":"]
    if len(lines) != whole.end_line - whole.line + 1 or strange or "/*" in text:
        return [(text, whole)]
    return [(line.strip(), Location(whole.line + number, 0)) for number, line in enumerate(lines) if line.strip()]


def _first_line(body: list[ast.stmt]) -> str:
    return ast.unparse(body[0]).splitlines()[0] if body else "nothing"


def _extern(scope: Scope, body: list[ast.stmt]) -> None:
    for statement in body:
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            scope.problems.append(
                Problem(
                    "M309",
                    location_of(statement),
                    "an extern function has no body of its own",
                    found=_first_line(body),
                    expected="`...`",
                )
            )
            return
