# SPDX-License-Identifier: Apache-2.0
"""Constants as mypy sees them: what is one, its value, and which of metal's integer types take it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mypy.constant_fold import constant_fold_binary_op, constant_fold_unary_op
from mypy.nodes import (
    AssignmentStmt,
    CallExpr,
    ConditionalExpr,
    Expression,
    IntExpr,
    NameExpr,
    OpExpr,
    RefExpr,
    ReturnStmt,
    UnaryExpr,
    Var,
)
from mypy.types import Instance, Type, get_proper_type

INTEGERS = "ovm.metal.lang.integers"
RANGES = {f"u{width}": (0, (1 << width) - 1) for width in (8, 16, 32, 64)}
RANGES |= {f"i{width}": (-(1 << width - 1), (1 << width - 1) - 1) for width in (8, 16, 32, 64)}
# Built-in functions that give one of their arguments.
CHOICES = ("min", "max")


def range_of(kind: Type) -> tuple[int, int] | None:
    """Return the lowest and highest number of one of metal's integer types."""
    proper = get_proper_type(kind)
    if not isinstance(proper, Instance):
        return None
    module, _, name = proper.type.fullname.rpartition(".")
    return RANGES.get(name) if module == INTEGERS else None


def is_constant(expression: Expression) -> bool:
    """Tell whether an expression is made of literals and `Final` integers alone."""
    if isinstance(expression, RefExpr):
        name = expression.node
        if not isinstance(name, Var) or not name.is_final:
            return False
        kind = get_proper_type(name.type)
        return isinstance(kind, Instance) and kind.type.fullname == "builtins.int"
    if isinstance(expression, UnaryExpr):
        return expression.op in "-~" and is_constant(expression.expr)
    if isinstance(expression, OpExpr):
        return is_constant(expression.left) and is_constant(expression.right)
    return isinstance(expression, IntExpr)


def _value_of(expression: Expression) -> int | None:
    """Return the number that a constant stands for; None if mypy doesn't know it."""
    value: object = None
    if isinstance(expression, IntExpr):
        value = expression.value
    elif isinstance(expression, RefExpr) and isinstance(expression.node, Var):
        known = get_proper_type(expression.node.type)
        held = known.last_known_value if isinstance(known, Instance) else None
        value = held.value if held is not None else expression.node.final_value
    elif isinstance(expression, UnaryExpr):
        operand = _value_of(expression.expr)
        value = None if operand is None else constant_fold_unary_op(expression.op, operand)
    elif isinstance(expression, OpExpr):
        left, right = _value_of(expression.left), _value_of(expression.right)
        value = None if left is None or right is None else constant_fold_binary_op(expression.op, left, right)
    return value if type(value) is int else None


def fits(kind: Type, constant: Expression) -> bool:
    """Tell whether an integer type of metal's takes a constant; one that mypy doesn't know is left to the compiler to judge."""
    limits, number = range_of(kind), _value_of(constant)
    return limits is not None and (number is None or limits[0] <= number <= limits[1])


def sides_of(value: Expression) -> Iterator[Expression]:
    """Give the values of which an expression is one."""
    if isinstance(value, ConditionalExpr):
        yield from sides_of(value.if_expr)
        yield from sides_of(value.else_expr)
    elif isinstance(value, CallExpr) and isinstance(value.callee, NameExpr) and value.callee.name in CHOICES:
        for argument in value.args:
            yield from sides_of(argument)
    else:
        yield value


def takes(kind: Type, value: Expression, type_of: Callable[[Expression], Type]) -> bool:
    """Tell whether a value is a constant that an integer type of metal's takes, or a choice of such and of values of the type."""
    sides = list(sides_of(value))
    others = [side for side in sides if not is_constant(side)]
    if range_of(kind) is None or len(others) == len(sides):
        return False
    return all(fits(kind, side) for side in sides if side not in others) and all(type_of(side) == kind for side in others)


def statements_below(node: object) -> Iterator[object]:
    """Give the assignments and returns at or below a node."""
    if isinstance(node, AssignmentStmt | ReturnStmt):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from statements_below(each)
    else:
        # Nodes that hold statements: files, classes, functions, blocks, and statements with blocks.
        for name in ("defs", "func", "body", "bodies", "else_body", "handlers", "finally_body"):
            yield from statements_below(getattr(node, name, []))
