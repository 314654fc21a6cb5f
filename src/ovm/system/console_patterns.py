# SPDX-License-Identifier: Apache-2.0
"""Patterns of an expected console: regular expressions by RE2, which takes time in proportion to the text, whatever the pattern.

Python's own engine tries alternatives one after the other: a pattern of thirty characters kept a run from its verdict for ever.
RE2 has no look-around and no back-references (https://github.com/google/re2/wiki/Syntax).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TypeAlias

import re2

from ovm.system.files import TEXT_MOST, read_plain

_OPTIONS: Final = re2.Options()
# No complaints of RE2's own on standard error.
_OPTIONS.log_errors = False


class PatternError(Exception):
    """A line that is no regular expression."""

    def __init__(self, message: str, line: int, text: str) -> None:
        self.line = line
        self.text = text
        super().__init__(message)


Patterns: TypeAlias = tuple[tuple[str, Any], ...]


def read_patterns(file: Path) -> Patterns:
    """Return the patterns in `file`."""
    return patterns_of(read_plain(file, TEXT_MOST).decode("utf-8"))


def patterns_of(text: str) -> Patterns:
    """Return each line as written and compiled, without lines that are empty or begin with `#`."""
    lines = enumerate(text.splitlines(), 1)
    return tuple((line, _compiled(line, number)) for number, line in lines if line.strip() and not line.startswith("#"))


def _compiled(line: str, number: int) -> Any:
    try:
        return re2.compile(line.rstrip(), _OPTIONS)
    except re2.error as error:
        reason = error.args[0]
        message = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(message, number, line) from error


def missing_line(patterns: Patterns, console: Iterable[str]) -> str | None:
    """Return the first pattern that no line matches, when the patterns are searched in order; None when all are found."""
    lines = iter(console)
    for text, expression in patterns:
        if not any(expression.fullmatch(line.rstrip()) for line in lines):
            return text
    return None
