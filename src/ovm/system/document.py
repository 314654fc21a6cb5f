# SPDX-License-Identifier: Apache-2.0
"""A TOML file with positions, and diagnostics that point into it."""

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any

from ovm.shipped import merged
from ovm.system.files import TEXT_MOST, read_plain, reason_of
from ovm.system.locate import Path, Positions, Span, locate
from ovm.system.problems import DescriptionError, Diagnostic, Note
from ovm.system.toml_limits import excess

_TOP = Span(1, 1, 1)
_TOML_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)")


class Document:
    """Text, values and positions of one file, perhaps on top of another one. `name` is its name in diagnostics."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        # Some editors put a mark in front of UTF-8 and hide it.
        text = text.removeprefix("\ufeff")
        self.lines = text.split("\n")
        self._refuse_excess(text)
        self.values: dict[str, Any] = self._parse(text)
        self._positions: Positions = locate(text)
        self._base: Document | None = None

    @classmethod
    def read(cls, file: FilePath, name: str = "") -> "Document":
        """Read `file`; a file that can't be read leads to a diagnostic too."""
        shown = name or str(file)
        try:
            content = read_plain(file, TEXT_MOST)
        except (OSError, ValueError) as error:
            message = f"cannot read the description: {reason_of(error)}"
            raise DescriptionError([Diagnostic("S100", message, shown, 0, 0, fix="give the path of a TOML file")]) from error
        try:
            text = content.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            message = f"not UTF-8 text: byte {error.start} is {content[error.start]:#04x}"
            line = content.count(b"\n", 0, error.start) + 1
            column = len(content[content.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
            raise DescriptionError(
                [Diagnostic("S101", message, shown, line, column, fix="save the file as UTF-8")]
            ) from error
        return cls(shown, text)

    def stand_on(self, base: "Document") -> None:
        """Take from `base` all values that this file doesn't give; diagnostics point to the file that has the value."""
        self._base = base
        self.values = merged(base.values, self.values)

    def _writer(self, path: Path) -> "Document":
        """Return the document that has `path`; this one if none has."""
        if self._base is None or path in self._positions.keys or path in self._positions.values:
            return self
        writer = self._base._writer(path)
        return writer if path in writer._positions.keys or path in writer._positions.values else self

    def _refuse_excess(self, text: str) -> None:
        """Refuse text that is far beyond any description, and beyond a parser's limits."""
        found = excess(text)
        if found:
            line = text.count("\n", 0, found.start) + 1
            span = Span(line, found.start - (text.rfind("\n", 0, found.start) + 1) + 1, 1)
            fix = "write what a description needs: docs/guide/describe-a-system.md"
            raise DescriptionError([self._diagnostic("S117", found.what, span, expected=found.expected, fix=fix)])

    def _parse(self, text: str) -> dict[str, Any]:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = _TOML_PLACE.match(str(error))
            reason, line, column = place.groups() if place else (str(error), None, None)
            row = int(line) if line else max(1, len(self.lines) - (self.lines[-1] == ""))
            span = Span(row, int(column) if column else len(self.lines[row - 1]) + 1, 1)
            reason = reason[0].lower() + reason[1:]
            raise DescriptionError(
                [self._diagnostic("S101", f"not TOML: {reason}", span, fix="see https://toml.io for the syntax")]
            ) from error

    def _diagnostic(self, code: str, message: str, span: Span, **facts: Any) -> Diagnostic:
        source = self.lines[span.line - 1]
        return Diagnostic(code, message, self.name, span.line, span.column, source=source, width=span.length, **facts)

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Return the span of the value (or the key) of `path`; if it isn't written, that of its nearest table, or the top."""
        keys, values = self._positions.keys, self._positions.values
        order = (keys, values) if key else (values, keys)
        while path:
            for spans in order:
                if path in spans:
                    return spans[path]
            path = path[:-1]
        return _TOP

    def problem(
        self,
        code: str,
        path: Path,
        message: str,
        *,
        key: bool = False,
        found: str = "",
        expected: str = "",
        fix: str = "",
        notes: Iterable[Note] = (),
    ) -> Diagnostic:
        """Return a diagnostic at the value (or the key) of `path`."""
        writer = self._writer(path)
        span = writer.span(path, key=key)
        return writer._diagnostic(code, message, span, found=found, expected=expected, fix=fix, notes=tuple(notes))

    def note(self, text: str, path: Path) -> Note:
        """Return the other party of a conflict, as written at `path`."""
        writer = self._writer(path)
        return Note(text, writer.name, writer.span(path))


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the known word that `word` was probably meant to be, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else ""
