# SPDX-License-Identifier: Apache-2.0
"""Counts of attempts and escapes; the first escapes are printed."""

from ovm.abi.hypercalls import REPORT_ATTEMPTS, REPORT_ESCAPES
from ovm.guests.lib.console import write_line
from ovm.guests.lib.line import Line, put_decimal, put_hex, put_text
from ovm.guests.lib.tally import TALLY, count_attempt, put_chapter, put_escape
from ovm.guests.lib.vcpu import report
from ovm.guests.rogue.trap import LAST, USER
from ovm.metal import Ptr, fn, text, u8, u32


@fn
def count(escaped: bool, what: Ptr[u8], place: u32) -> None:
    """Count an attempt. It is an escape too if the processor was found in another mode than User."""
    if count_attempt(escaped or LAST.real_mode != USER):
        print_escape(what, place)


@fn
def print_escape(what: Ptr[u8], place: u32) -> None:
    """Print an escape."""
    line = Line()
    put_escape(line, what, place)
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
    put_chapter(line, what)
    write_line(line)
    report(REPORT_ATTEMPTS, TALLY.attempts)
    report(REPORT_ESCAPES, TALLY.escapes)
