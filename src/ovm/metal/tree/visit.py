# SPDX-License-Identifier: Apache-2.0
"""Visits of the typed tree, independent of the kinds of nodes."""

from __future__ import annotations

from dataclasses import fields

from ovm.metal.tree.nodes import Expression, Statement
from ovm.metal.tree.program import Function

Node = Expression | Statement
_LEAVES = ("location", "type", "variable")
# For each type of what is met in a tree: the names of the fields to visit, None for what is no node.
_FIELDS: dict[type, tuple[str, ...] | None] = {}


def _names(kind: type) -> tuple[str, ...] | None:
    names = None
    if issubclass(kind, Expression | Statement):
        # Last field first: what is pushed last is visited first.
        names = tuple(entry.name for entry in reversed(fields(kind)) if entry.name not in _LEAVES)
    _FIELDS[kind] = names
    return names


def nodes_in(start: object) -> list[Node]:
    """Return the statements and expressions in a node or a list of nodes, outer before inner, in evaluation order."""
    found: list[Node] = []
    waiting: list[object] = [start]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting.extend(value[::-1])
            continue
        kind = type(value)
        names = _FIELDS[kind] if kind in _FIELDS else _names(kind)
        if names is not None:
            found.append(value)  # type: ignore[arg-type]
            waiting.extend([getattr(value, name) for name in names])
    return found


def nodes_of(function: Function) -> list[Node]:
    """Return every statement and expression of `function`, outer before inner; found once for each body."""
    if function.visited is None or function.visited[0] is not function.body:
        function.visited = (function.body, nodes_in(function.body))
    return function.visited[1]
