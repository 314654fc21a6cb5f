# SPDX-License-Identifier: Apache-2.0
"""A local struct or array must not outlive its function: none may be returned, nor a pointer into one.

A variable counts as local as soon as one assignment anywhere in the function makes it refer to local storage.
"""

from __future__ import annotations

from ovm.metal.frontend.report import Problem
from ovm.metal.tree import nodes
from ovm.metal.tree.types import AddressType, PointerType, is_reference
from ovm.metal.tree.walk import nodes_of


def check_escape(function: nodes.Function) -> list[Problem]:
    """Return a problem for each return of local storage."""
    if not function.storage:
        return []
    every = nodes_of(function)
    assigned = [node for node in every if isinstance(node, nodes.Assign)]
    local: set[nodes.Variable] = set()
    grown = True
    while grown:
        more = {node.variable for node in assigned if _is_local(node.value, local)}
        grown = not more <= local
        local |= more
    return [
        Problem(
            "M409",
            node.location,
            f"{function.name} returns storage of its own, which ends with it",
            found=f"a local {node.value.type}",
            expected="storage that outlives the call",
        )
        for node in every
        if isinstance(node, nodes.Return) and node.value is not None and _is_local(node.value, local)
    ]


def _is_local(value: nodes.Expression, local: set[nodes.Variable]) -> bool:
    if not (is_reference(value.type) or isinstance(value.type, PointerType | AddressType)):
        return False
    match value:
        case nodes.LocalStorage():
            return True
        case nodes.Read():
            return value.variable in local
        case nodes.Place():
            return _is_local(value.base, local)
        case nodes.Convert():
            return _is_local(value.operand, local)
        case nodes.Conditional():
            return _is_local(value.first, local) or _is_local(value.second, local)
    return False
