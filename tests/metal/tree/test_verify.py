# SPDX-License-Identifier: Apache-2.0
"""The verifier notices each kind of broken tree."""

import pytest

from ovm.metal.tree import nodes
from ovm.metal.tree.program import Function, Program
from ovm.metal.tree.types import BOOL, LITERAL, U8, U32, VOID, Type
from ovm.metal.tree.verify import MalformedTree, verify_program
from ovm.metal.tree.visit import nodes_of

HERE = nodes.Location(1, 0)


def number(kind: Type, value: int = 1) -> nodes.Constant:
    return nodes.Constant(kind, HERE, value)


def program(*body: nodes.Statement, result: Type = VOID) -> Program:
    function = Function("m.f", "m", "f", "m.py", HERE, [], result, body=list(body))
    return Program(functions={"m.f": function})


def evaluate(value: nodes.Expression) -> Program:
    return program(nodes.Evaluate(HERE, value))


def test_a_right_tree_passes() -> None:
    total = nodes.Binary(U32, HERE, "add", number(U32), number(U32))
    right = program(nodes.Return(HERE, total), result=U32)
    verify_program(right)
    assert [type(node).__name__ for node in nodes_of(right.functions["m.f"])] == [
        "Return",
        "Binary",
        "Constant",
        "Constant",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        evaluate(number(LITERAL)),
        evaluate(number(U8, 256)),
        evaluate(nodes.Binary(U32, HERE, "add", number(U32), number(U8))),
        evaluate(nodes.Binary(U32, HERE, "left", number(U8), number(U8))),
        evaluate(nodes.Compare(BOOL, HERE, "==", number(U32), number(U8))),
        evaluate(nodes.Call(U32, HERE, "m.g", [], [])),
        evaluate(nodes.Call(VOID, HERE, "m.f", [number(U32)], [0])),
        evaluate(nodes.StaticReference(U32, HERE, "m.X")),
        evaluate(nodes.Logical(U32, HERE, "and", number(BOOL), number(BOOL))),
        program(nodes.Return(HERE, number(U8)), result=U32),
        program(nodes.If(HERE, number(U32), [], [])),
        program(nodes.Count(HERE, nodes.Variable("i", U32, HERE), number(U32), number(U32), 0, None, [])),
    ],
    ids=lambda broken: type(next(iter(broken.functions.values())).body[0]).__name__,
)
def test_a_broken_tree_is_noticed(broken: Program) -> None:
    with pytest.raises(MalformedTree, match="m.f, line 1"):
        verify_program(broken)
