# SPDX-License-Identifier: Apache-2.0
"""Rules about the flow of a program, checked on the typed tree: definite assignment, returns, local
storage, recursion."""

from __future__ import annotations

from ovm.metal.checks.escape import check_escape, passed_on
from ovm.metal.checks.flow import check_flow
from ovm.metal.checks.graph import check_recursion
from ovm.metal.diagnostics import Diagnostic, MetalError
from ovm.metal.frontend.report import diagnose
from ovm.metal.frontend.source import source_of
from ovm.metal.tree.program import Program


def check_program(program: Program) -> None:
    """Check every function, then the call graph; raise MetalError with all problems found."""
    found: list[Diagnostic] = []
    passed = passed_on(program.functions)
    for function in program.functions.values():
        if function.kind == "fn":
            source = source_of(function.module)
            lines = source.lines if source else []
            problems = [*check_flow(function), *check_escape(function, passed)]
            found.extend(diagnose(problem, function.file, lines) for problem in problems)
    for function, problem in check_recursion(program):
        source = source_of(function.module)
        found.append(diagnose(problem, function.file, source.lines if source else []))
    if found:
        raise MetalError(sorted(found, key=lambda one: (one.file, one.line, one.column, one.code)))
