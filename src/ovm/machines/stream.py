# SPDX-License-Identifier: Apache-2.0
"""Events from OVM's UART: lines of guests' consoles, and records for the driver.

A record is a line that starts with the byte 0x1E: a kind, then `key=value` pairs, a value being decimal,
0x-hexadecimal or a word. Any other line of the form `[name] text` is a guest's; all other lines are passed on unchanged.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

RECORD_MARK = 0x1E
_CONSOLE = re.compile(r"\[([a-z][a-z0-9-]*)\] ?(.*)")

Value: TypeAlias = int | str


@dataclass(frozen=True)
class ConsoleLine:
    """A line that a guest printed."""

    guest: str
    text: str


@dataclass(frozen=True)
class Record:
    """A record from OVM to the driver."""

    kind: str
    fields: dict[str, Value]

    def number(self, key: str) -> int:
        """Return a field that has to be a number; 0 when it is missing or isn't one."""
        value = self.fields.get(key, 0)
        return value if isinstance(value, int) else 0

    def word(self, key: str) -> str:
        """Return a field as text; empty when it is missing."""
        return str(self.fields.get(key, ""))


@dataclass(frozen=True)
class OtherLine:
    """A line that belongs to no guest: a broken one, or one from before OVM ran."""

    text: str


Event: TypeAlias = ConsoleLine | Record | OtherLine


def parse_line(line: bytes) -> Event:
    """Return the event that one line, without its end, stands for."""
    if line[:1] == bytes((RECORD_MARK,)):
        return _record(line[1:].decode("ascii", "replace"))
    # A guest's bytes are read as UTF-8; bytes that aren't UTF-8 are shown as numbers.
    text = line.decode("utf-8", "backslashreplace").rstrip("\r")
    match = _CONSOLE.fullmatch(text)
    return ConsoleLine(match[1], match[2]) if match else OtherLine(text)


def _record(text: str) -> Event:
    kind, *pairs = text.split()[:64] or [""]
    fields: dict[str, Value] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            return OtherLine(text)
        fields[key] = _value(value)
    return Record(kind, fields) if kind else OtherLine(text)


def _value(text: str) -> Value:
    try:
        return int(text, 0)
    except ValueError:
        return text
