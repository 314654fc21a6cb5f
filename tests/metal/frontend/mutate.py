# SPDX-License-Identifier: Apache-2.0
"""Spoil a program at random: move, copy, wrap and replace parts of its functions' syntax trees."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from random import Random

Slot = tuple[ast.AST, str, int | None]
CONSTANTS = (0, 1, -1, 5, 1 << 40, True, None, "s", 1.5)
NAMES = ("u32", "x", "i", "min", "address", "first", "len", "outer", "n")
CALLED = ("u32", "u8", "i32", "min", "first", "address", "len", "bool", "not_there")
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.LShift, ast.RShift, ast.BitAnd, ast.Div, ast.Pow)
WRAPPERS: tuple[Callable[[ast.expr, Random], ast.expr], ...] = (
    lambda node, random: ast.Attribute(node, random.choice(("raw", "value", "set", "x")), ast.Load()),
    lambda node, random: ast.Subscript(node, ast.Constant(random.choice((0, 1, 100, -1))), ast.Load()),
    lambda node, random: ast.Call(node, [], []),
    lambda node, random: ast.Call(ast.Name(random.choice(CALLED), ast.Load()), [node], []),
    lambda node, random: ast.UnaryOp(random.choice((ast.Not, ast.USub, ast.Invert))(), node),
    lambda node, random: ast.IfExp(node, copy.deepcopy(node), ast.Constant(1)),
)


def _slots(module: ast.Module, kind: type[ast.AST]) -> list[Slot]:
    """Return the places in decorated functions that hold a `kind`, targets of assignments left out."""
    found: list[Slot] = []
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    for node in [inner for function in functions for inner in ast.walk(function)]:
        for name, value in ast.iter_fields(node):
            if name in ("func", "target", "targets", "decorator_list"):
                continue
            values = value if isinstance(value, list) else [value]
            for number, item in enumerate(values):
                if isinstance(item, kind) and not isinstance(getattr(item, "ctx", None), ast.Store):
                    found.append((node, name, number if isinstance(value, list) else None))
    return found


def _get(slot: Slot) -> ast.AST:
    node, name, number = slot
    value = getattr(node, name)
    found: ast.AST = value if number is None else value[number]
    return found


def _put(slot: Slot, value: ast.AST) -> None:
    node, name, number = slot
    if number is None:
        setattr(node, name, value)
    else:
        getattr(node, name)[number] = value


def mutated(source: str, random: Random) -> str | None:
    """Return a program with one to three mutations; None if Python itself cannot write it down."""
    module = ast.parse(source)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        _mutate(module, random)
    try:
        return ast.unparse(ast.fix_missing_locations(module))
    except (ValueError, RecursionError):
        return None


def _mutate(module: ast.Module, random: Random) -> None:
    expressions = _slots(module, ast.expr)
    slot = random.choice(expressions)
    kind = random.randrange(5)
    if kind == 0:
        _put(slot, copy.deepcopy(_get(random.choice(expressions))))
    elif kind == 1:
        chosen = ast.Constant(random.choice(CONSTANTS)), ast.Name(random.choice(NAMES), ast.Load())
        _put(slot, random.choice(chosen))
    elif kind == 2:
        statements = _slots(module, ast.stmt)
        _put(random.choice(statements), copy.deepcopy(_get(random.choice(statements))))
    elif kind == 3:
        operations = [node for node in ast.walk(module) if isinstance(node, ast.BinOp | ast.AugAssign)]
        if operations:
            random.choice(operations).op = random.choice(OPERATORS)()
    else:
        held = _get(slot)
        assert isinstance(held, ast.expr)
        _put(slot, random.choice(WRAPPERS)(held, random))
