# SPDX-License-Identifier: Apache-2.0
"""A local struct or array must not outlive its function: none may be returned, nor a pointer into one.

A variable counts as local as soon as one assignment anywhere in the function makes it refer to local storage; so does the
result of a function that may return a parameter which is local here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ovm.metal.frontend.report import Problem
from ovm.metal.tree import nodes
from ovm.metal.tree.program import Function
from ovm.metal.tree.types import AddressType, PointerType, Type, is_reference
from ovm.metal.tree.visit import nodes_of

# For a function's symbol: numbers of the parameters that its result may refer to.
Passed = Callable[[str], frozenset[int]]


def passed_on(functions: Mapping[str, Function]) -> Passed:
    """Return which parameters each function may return; recursion, which has a rule of its own, ends a search."""
    found: dict[str, frozenset[int]] = {}

    def passed(symbol: str) -> frozenset[int]:
        if symbol not in found:
            found[symbol] = frozenset()
            function = functions.get(symbol)
            if function is not None and _refers(function.result):
                found[symbol] = frozenset(
                    number
                    for number, parameter in enumerate(function.parameters)
                    if _refers(parameter.type) and any(_returns(function, {parameter}, passed))
                )
        return found[symbol]

    return passed


def check_escape(function: Function, passed: Passed) -> list[Problem]:
    """Return a problem for each return of local storage."""
    if not function.storage:
        return []
    return [
        Problem(
            "M409",
            node.location,
            f"{function.name} returns storage of its own, which ends with it",
            found=f"a local {node.value.type}",
            expected="storage that outlives the call",
        )
        for node in _returns(function, set(), passed)
        if node.value is not None
    ]


def _returns(function: Function, local: set[nodes.Variable], passed: Passed) -> Iterator[nodes.Return]:
    """Yield the returns of the function's own storage, or of a variable in `local`."""
    every = nodes_of(function)
    assigned = [node for node in every if isinstance(node, nodes.Assign)]
    local = set(local)
    grown = True
    while grown:
        more = {node.variable for node in assigned if _is_local(node.value, local, passed)}
        grown = not more <= local
        local |= more
    for node in every:
        if isinstance(node, nodes.Return) and node.value is not None and _is_local(node.value, local, passed):
            yield node


def _refers(kind: Type) -> bool:
    return is_reference(kind) or isinstance(kind, PointerType | AddressType)


def _is_local(value: nodes.Expression, local: set[nodes.Variable], passed: Passed) -> bool:
    if not _refers(value.type):
        return False
    match value:
        case nodes.LocalStorage():
            return True
        case nodes.Read():
            return value.variable in local
        case nodes.Place():
            return _is_local(value.base, local, passed)
        case nodes.Convert():
            return _is_local(value.operand, local, passed)
        case nodes.Conditional():
            return _is_local(value.first, local, passed) or _is_local(value.second, local, passed)
        case nodes.Call():
            return any(_is_local(value.arguments[number], local, passed) for number in passed(value.symbol))
    return False
