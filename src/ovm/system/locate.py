# SPDX-License-Identifier: Apache-2.0
"""The positions of all keys and values of a TOML document.

`tomllib` reads the document and drops the positions, so every diagnostic would have to say "somewhere". This
scanner walks the same text again and records a span for each key and value. It assumes text that `tomllib` accepted
(TOML 1.0) and judges nothing, which keeps it small.
"""

import bisect
import re
from dataclasses import dataclass, field
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]+")
_STRINGS = (
    re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


@dataclass(frozen=True)
class Span:
    """A stretch of one line; lines and columns count from 1."""

    line: int
    column: int
    length: int


@dataclass
class Positions:
    """Spans by path. A table's own span, and each element of an array of tables, is that of its header."""

    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)


def locate(text: str) -> Positions:
    """Return the positions of everything in `text`."""
    return _Scanner(text).run()


class _Scanner:
    """A cursor over the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._counts: dict[Path, int] = {}
        self._found = Positions()

    def run(self) -> Positions:
        """Scan from the first to the last statement."""
        prefix: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                prefix = self._header()
            else:
                self._assignment(prefix)
            self._skip(_BLANK)
        return self._found

    def _header(self) -> Path:
        start = self._at
        is_array = self._text.startswith("[[", start)
        self._at += 2 if is_array else 1
        parts = [part for part, _ in self._key()]
        self._at += 2 if is_array else 1
        path: Path = ()
        for part in parts[:-1]:
            path = self._enter((*path, part))
        path = (*path, parts[-1])
        span = self._span(start, self._at)
        self._found.keys.setdefault(path, span)
        if is_array:
            self._counts[path] = self._counts.get(path, 0) + 1
            path = (*path, self._counts[path] - 1)
            self._found.keys[path] = span
        self._found.values[path] = span
        return path

    def _enter(self, path: Path) -> Path:
        """Return `path`, with the last element's index where it is an array of tables."""
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _key(self) -> list[tuple[str, Span]]:
        """Return a dotted key, with the blanks around its parts."""
        parts: list[tuple[str, Span]] = []
        while True:
            self._skip(_SPACE)
            start = self._at
            quoted = self._text[start] in "\"'"
            self._skip(_STRINGS[2 if self._text[start] == '"' else 3] if quoted else _BARE_KEY)
            name = self._text[start + 1 : self._at - 1] if quoted else self._text[start : self._at]
            parts.append((name, self._span(start, self._at)))
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return parts
            self._at += 1

    def _assignment(self, prefix: Path) -> None:
        path = prefix
        for name, span in self._key():
            path = (*path, name)
            self._found.keys[path] = span
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        start = self._at
        opening = self._text[start]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        elif opening in "\"'":
            for pattern in _STRINGS:
                if pattern.match(self._text, start):
                    self._skip(pattern)
                    break
        else:
            self._skip(_BARE_VALUE)
            self._at = start + len(self._text[start : self._at].rstrip())
        self._found.values[path] = self._span(start, self._at)

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == "]":
                self._at += 1
                return
            if self._text[self._at] == ",":
                self._at += 1
                index += 1
                continue
            self._value((*path, index))

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == "}":
                self._at += 1
                return
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._assignment(path)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        if match:
            self._at = match.end()

    def _span(self, start: int, end: int) -> Span:
        """Return the span from `start` to `end`, cut at the end of its first line."""
        line = bisect.bisect_right(self._starts, start)
        first = self._starts[line - 1]
        stop = self._text.find("\n", start)
        end = min(end, stop if stop >= 0 else end)
        return Span(line, start - first + 1, max(1, end - start))
