# SPDX-License-Identifier: Apache-2.0
"""Source files: their text, their syntax tree, the definitions in them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from ovm.metal.code_text import code_of, number_of
from ovm.metal.tree.nodes import Location


@dataclass
class SourceFile:
    """One module's source. `shown` is its path from the folder that holds its package."""

    module: str
    path: Path
    shown: str
    text: str
    tree: ast.Module
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)
    # Names that top-level assignments bind, and the line of the first.
    assigned: dict[str, int] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the text."""
        return self.text.splitlines()

    @cached_property
    def code_lines(self) -> Sequence[int]:
        """Return the lines that have code."""
        return code_of(self.text)[1]

    def index(self) -> None:
        """Note the top-level definitions."""
        for node in _top_level(self.tree.body):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions[node.name] = node
            targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
            for target in targets:
                for inner in ast.walk(target):
                    if isinstance(inner, ast.Name):
                        self.assigned.setdefault(inner.id, node.lineno)


def _top_level(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that run on import, those inside `if` and `for` included."""
    found: list[ast.stmt] = []
    for node in body:
        found.append(node)
        if isinstance(node, ast.If | ast.For | ast.With | ast.Try):
            found.extend(_top_level([*node.body, *getattr(node, "orelse", [])]))
    return found


def location_of(node: Any) -> Location:
    """Return the location of a syntax node; nowhere for one that has none."""
    try:
        return Location(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
    except AttributeError:
        return Location(0, 0, 0, 0)


def head_location(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Location:
    """Return the location of a function's `def` and name."""
    return Location(node.lineno, node.col_offset, node.lineno, node.col_offset + len("def ") + len(node.name))


@cache
def _parse(module: str, path: Path, stamp: int) -> SourceFile:
    text = path.read_text(encoding="utf-8")
    shown = module.replace(".", "/")
    shown = f"{shown}/__init__.py" if path.name == "__init__.py" else f"{shown}.py"
    source = SourceFile(module, path, shown, text, ast.parse(text, str(path)))
    source.index()
    return source


# For each module name, the module that was asked for last and its source.
_SOURCES: dict[str, tuple[ModuleType, SourceFile | None]] = {}


def source_of(module: str) -> SourceFile | None:
    """Return the source of an imported module, or None if it has none."""
    present = sys.modules.get(module)
    if present is None:
        return None
    known = _SOURCES.get(module)
    if known is None or known[0] is not present:
        known = _SOURCES[module] = (present, _read(module, getattr(present, "__file__", None)))
    return known[1]


def forget_sources() -> None:
    """Drop all sources; `source_of` reads them again."""
    _SOURCES.clear()
    _parse.cache_clear()


def _read(module: str, name: str | None) -> SourceFile | None:
    if name is None or not name.endswith(".py"):
        return None
    path = Path(name)
    return _parse(module, path, path.stat().st_mtime_ns)


def code_numbers(shown: str, line: int) -> int:
    """Return the number of a line among the lines of code of a file (`metal.code_text`)."""
    source = source_of(shown.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return number_of(source.code_lines if source else (), line)
