# SPDX-License-Identifier: Apache-2.0
"""Encodings as the manual prints them.

A pattern has one character for each bit, highest first: `0` and `1` decide, `z` and `o` should be zero and one (anything
else is UNPREDICTABLE), letters are operands. The decoder tries the encodings of a table in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ovm.metal import static, u32

# Results of a form function.
GOOD: Final = u32(0)
UNPREDICTABLE: Final = u32(1)
UNDEFINED: Final = u32(2)
# Virtual address of the instruction that is being decoded: only the offset in its page may have an effect.
PLACE = static(u32)


def bits_of(pattern: str, characters: str) -> int:
    """Return a mask of the places where `pattern` has one of `characters`."""
    return int("".join("1" if character in characters else "0" for character in pattern), 2)


@dataclass(frozen=True)
class Encoding:
    """One encoding: the bits that match, those that should be, and the form of its operands."""

    name: str
    pattern: str
    form: Callable[..., u32]
    handler: int
    extra: int
    mask: int
    value: int
    should: int
    should_value: int


def encoding(name: str, pattern: str, form: Callable[..., u32], handler: int, extra: int = 0) -> Encoding:
    """Make an encoding from a pattern with spaces."""
    plain = pattern.replace(" ", "")
    if len(plain) not in (16, 32):
        raise ValueError(f"{name}: {len(plain)} bits in {pattern}")
    return Encoding(
        name,
        plain,
        form,
        handler,
        extra,
        bits_of(plain, "01"),
        bits_of(plain, "1"),
        bits_of(plain, "zo"),
        bits_of(plain, "o"),
    )
