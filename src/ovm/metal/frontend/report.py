# SPDX-License-Identifier: Apache-2.0
"""Complaints of the frontend and the checks: a Problem at a place becomes a Diagnostic with its source line."""

from __future__ import annotations

from typing import Final

from ovm.metal.diagnostics import Diagnostic
from ovm.metal.rules import RULES
from ovm.metal.tree.nodes import Location

# The exceptions that the programmer's own code may raise at compile time: all except the user's wish to stop.
FOREIGN: Final = (Exception, SystemExit, GeneratorExit)


class Problem(Exception):
    """A broken rule at a place in the function now being read."""

    def __init__(
        self, code: str, location: Location, message: str, *, found: str = "", expected: str = "", fix: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.location = location
        self.message = message
        self.found = found
        self.expected = expected
        self.fix = fix or RULES[code].fix


def counted(number: int) -> str:
    """Return "1 argument", "2 arguments", ..."""
    return f"{number} argument{'' if number == 1 else 's'}"


class Silent(Exception):
    """A consequence of a problem that was reported already."""


class Defect(Exception):
    """An error in the compiler itself; the message names the line of the program that it was reading."""


def diagnose(problem: Problem, file: str, lines: list[str]) -> Diagnostic:
    """Give a problem its file and source line."""
    where = problem.location
    source = lines[where.line - 1] if 0 < where.line <= len(lines) else ""
    column = len(source.encode()[: where.column].decode(errors="replace"))
    width = where.end_column - where.column if where.end_line == where.line else len(source.rstrip()) - column
    return Diagnostic(
        problem.code,
        problem.message,
        file,
        where.line,
        column + 1,
        problem.found,
        problem.expected,
        problem.fix,
        source,
        max(width, 1),
    )
