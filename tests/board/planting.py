# SPDX-License-Identifier: Apache-2.0
"""Many planted errors in one copy of the board: a word of its memory says which of them is there.

A function with an error in it gets a second copy, and begins by asking whether that one is to run instead. So the board is
compiled once for all of them. What lies outside functions of metal (constants, tables, Python) can't be chosen at run time.
"""

import ast
import shutil
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
BOARD = Path("src", "ovm", "board")
WORD = "ovm.board.planted.PLANTED"
_MODULE = '"""Which planted error is there; 0: none."""\n\nfrom ovm.metal import static, u32\n\nPLANTED = static(u32)\n'
# A file below src/ovm/board, what to replace (its first occurrence), by what, and the test that fails then, by its path
# below tests/board.
Mutation = tuple[str, str, str, str]


def copy_board(root: Path) -> None:
    """Copy sources and tests to `root`."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in (("src",), ("boards",), ("tests", "board")):
        shutil.copytree(ROOT.joinpath(*folder), root.joinpath(*folder), ignore=ignored)


def plant(root: Path, mutation: Mutation) -> None:
    """Put one error into the copy at `root`."""
    file, before, after, _ = mutation
    path = root / BOARD / file
    text = path.read_text()
    assert before in text, f"{file} has no {before!r}"
    path.write_text(text.replace(before, after, 1))


def plant_all(root: Path, mutations: Mapping[str, Mutation]) -> dict[str, int]:
    """Put all errors that can be chosen at run time into the copy at `root`; the word's value for each."""
    (root / BOARD / "planted.py").write_text(_MODULE)
    numbers: dict[str, int] = {}
    for file in sorted({mutation[0] for mutation in mutations.values()}):
        path = root / BOARD / file
        source = _File(path.read_text())
        for number, (name, mutation) in enumerate(mutations.items(), 1):
            if mutation[0] == file and source.plant(number, mutation):
                numbers[name] = number
        path.write_text(source.text())
    return numbers


class _File:
    """A source file with the errors that it gets."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.splitlines(keepends=True)
        self._tree = ast.parse(text)
        # By line, counted from 1: what comes before it.
        self._before: dict[int, str] = {}

    def plant(self, number: int, mutation: Mutation) -> bool:
        """Plant an error, unless it lies outside functions of metal."""
        file, before, after, _ = mutation
        assert before in self._text, f"{file} has no {before!r}"
        start = self._text.index(before)
        function = self._function(start, start + len(before))
        if function is None:
            return False
        top, end = self._place(function.decorator_list[0].lineno), self._place((function.end_lineno or 0) + 1)
        changed = self._text[top:start] + after + self._text[start + len(before) : end]
        name = f"{function.name}_with_error_{number}"
        self._add(function.decorator_list[0].lineno, changed.replace(f"def {function.name}(", f"def {name}(", 1) + "\n\n")
        call = f"{name}({', '.join(argument.arg for argument in function.args.args)})"
        nothing = function.returns is None or ast.unparse(function.returns) == "None"
        then = f"{call}\n        return" if nothing else f"return {call}"
        self._add(_first_line(function), f"    if PLANTED.value == {number}:\n        {then}\n")
        return True

    def text(self) -> str:
        """Return the file with all its errors."""
        if self._before:
            imports = [node for node in self._tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
            first = next(node for node in imports if ast.unparse(node) != "from __future__ import annotations")
            self._before[first.lineno] = "from ovm.board.planted import PLANTED\n" + self._before.get(first.lineno, "")
        return "".join(self._before.get(number, "") + line for number, line in enumerate(self._lines, 1))

    def _function(self, start: int, end: int) -> ast.FunctionDef | None:
        """Return the function of metal that a stretch of the text lies in."""
        functions = [node for node in self._tree.body if isinstance(node, ast.FunctionDef)]
        for node in functions:
            is_metal = any(ast.unparse(each).startswith("fn") for each in node.decorator_list)
            if is_metal and self._place(node.lineno) <= start and end <= self._place((node.end_lineno or 0) + 1):
                return node
        return None

    def _place(self, line: int) -> int:
        """Return where a line begins."""
        return sum(len(each) for each in self._lines[: line - 1])

    def _add(self, line: int, text: str) -> None:
        self._before[line] = self._before.get(line, "") + text


def _first_line(function: ast.FunctionDef) -> int:
    """Return the line of the first statement behind the docstring."""
    has_docstring = ast.get_docstring(function) is not None
    return function.body[1 if has_docstring else 0].lineno
