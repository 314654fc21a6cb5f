# SPDX-License-Identifier: Apache-2.0
"""Visits of the typed tree, independent of the kinds of nodes."""

from __future__ import annotations

from dataclasses import fields

from ovm.metal.tree.nodes import Expression, Function, Statement

Node = Expression | Statement
_FIELDS: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    names = _FIELDS.get(kind)
    if names is None:
        leaves = ("location", "type", "variable")
        # Last field first: the node pushed last is visited first.
        names = tuple(entry.name for entry in reversed(fields(kind)) if entry.name not in leaves)
        _FIELDS[kind] = names
    return names


def nodes_in(start: object) -> list[Node]:
    """Return the statements and expressions in a node or a list of nodes, outer before inner, in evaluation order."""
    found: list[Node] = []
    waiting: list[object] = [start]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Expression | Statement):
            found.append(value)
            for name in _names(type(value)):
                child = getattr(value, name)
                if isinstance(child, Expression | list | tuple):
                    waiting.append(child)
        elif isinstance(value, list | tuple):
            waiting.extend(reversed(value))
    return found


def nodes_of(function: Function) -> list[Node]:
    """Return every statement and expression of `function`, outer before inner."""
    return nodes_in(function.body)
