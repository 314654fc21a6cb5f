# SPDX-License-Identifier: Apache-2.0
"""Counts of attempts and escapes; the first escapes are printed."""

from ovm.abi.hypercalls import REPORT_ATTEMPTS, REPORT_ESCAPES
from ovm.guests.lib.hrt import report, write_line
from ovm.guests.lib.line import Line, put_hex, put_text
from ovm.guests.lib.tally import TALLY, count_attempt, put_chapter, put_escape
from ovm.guests.rogue_hrt.attempt import value
from ovm.metal import Ptr, fn, text, u8, u32


@fn
def count(escaped: bool, what: Ptr[u8], place: u32) -> None:
    """Count an attempt."""
    if count_attempt(escaped):
        line = Line()
        put_escape(line, what, place)
        put_text(line, text(" value "))
        put_hex(line, value())
        write_line(line)


@fn
def close_chapter(what: Ptr[u8]) -> None:
    """Print and report the results of one kind of attempts."""
    line = Line()
    put_chapter(line, what)
    write_line(line)
    report(REPORT_ATTEMPTS, TALLY.attempts)
    report(REPORT_ESCAPES, TALLY.escapes)
