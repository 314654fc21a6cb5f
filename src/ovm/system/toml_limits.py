# SPDX-License-Identifier: Apache-2.0
"""What no description needs, refused before it is parsed: deep nesting, numbers of endless digits.

`tomllib` calls itself for each level and makes a Python integer of any number of digits, so both would end in its own
exceptions, or take for ever. This looks at the text's tokens alone and needs no valid TOML.
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
    """Too much of something: what, where in the text, and how much is allowed."""

    what: str
    start: int
    expected: str


def excess(text: str) -> Excess | None:
    """The first thing in `text` of which there is too much."""
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
