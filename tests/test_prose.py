# SPDX-License-Identifier: Apache-2.0
"""Docstrings, comments and pages keep the rules of wording that can be checked cheaply."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_repository import REPOSITORY, project_files

# A clause without a head as the subject, or a noun phrase where an imperative is due.
CLAUSES = {"How", "What", "Whatever", "When", "Where", "Whether", "Which", "Who", "Whoever", "Whose", "Why"}
NOUN_PHRASES = {"A", "All", "An", "Each", "Every", "Everything", "It", "Its", "Nothing", "One", "So", "Something", "The", "Their"}
# Agents without a name, and phrases that are hard for readers of English as a second language.
PHRASES = re.compile(r"\b(somebody|whoever|but for|(?:go|goes|going|gone) on with)\b", re.IGNORECASE)


def sources(folder: str = "") -> list[Path]:
    found = [path for path in project_files() if path.suffix == ".py" and path.is_relative_to(REPOSITORY / folder)]
    return [path for path in found if "rejected" not in path.parts and path.name != Path(__file__).name]


def pages() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".md" and not path.is_relative_to(REPOSITORY / "tests")]


def docstrings(text: str) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found = ast.get_docstring(node)
            if found:
                yield node, found


def wrong_beginnings(text: str) -> list[str]:
    """Return the summary lines that begin neither with an imperative (functions) nor with a noun phrase (the others).

    That of a test may also be a sentence that says what holds.
    """
    found = []
    for node, docstring in docstrings(text):
        is_test = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        banned = CLAUSES if is_test or isinstance(node, (ast.Module, ast.ClassDef)) else CLAUSES | NOUN_PHRASES
        if docstring.split()[0].strip(",.:;") in banned:
            found.append(docstring.splitlines()[0])
    return found


def wrong_phrases(text: str) -> list[str]:
    """Return phrases of docstrings and comments that a plainer word should replace."""
    comments = [token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT]
    prose = [" ".join(each.split()) for each in (*(docstring for _, docstring in docstrings(text)), *comments)]
    return [match.group(0) for each in prose for match in PHRASES.finditer(each)]


def test_docstrings_have_one_grammar() -> None:
    assert {str(path): found for path in sources() if (found := wrong_beginnings(path.read_text()))} == {}


def test_docstrings_and_comments_are_plain() -> None:
    assert {path.name: found for path in sources() if (found := wrong_phrases(path.read_text()))} == {}


def test_pages_are_plain() -> None:
    texts = {path.relative_to(REPOSITORY).as_posix(): " ".join(path.read_text().split()) for path in pages()}
    assert len(texts) > 30
    assert {name: found for name, text in texts.items() if (found := PHRASES.findall(text))} == {}


@pytest.mark.parametrize(
    "code, beginnings, phrases",
    [
        ('def f():\n    """What it does."""\n', ["What it does."], []),
        ('def f():\n    """The result."""\n', ["The result."], []),
        ('def f():\n    """Return the result."""\n', [], []),
        ('class C:\n    """The result."""\n', [], []),
        ('class C:\n    """Whose it is."""\n', ["Whose it is."], []),
        ('"""How it is done."""\n', ["How it is done."], []),
        ('def test_f():\n    """What holds."""\n', ["What holds."], []),
        ('def test_f():\n    """The result is right."""\n', [], []),
        ('"""A module that somebody\nneeds."""\n', [], ["somebody"]),
        ("x = 1  # all but for one\n", [], ["but for"]),
        ('x = "whoever"\n', [], []),
    ],
)
def test_a_breach_is_found(code: str, beginnings: list[str], phrases: list[str]) -> None:
    assert (wrong_beginnings(code), wrong_phrases(code)) == (beginnings, phrases)
