# SPDX-License-Identifier: Apache-2.0
"""Problems of a description, reported as a good compiler does it.

Checks add to a `Problems` list and continue, so that one run reports all problems; `DescriptionError`
carries the list out of the package. Nothing here prints or exits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ovm.metal import diagnostics as metal
from ovm.metal.shown import plain
from ovm.system.locate import Span


@dataclass(frozen=True)
class Note:
    """The other party of a conflict: its place and its description."""

    text: str
    file: str = ""
    span: Span | None = None

    def __str__(self) -> str:
        return f"{self.text} ({self.file}:{self.span.line}:{self.span.column})" if self.span else self.text


@dataclass(frozen=True)
class Diagnostic(metal.Diagnostic):
    """One problem, in metal's form. Line 0 is a problem with a whole file."""

    notes: tuple[Note, ...] = ()

    def render(self) -> str:
        """Return the whole text, without colour and without a final newline."""
        file = plain(self.file)
        text = super().render().replace(f"{file}:0:0:", f"{file}:", 1)
        others = [f"  {'other:':10}{plain(str(note))}" for note in self.notes]
        head, fix, last = text.rpartition(f"\n  {'fix:':10}")
        parts = [head, *others, (fix + last).lstrip("\n")] if fix else [text, *others]
        return "\n".join(parts)


class DescriptionError(Exception):
    """A system that can't be built as described."""

    def __init__(self, diagnostics: Sequence[metal.Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        if not self.diagnostics:
            raise ValueError("a description is refused, and nobody said why")
        super().__init__("\n\n".join(each.render() for each in self.diagnostics))


class Problems:
    """A growing list of diagnostics."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic, unless the same one is known."""
        if diagnostic not in self._found:
            self._found.append(diagnostic)

    def __bool__(self) -> bool:
        return bool(self._found)

    def stop_if_any(self) -> None:
        """Raise the problems found so far, in the order of the text."""
        if self._found:
            raise DescriptionError(sorted(self._found, key=_place))


def _place(diagnostic: metal.Diagnostic) -> tuple[str, int, int]:
    return diagnostic.file, diagnostic.line, diagnostic.column
