# SPDX-License-Identifier: Apache-2.0
"""What the compiler tells a programmer: a code, the place, what was found, what was expected, how to fix it.

The text is stable and tested word for word, so that people and tools can rely on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnostic:
    """One complaint. Lines count from 1, columns from 1; `width` is how much of the line the caret underlines."""

    code: str
    message: str
    file: str
    line: int
    column: int
    found: str = ""
    expected: str = ""
    fix: str = ""
    source: str = ""
    width: int = 1

    def render(self) -> str:
        """Return the diagnostic as text, without a final newline."""
        lines = [f"error[{self.code}]: {self.file}:{self.line}:{self.column}: {self.message}"]
        if self.source.strip():
            code = self.source.expandtabs(4).rstrip()
            width = max(1, min(self.width, len(code) - self.column + 1))
            lines.append(f"    {code}")
            lines.append(f"    {' ' * (self.column - 1)}{'^' * width}")
        for label, text in (("found", self.found), ("expected", self.expected), ("fix", self.fix)):
            if text:
                lines.append(f"  {label + ':':10}{text}")
        return "\n".join(lines)


class MetalError(Exception):
    """A program that the compiler refuses, with every complaint it could collect."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n\n".join(diagnostic.render() for diagnostic in self.diagnostics))
