# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a description, said like a good compiler says it.

Checks add to a `Problems` list and go on, so that one run reports everything that it can; `DescriptionError` carries the
list out of the package. Nothing here prints or exits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ovm.system.locate import Span


@dataclass(frozen=True)
class Note:
    """The other party of a conflict: where it stands and what it is."""

    text: str
    file: str = ""
    span: Span | None = None


@dataclass(frozen=True)
class Diagnostic:
    """One problem. `source` is the text of its line; `span` is None for a problem with a whole file."""

    code: str
    message: str
    file: str
    span: Span | None = None
    source: str = ""
    found: str = ""
    expected: str = ""
    fix: str = ""
    notes: tuple[Note, ...] = field(default=())

    def render(self) -> str:
        """The whole text, without colour."""
        where = f"{self.file}:{self.span.line}:{self.span.column}" if self.span else self.file
        lines = [f"{where}: error {self.code}: {self.message}"]
        if self.span:
            number = str(self.span.line)
            margin = " " * len(number)
            lines.append(f"  {number} | {self.source}")
            lines.append(f"  {margin} | {_lead(self.source, self.span.column)}{'^' * self.span.length}")
        for title, text in (("found", self.found), ("expected", self.expected)):
            if text:
                lines.append(f"  {title}: {text}")
        for note in self.notes:
            place = f" ({note.file}:{note.span.line}:{note.span.column})" if note.span else ""
            lines.append(f"  other: {note.text}{place}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


def _lead(source: str, column: int) -> str:
    """Blanks up to `column`, keeping tabs so that the caret stands below its text."""
    return "".join("\t" if character == "\t" else " " for character in source[: column - 1])


class DescriptionError(Exception):
    """A system that can't be built as described."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n\n".join(each.render() for each in self.diagnostics))


class Problems:
    """A growing list of diagnostics."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        """Report one more, unless just that is known."""
        if diagnostic not in self._found:
            self._found.append(diagnostic)

    def __bool__(self) -> bool:
        return bool(self._found)

    def stop_if_any(self) -> None:
        """Raise what was found so far, in the order of the text."""
        if self._found:
            raise DescriptionError(sorted(self._found, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    span = diagnostic.span
    return (diagnostic.file, span.line, span.column) if span else (diagnostic.file, 0, 0)
