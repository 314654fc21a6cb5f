# SPDX-License-Identifier: Apache-2.0
"""Definite assignment and missing returns, by one walk along every path.

The state is the set of variables that have a value on every path so far, or None where the code can't be reached.
"""

from __future__ import annotations

from collections.abc import Iterable

from ovm.metal.frontend.report import Problem
from ovm.metal.tree import nodes
from ovm.metal.tree.program import Function
from ovm.metal.tree.types import NEVER, VOID, NeverType
from ovm.metal.tree.visit import nodes_in

State = frozenset[nodes.Variable] | None


def check_flow(function: Function) -> list[Problem]:
    """Return the problems of a function's paths."""
    walk = _Walk()
    end = walk.body(function.body, frozenset(function.parameters))
    if end is not None:
        if function.result is NEVER:
            walk.problems.append(
                Problem(
                    "M403",
                    function.location,
                    f"{function.name} is declared never to return, but its end is reached",
                    found="a path to the end",
                    expected="no such path",
                )
            )
        elif function.result is not VOID:
            walk.problems.append(
                Problem(
                    "M402",
                    function.location,
                    f"{function.name} has a path that returns nothing",
                    found="a path to the end",
                    expected=f"return of a {function.result}",
                )
            )
    return walk.problems


def _merge(states: Iterable[State]) -> State:
    alive = [state for state in states if state is not None]
    return frozenset.intersection(*alive) if alive else None


class _Walk:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._told: set[nodes.Variable] = set()
        # For each loop around: states at its `break`s and at its `continue`s.
        self._breaks: list[list[State]] = []
        self._continues: list[list[State]] = []

    def body(self, statements: list[nodes.Statement], state: State) -> State:
        for statement in statements:
            if state is None:
                return None
            state = self._statement(statement, state)
        return state

    def _reads(self, value: nodes.Expression, state: frozenset[nodes.Variable]) -> bool:
        """Report unset variables; return whether evaluation comes back."""
        comes_back = True
        for node in nodes_in(value):
            if isinstance(node, nodes.Read) and node.variable not in state and node.variable not in self._told:
                self._told.add(node.variable)
                self.problems.append(
                    Problem(
                        "M401",
                        node.location,
                        f"the variable {node.variable.name} may have no value here",
                        found=f"a path on which {node.variable.name} is unset",
                        expected="a value on every path",
                    )
                )
            if isinstance(node, nodes.Call | nodes.TableCall) and isinstance(node.type, NeverType):
                comes_back = False
        return comes_back

    def _statement(self, node: nodes.Statement, state: frozenset[nodes.Variable]) -> State:
        match node:
            case nodes.Assign():
                return state | {node.variable} if self._reads(node.value, state) else None
            case nodes.Store():
                return state if self._reads(node.value, state) and self._reads(node.place, state) else None
            case nodes.Copy():
                return state if self._reads(node.target, state) and self._reads(node.source, state) else None
            case nodes.Evaluate():
                return state if self._reads(node.expression, state) else None
            case nodes.If():
                self._reads(node.condition, state)
                return _merge([self.body(node.then, state), self.body(node.otherwise, state)])
            case nodes.Switch():
                self._reads(node.subject, state)
                ends = [self.body(body, state) for _, body in node.cases]
                return _merge([*ends, self.body(node.default, state)])
            case nodes.Return():
                if node.value is not None:
                    self._reads(node.value, state)
                return None
            case nodes.Panic():
                self._reads(node.code, state)
                return None
            case nodes.Break():
                self._breaks[-1].append(state)
                return None
            case nodes.Continue():
                self._continues[-1].append(state)
                return None
        return self._loop(node, state)

    def _loop(self, node: nodes.Statement, state: frozenset[nodes.Variable]) -> State:
        self._breaks.append([])
        self._continues.append([])
        end: State
        match node:
            case nodes.Count():
                self._reads(node.start, state)
                self._reads(node.stop, state)
                self.body(node.body, state | {node.variable})
                end = state
            case nodes.While():
                if node.condition is not None:
                    self._reads(node.condition, state)
                self.body(node.body, state)
                end = None if node.condition is None else state
            case nodes.Block():
                end = state
                for turn in node.turns:
                    end = _merge([self.body(turn, end), *self._continues[-1]])
                    self._continues[-1].clear()
            case _:
                end = state
        self._continues.pop()
        return _merge([end, *self._breaks.pop()])
