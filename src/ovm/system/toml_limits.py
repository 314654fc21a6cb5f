# SPDX-License-Identifier: Apache-2.0
"""Limits that are checked before a text is parsed: depth of nesting, digits of numbers.

`tomllib` calls itself for each level and makes a Python integer of any number of digits, so excess of either would end in its
own exceptions, or take for ever. This check reads tokens alone and needs no valid TOML.
"""

import re
from dataclasses import dataclass
from typing import Final

DEPTH_MOST: Final = 16
DIGITS_MOST: Final = 40
_TOKENS: Final = re.compile(
    r'''(?P<text>"""(?:[^"\\]|\\.|"(?!""))*(?:"{3,5}|\Z)|\'\'\'.*?(?:'{3,5}|\Z)|"(?:[^"\\\n]|\\[^\n])*"?|'[^'\n]*'?)'''
    r"|(?P<comment>\#[^\n]*)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<dot>\.)|(?P<digits>(?:0[xob])?[0-9a-fA-F_]+)"
    r"|(?P<blank>[ \t]+)|(?P<word>[g-zG-Z-]+)|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Excess:
    """An excess: its kind, its place in the text, and the limit."""

    what: str
    start: int
    expected: str


def excess(text: str) -> Excess | None:
    """Return the first excess in `text`."""
    depth = parts = 0
    for token in _TOKENS.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        if kind == "dot":
            parts += 1
        elif kind in ("open", "close", "other", "comment"):
            parts = 0
        if depth > DEPTH_MOST or parts >= DEPTH_MOST:
            return Excess("nested too deep", token.start(), f"at most {DEPTH_MOST} tables and lists within each other")
        if kind == "digits" and token.end() - token.start() > DIGITS_MOST and token[0][0].isdigit():
            count = token.end() - token.start()
            return Excess(f"a number of {count} digits", token.start(), f"at most {DIGITS_MOST} digits")
    return None
