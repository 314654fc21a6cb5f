# SPDX-License-Identifier: Apache-2.0
"""The compiler's diagnostics: a code, the place, what was found, what was expected, and a fix.

The text is stable and tested word for word, so that people and tools can rely on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ovm.metal.shown import plain, source_and_mark


@dataclass(frozen=True)
class Diagnostic:
    """One complaint. Lines count from 1, columns from 1; `width` is the length of the mark under the line."""

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
        lines = [plain(f"error[{self.code}]: {self.file}:{self.line}:{self.column}: {self.message}")]
        if self.source.strip():
            lines += [f"    {text}" for text in source_and_mark(self.source, self.column, self.width)]
        for label, text in (("found", self.found), ("expected", self.expected), ("fix", self.fix)):
            if text:
                lines.append(f"  {label + ':':10}{plain(text)}")
        return "\n".join(lines)


class MetalError(Exception):
    """A program that the compiler refuses, with every complaint it could collect."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n\n".join(diagnostic.render() for diagnostic in self.diagnostics))
