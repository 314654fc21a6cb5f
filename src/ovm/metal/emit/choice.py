# SPDX-License-Identifier: Apache-2.0
"""Unrolled searches for a constant, emitted as a `match`.

`for x in unroll(ITEMS): if number == x.number: ...; break` dispatches on a table. As a chain of comparisons it would cost
a branch for each group that the optimiser merges; as one switch it costs one.
"""

from __future__ import annotations

from ovm.metal.tree import nodes
from ovm.metal.tree.types import IntegerType

_STRAIGHT = (nodes.Assign, nodes.Store, nodes.Evaluate, nodes.Copy)
_FEWEST = 4


def choice_of(block: nodes.Block) -> nodes.Switch | None:
    """Return the switch that a block amounts to; None if a turn is anything but such a test of the same variable."""
    if len(block.turns) < _FEWEST:
        return None
    subject: nodes.Read | None = None
    cases: list[tuple[tuple[int, ...], list[nodes.Statement]]] = []
    seen: set[int] = set()
    for turn in block.turns:
        found = _test(turn)
        if found is None or (subject is not None and found[0].variable is not subject.variable):
            return None
        subject, value, body = found[0], found[1], found[2]
        if value not in seen:
            cases.append(((value,), body))
        seen.add(value)
    assert subject is not None
    return nodes.Switch(block.location, subject, cases, [])


def _test(turn: list[nodes.Statement]) -> tuple[nodes.Read, int, list[nodes.Statement]] | None:
    """Return variable, constant and body of `if variable == constant: ...; break`."""
    if len(turn) != 1 or not isinstance(turn[0], nodes.If) or turn[0].otherwise:
        return None
    condition, then = turn[0].condition, turn[0].then
    if not isinstance(condition, nodes.Compare) or condition.operation != "==":
        return None
    left, right = condition.left, condition.right
    if not isinstance(left, nodes.Read) or not isinstance(right, nodes.Constant) or not isinstance(left.type, IntegerType):
        return None
    if not then or not isinstance(then[-1], nodes.Break) or not all(isinstance(each, _STRAIGHT) for each in then[:-1]):
        return None
    return left, right.value, then[:-1]
