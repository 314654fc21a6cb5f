# SPDX-License-Identifier: Apache-2.0
"""Events from OVM's UART: lines of guests' consoles, and records for the driver.

A record is a line that starts with the byte 0x1E: a kind, then `key=value` pairs, a value being decimal,
0x-hexadecimal or a word. Any other line of the form `[name] text` is a guest's; all other lines are passed on unchanged.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ovm.abi.uart import UNFINISHED
from ovm.metal.shown import plain

RECORD_MARK = 0x1E
# The longest line of a UART of a guest.
PORT_LINE = 250
_CONSOLE = re.compile(r"\[([a-z][a-z0-9-]*)\] ?(.*)", re.DOTALL)

Value: TypeAlias = int | str


@dataclass(frozen=True)
class ConsoleLine:
    """A line that a guest printed."""

    guest: str
    text: str
    # False: what the guest prints next continues the line.
    ended: bool = True


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
    ended = line[-1:] != bytes((UNFINISHED,))
    text = _text(line if ended else line[:-1])
    match = _CONSOLE.fullmatch(text)
    return ConsoleLine(match[1], match[2], ended) if match else OtherLine(text)


class Port:
    """A UART that belongs to a guest: all that it sends is the guest's console, line by line."""

    def __init__(self, guest: str, tell: Callable[[ConsoleLine], None]) -> None:
        self._guest = guest
        self._tell = tell
        self._rest = b""

    def hear(self, data: bytes) -> None:
        """Take bytes; a line that never ends is told in parts."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) >= PORT_LINE:
            self.flush()

    def flush(self) -> None:
        """Tell the line that hasn't ended."""
        if self._rest:
            self._line(self._rest)
        self._rest = b""

    def forget(self) -> None:
        """Drop the line that hasn't ended: time goes back."""
        self._rest = b""

    def _line(self, line: bytes) -> None:
        # OVM's filter of consoles isn't in this way.
        self._tell(ConsoleLine(self._guest, plain(_text(line), keep="\t")))


def _text(line: bytes) -> str:
    """Return a line as UTF-8; bytes that aren't UTF-8 are shown as numbers."""
    return line.decode("utf-8", "backslashreplace").rstrip("\r")


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
