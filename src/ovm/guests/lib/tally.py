# SPDX-License-Identifier: Apache-2.0
"""Counts of attempts and escapes of an attacker at any level, and the words in which they are printed."""

from typing import Final

from ovm.guests.lib.line import Line, put_decimal, put_hex, put_text
from ovm.metal import Ptr, Struct, fn, static, text, u8, u32

_PRINTED: Final = 12


class Tally(Struct):
    """All attempts so far."""

    attempts: u32
    escapes: u32
    # Attempts when the present chapter began.
    chapter: u32


TALLY = static(Tally)


@fn
def count_attempt(escaped: bool) -> bool:
    """Count an attempt; return whether it is one of the first escapes, which are printed."""
    TALLY.attempts += 1
    if escaped:
        TALLY.escapes += 1
        return TALLY.escapes <= _PRINTED
    return False


@fn
def put_escape(line: Line, what: Ptr[u8], place: u32) -> None:
    """Append the attempt that escaped."""
    put_text(line, text("ESCAPE "))
    put_text(line, what)
    put_text(line, text(" "))
    put_hex(line, place)


@fn
def put_chapter(line: Line, what: Ptr[u8]) -> None:
    """Append the number of attempts of a chapter, and begin the next one."""
    put_text(line, what)
    put_text(line, text(": "))
    put_decimal(line, TALLY.attempts - TALLY.chapter, 0)
    put_text(line, text(" attempts"))
    TALLY.chapter = TALLY.attempts
