# SPDX-License-Identifier: Apache-2.0
"""Tests of what is left of a source without comments, and where that is in the file."""

import ast
from pathlib import Path

import pytest

from ovm.metal.code_text import BASE, code_of, line_of, number_of

SOURCE = Path(__file__).parents[2] / "src" / "ovm"
TEXT = '''# a comment
"""What this is."""

FIRST = "# no comment"  # a comment


class Thing:
    """A thing,
    in words.
    """

    def part(
        self,
    ) -> int:
        """Give a part."""
        # Nothing is simpler.
        asm("""
            # no comment

            nop
        """)
        return {"key":
            """a value"""}
'''
CODE = '''FIRST = "# no comment"
class Thing:
    def part(
        self,
    ) -> int:
        asm("""
            # no comment

            nop
        """)
        return {"key":
            """a value"""}'''


def test_comments_docstrings_and_blank_lines_go() -> None:
    code, lines = code_of(TEXT)
    assert code == CODE
    whole = TEXT.split("\n")
    assert len(lines) == len(code.split("\n"))
    assert all(kept.strip() in whole[line - 1] for kept, line in zip(code.split("\n"), lines, strict=True))


def test_numbers_lead_back_to_lines() -> None:
    _, lines = code_of(TEXT)
    assert [line_of(lines, number_of(lines, line)) for line in lines] == list(lines)
    assert line_of(lines, 0) == line_of(lines, BASE + len(lines) + 1) == 0


@pytest.mark.parametrize("folder", ["core", "board", "metal/lang", "guests"])
def test_the_code_of_every_source_is_its_code(folder: str) -> None:
    """Parsed, it is the same program: only docstrings are gone, and a body that was nothing else."""
    for file in sorted((SOURCE / folder).rglob("*.py")):
        text = file.read_text()
        code, lines = code_of(text)
        whole = ast.parse(text)
        wanted = {
            node.lineno for node in ast.walk(whole)
            if isinstance(node, ast.stmt) and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        }  # fmt: skip
        assert wanted <= set(lines), file
        assert sum(line.strip() != "" for line in text.split("\n")) >= len(lines) - text.count('"""')
        strings = [node.value for node in ast.walk(whole) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        docstrings = sum(
            ast.get_docstring(node) is not None
            for node in ast.walk(whole)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        )
        left = code.count('"""') // 2
        assert left <= len(strings) - docstrings, file
