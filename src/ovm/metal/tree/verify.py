# SPDX-License-Identifier: Apache-2.0
"""The check that a typed tree is well formed: a broken one is a defect of the compiler, not of the program it compiles."""

from __future__ import annotations

from ovm.metal.tree import nodes
from ovm.metal.tree.program import Function, Program
from ovm.metal.tree.types import (
    BOOL,
    POISON,
    AddressType,
    BitsType,
    IntegerType,
    LiteralType,
    range_of,
)
from ovm.metal.tree.visit import nodes_of


class MalformedTree(Exception):
    """A tree that breaks the compiler's own rules."""


def verify_program(program: Program) -> None:
    """Check every function of a program."""
    for function in program.functions.values():
        found = list(nodes_of(function))
        # The stop of a range may be one past the largest number of its type: u8.range(256).
        stops = {id(node.stop) for node in found if isinstance(node, nodes.Count)}
        for node in found:
            if id(node) in stops:
                continue
            problem = _expression(program, node) if isinstance(node, nodes.Expression) else _statement(function, node)
            if problem:
                raise MalformedTree(f"{function.symbol}, line {node.location.line}, {type(node).__name__}: {problem}")


def _expression(program: Program, node: nodes.Expression) -> str:
    if isinstance(node.type, LiteralType) or node.type is POISON:
        return f"type {node.type} left over"
    match node:
        case nodes.Constant() if isinstance(node.type, IntegerType | AddressType | BitsType):
            low, high = range_of(node.type)
            return "" if low <= node.value <= high else f"{node.value} is outside {node.type}"
        case nodes.Binary() if node.operation in ("left", "right"):
            return "" if node.left.type == node.type else "the shifted value has another type"
        case nodes.Binary():
            return "" if node.left.type == node.right.type == node.type else "the operands have other types"
        case nodes.Compare():
            return "" if node.left.type == node.right.type and node.type is BOOL else "operands of unlike types"
        case nodes.Call():
            return _call(program, node)
        case nodes.StaticReference():
            return "" if node.symbol in program.statics else f"no static {node.symbol}"
        case nodes.Logical() | nodes.Conditional() if node.type is not BOOL and isinstance(node, nodes.Logical):
            return "a logical operation that is not a bool"
    return ""


def _call(program: Program, node: nodes.Call) -> str:
    callee = program.functions.get(node.symbol)
    if callee is None:
        return f"no function {node.symbol}"
    if len(callee.parameters) != len(node.arguments):
        return f"{len(node.arguments)} arguments for {len(callee.parameters)} parameters"
    return ""


def _statement(function: Function, node: nodes.Statement) -> str:
    match node:
        case nodes.Return():
            given = None if node.value is None else node.value.type
            return "" if given is None or given == function.result else f"returns {given}, not {function.result}"
        case nodes.If() if node.condition.type is not BOOL:
            return "the condition is not a bool"
        case nodes.Count() if node.step == 0:
            return "a step of 0"
    return ""
