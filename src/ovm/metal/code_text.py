# SPDX-License-Identifier: Apache-2.0
"""A source without its comments, docstrings and blank lines: what a compilation depends on, and which lines are left.

What is compiled names its lines by their numbers in that text, so that a change of a comment changes nothing that is compiled;
the numbers of the lines in the file are put in when the result is assembled (`build.assembly`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache

# Strings, whose `#` begin no comment, and comments.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|' r"'''(?:\\.|[^\\])*?'''|" r'"(?:\\.|[^"\\\n])*"|' r"'(?:\\.|[^'\\\n])*'|" r"#[^\n]*",
    re.DOTALL,
)
# Added to each number: all of them take two bytes in debug information, as all lines of files do from then on.
BASE = 1024


_HEAD_BEFORE = re.compile(r"(?:^|\n)[ \t]*(?:(?:async )?def |class |\))[^\n]*:\s*$")


@lru_cache(maxsize=1024)
def code_of(text: str) -> tuple[str, tuple[int, ...]]:
    """Return a source without comments, docstrings and blank lines, and the line in the file of each line that is left."""
    bare = _TOKEN.sub(lambda token: "" if token[0].startswith("#") else token[0], text)
    inside: set[int] = set()
    pieces: list[str] = []
    after = 0
    for token in _TOKEN.finditer(bare):
        pieces.append(bare[after : token.start()])
        after = token.end()
        if _is_docstring(bare, token):
            pieces.append("\n" * token[0].count("\n"))
            continue
        pieces.append(token[0])
        if "\n" in token[0]:
            first = bare.count("\n", 0, token.start()) + 1
            inside.update(range(first, first + token[0].count("\n") + 1))
    bare = "".join([*pieces, bare[after:]])
    kept = [(number, line) for number, line in enumerate(bare.split("\n"), 1) if number in inside or line.strip()]
    return "\n".join(line if number in inside else line.rstrip() for number, line in kept), tuple(number for number, _ in kept)


def _is_docstring(bare: str, token: re.Match[str]) -> bool:
    """Tell whether a string is the first statement of a module, class or function."""
    before = bare[max(0, token.start() - 400) : token.start()]
    following = bare[token.end() :].partition("\n")[0].strip()
    if not token[0].startswith(('"""', "'''")) or following:
        return False
    return not bare[: token.start()].strip() or bool(_HEAD_BEFORE.search(before))


def number_of(lines: Sequence[int], line: int) -> int:
    """Return the number under which what is compiled knows a line of the file."""
    return BASE + bisect_right(lines, line)


def line_of(lines: Sequence[int], number: int) -> int:
    """Return the line of the file that has this number; 0, no line, for anything else."""
    return lines[number - BASE - 1] if BASE < number <= BASE + len(lines) else 0
