# SPDX-License-Identifier: Apache-2.0
"""Foreign text made safe for a terminal: nothing in it moves the cursor, or changes colours or the order of reading.

File names, values and source lines in messages come from the author of the input. Unprintable characters are shown as Python
writes them in a string, `\\x1b`; a mark stands below the character that it means, whatever the character's width.
"""

import unicodedata
from typing import Final

_TAB: Final = 4
# The longest source line, and the longest other text.
LINE_LONGEST: Final = 160
TEXT_LONGEST: Final = 4000


def plain(text: str, keep: str = "\n") -> str:
    """Return `text` with unprintable characters escaped, except those in `keep`, and cut to a readable length."""
    if len(text) > TEXT_LONGEST:
        text = f"{text[:TEXT_LONGEST]}... ({len(text) - TEXT_LONGEST} more characters)"
    return "".join(each if each in keep or each.isprintable() else _escaped(each) for each in text)


def source_and_mark(source: str, column: int, width: int) -> tuple[str, str]:
    """Return a source line as shown, and the line of `^` below the `width` characters from `column` (counted from 1)."""
    source = source.rstrip()
    start = column - 1
    first = max(0, min(start, len(source)) - LINE_LONGEST // 2) if len(source) > LINE_LONGEST else 0
    before = _line("... " if first else "", source[first:start])
    line = _line(before, source[start : first + LINE_LONGEST])
    marked = _line(before, source[start : min(start + width, first + LINE_LONGEST)])
    more = " ..." if first + LINE_LONGEST < len(source) else ""
    return f"{line}{more}", f"{' ' * _cells(before)}{'^' * max(1, _cells(marked) - _cells(before))}"


def _line(before: str, text: str) -> str:
    """Return `before` and `text`, with tabs as blanks up to the next stop."""
    for each in text:
        before += " " * (_TAB - _cells(before) % _TAB) if each == "\t" else plain(each, "")
    return before


def _cells(text: str) -> int:
    """Return columns that `text` takes on a screen (Unicode Standard Annex #11: wide characters take two)."""
    return sum(0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF") for each in text)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
