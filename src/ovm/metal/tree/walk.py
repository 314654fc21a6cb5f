# SPDX-License-Identifier: Apache-2.0
"""Visit the typed tree without knowing each node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ovm.metal.tree.nodes import Expression, Function, Statement

_FIELDS: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    names = _FIELDS.get(kind)
    if names is None:
        names = tuple(entry.name for entry in fields(kind) if entry.name not in ("location", "type", "variable"))
        _FIELDS[kind] = names
    return names


def _inside(value: object) -> Iterator[Expression | Statement]:
    if isinstance(value, Expression | Statement):
        yield value
        for name in _names(type(value)):
            child = getattr(value, name)
            if isinstance(child, Expression | Statement | list | tuple):
                yield from _inside(child)
    elif isinstance(value, list | tuple):
        for item in value:
            if isinstance(item, Expression | Statement | list | tuple):
                yield from _inside(item)


def nodes_of(function: Function) -> Iterator[Expression | Statement]:
    """Yield every statement and expression of `function`, outer before inner."""
    yield from _inside(function.body)
