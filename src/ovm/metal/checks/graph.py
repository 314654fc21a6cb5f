# SPDX-License-Identifier: Apache-2.0
"""The call graph, and the rule that it has no cycle: without recursion the deepest stack is known."""

from __future__ import annotations

from ovm.metal.emit.routines import routine_for
from ovm.metal.frontend.report import Problem
from ovm.metal.tree.nodes import Call, Location, TableCall
from ovm.metal.tree.program import Function, Program
from ovm.metal.tree.visit import nodes_of


def call_sites(program: Program, function: Function, host: bool) -> dict[str, Location]:
    """Return the functions that a function calls, each with the place of the first call."""
    found: dict[str, Location] = {}
    for node in nodes_of(function):
        if isinstance(node, Call):
            found.setdefault(node.symbol, node.location)
        elif isinstance(node, TableCall):
            for name in program.tables[node.table].functions:
                found.setdefault(name, node.location)
        elif not host:
            routine = routine_for(node)
            if routine is not None:
                found.setdefault(routine, node.location)
    for name in sorted(function.mentions):
        if name in program.functions:
            found.setdefault(name, function.location)
    return found


def calls_of(program: Program, function: Function, host: bool) -> set[str]:
    """Return the symbols of the functions that a function calls."""
    return set(call_sites(program, function, host))


def check_recursion(program: Program) -> list[tuple[Function, Problem]]:
    """Return one problem for each cycle that a depth-first walk meets."""
    # Assembly that names a function may jump to it and never return, so a mention is not a call here.
    sites = {
        name: {
            callee: where
            for callee, where in call_sites(program, function, True).items()
            if callee in program.functions and callee not in function.mentions
        }
        for name, function in program.functions.items()
    }
    found: list[tuple[Function, Problem]] = []
    done: set[str] = set()
    for root in program.functions:
        _visit(root, [], sites, done, program, found)
    return found


def _message(program: Program, cycle: list[str]) -> str:
    names = [program.functions[step].name for step in cycle]
    through = f" through {', '.join(names[1:-1])}" if len(names) > 2 else ""
    return f"{names[0]} calls itself{through}"


def _visit(
    name: str,
    path: list[str],
    sites: dict[str, dict[str, Location]],
    done: set[str],
    program: Program,
    found: list[tuple[Function, Problem]],
) -> None:
    if name in done:
        return
    path.append(name)
    for callee, where in sites[name].items():
        if callee in path:
            cycle = [*path[path.index(callee) :], callee]
            names = " -> ".join(program.functions[step].name for step in cycle)
            found.append(
                (
                    program.functions[name],
                    Problem(
                        "M404",
                        where,
                        _message(program, cycle),
                        found=names,
                        expected="a call graph without cycles",
                    ),
                )
            )
        else:
            _visit(callee, path, sites, done, program, found)
    path.pop()
    done.add(name)
