# SPDX-License-Identifier: Apache-2.0
"""Counts of attempts and escapes; the first escapes are printed."""

from typing import Final

from ovm.abi.hypercalls import REPORT_ATTEMPTS, REPORT_ESCAPES
from ovm.guests.lib.console import write_line
from ovm.guests.lib.line import Line, put_decimal, put_hex, put_text
from ovm.guests.lib.vcpu import report
from ovm.guests.rogue.trap import LAST, USER
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
def count(escaped: bool, what: Ptr[u8], place: u32) -> None:
    """Count an attempt. It is an escape too if the processor was found in another mode than User."""
    TALLY.attempts += 1
    if escaped or LAST.real_mode != USER:
        TALLY.escapes += 1
        if TALLY.escapes <= _PRINTED:
            print_escape(what, place)


@fn
def print_escape(what: Ptr[u8], place: u32) -> None:
    """Print an escape."""
    line = Line()
    put_text(line, text("ESCAPE "))
    put_text(line, what)
    put_text(line, text(" "))
    put_hex(line, place)
    put_text(line, text(" outcome "))
    put_decimal(line, LAST.outcome, 0)
    put_text(line, text(" value "))
    put_hex(line, LAST.value)
    put_text(line, text(" mode "))
    put_hex(line, LAST.real_mode)
    write_line(line)


@fn
def close_chapter(what: Ptr[u8]) -> None:
    """Print and report the results of one kind of attempts."""
    line = Line()
    put_text(line, what)
    put_text(line, text(": "))
    put_decimal(line, TALLY.attempts - TALLY.chapter, 0)
    put_text(line, text(" attempts"))
    write_line(line)
    TALLY.chapter = TALLY.attempts
    report(REPORT_ATTEMPTS, TALLY.attempts)
    report(REPORT_ESCAPES, TALLY.escapes)
