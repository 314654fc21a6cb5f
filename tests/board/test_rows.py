# SPDX-License-Identifier: Apache-2.0
"""Each instruction has one row, and what the board knows of instructions is in rows alone."""

import ast
import importlib
import inspect
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ovm.board.decode.pattern import Encoding
from ovm.board.decode.tables import CONDITIONAL, NARROW, UNCONDITIONAL, WIDE
from ovm.board.execute.table import CHOOSING, HANDLERS, ROWS, number_of
from ovm.metal.lang.functions import Function

SOURCE = Path(__file__).parents[2] / "src"
BOARD = SOURCE / "ovm" / "board"
TABLES = {"a32": CONDITIONAL, "a32-unconditional": UNCONDITIONAL, "t32-narrow": NARROW, "t32-wide": WIDE}
HANDLER = ("record", "at", "variant")


def modules(*folders: str) -> Iterator[tuple[ModuleType, ast.Module]]:
    for path in sorted(BOARD.rglob("*.py")):
        if path.parent.name in (folders or {path.parent.name}) and "api" not in path.parts:
            name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
            yield importlib.import_module(name), ast.parse(path.read_text())


def parameters(function: Function) -> tuple[str, ...]:
    return tuple(inspect.signature(function.python).parameters)


def test_every_handler_has_one_row() -> None:
    handlers = {
        each
        for module, _ in modules("execute", "vfp")
        for each in vars(module).values()
        if isinstance(each, Function) and not each.name.startswith("_") and parameters(each) == HANDLER
    }
    assert len(handlers) > 60
    assert {row.function for row in ROWS} == handlers
    # Number 0 stands for an instruction that is not decoded.
    counts = Counter((row.function, row.variant) for row in ROWS[1:])
    assert [each for each, count in counts.items() if count > 1] == []
    assert [number_of(each.function, each.variant) for each in HANDLERS[1:]] == list(range(1, len(ROWS)))


def _value(node: ast.expr, module: ModuleType) -> Any:
    """Return what a name or an attribute of one is in its module, None if that is unknown."""
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, module), node.attr, None)
    return None


def handlers_in_tables(module: ModuleType, tree: ast.Module) -> list[str]:
    """Return the places where a list, tuple, set or dictionary of a module has a handler, or something is compared with one."""
    functions = {row.function for row in ROWS}
    found = []
    for node in ast.walk(tree):
        elements: list[Any] = []
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            elements = node.elts
        elif isinstance(node, ast.Dict):
            elements = [*node.keys, *node.values]
        elif isinstance(node, ast.MatchValue):
            elements = [node.value]
        elif isinstance(node, ast.Compare) and not module.__name__.startswith("ovm.board.execute."):
            elements = node.comparators
        values = [_value(each, module) for each in elements if each is not None]
        found += [f"{module.__name__}:{node.lineno}" for each in values if isinstance(each, Function) and each in functions]
    return found


def test_no_table_is_written_beside_the_rows() -> None:
    assert [place for module, tree in modules() for place in handlers_in_tables(module, tree)] == []


@pytest.mark.parametrize(
    "text",
    ["COSTS = {media.select: 2}", "LONG = (multiply.multiply_long,)", "SLOW = [media.pack, select]", "ONE = x is select"],
)
def test_such_a_table_is_noticed(text: str) -> None:
    module = ModuleType("beside")
    exec("from ovm.board.execute import media, multiply\nfrom ovm.board.execute.media import select", module.__dict__)
    assert handlers_in_tables(module, ast.parse(text)) != []


def test_every_pattern_is_an_encoding() -> None:
    patterns = [pattern for row in ROWS for pattern in row.patterns] + CHOOSING
    assert len({(each.thumb, each.bits) for each in patterns}) == len(patterns) == sum(len(table) for table in TABLES.values())
    for table in TABLES.values():
        for each in table:
            assert sys.modules[each.form.__module__].__name__.startswith(("ovm.board.decode.", "ovm.board.vfp."))


def _overlap(a: Encoding, b: Encoding) -> bool:
    return (a.value ^ b.value) & a.mask & b.mask == 0


@pytest.mark.parametrize("name", TABLES)
def test_special_cases_are_tried_before_what_they_are_cases_of(name: str) -> None:
    early = {each.bits.replace(" ", "") for each in CHOOSING if each.early}
    overlapping = [(a, b) for a, b in combinations(TABLES[name], 2) if _overlap(a, b)]
    assert [(a.name, a.pattern, b.pattern) for a, b in overlapping if a.mask & b.mask != b.mask and a.pattern not in early] == []
    assert [(a.name, a.pattern) for a in TABLES[name] if a.pattern in early and not any(a in pair for pair in overlapping)] == []
