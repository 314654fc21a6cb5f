# SPDX-License-Identifier: Apache-2.0
"""The sums of the programs' checks, and the end of the guest."""

from typing import Final, Never

from ovm.abi.hypercalls import REPORT_CHECKS_FAILED, REPORT_CHECKS_PASSED, REPORT_ROUNDS
from ovm.guests.desk.frames import POOL, frames_return
from ovm.guests.desk.process import TABLE
from ovm.guests.desk.space import FIGURES
from ovm.guests.lib.console import leave, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.lib.vcpu import report
from ovm.metal import Ptr, Struct, fn, static, text, u8, u32, u64

FAILED_STATUS: Final = u32(1)
# After this many rounds the kernel gives its free memory back.
_RETURN_EVERY: Final = 8


class Totals(Struct):
    """Sums over all processes; `end` is when they must stop."""

    end: u64
    rounds: u32
    passed: u32
    failed: u32
    killed: u32
    slices: u32


TOTALS = static(Totals)


@fn
def round_over(made: u32, failed: u32) -> None:
    """Count a round of a program, and report the sums to OVM."""
    TOTALS.rounds += 1
    TOTALS.passed += made - failed
    TOTALS.failed += failed
    report(REPORT_ROUNDS, TOTALS.rounds)
    report(REPORT_CHECKS_PASSED, TOTALS.passed)
    report(REPORT_CHECKS_FAILED, TOTALS.failed)
    if TOTALS.rounds % _RETURN_EVERY == 0:
        frames_return()


@fn
def put_count(line: Line, count: u32, what: Ptr[u8]) -> None:
    """Append a number and its name."""
    put_decimal(line, count, 0)
    put_text(line, what)


@fn
def finish() -> Never:
    """Print the sums and end the guest, with status 0 when there were rounds and no check failed."""
    line = Line()
    put_count(line, TOTALS.rounds, text(" rounds, "))
    put_count(line, TOTALS.passed, text(" checks passed, "))
    put_count(line, TOTALS.failed, text(" failed"))
    write_line(line)
    put_count(line, TABLE.forks, text(" forks, "))
    put_count(line, TABLE.switches, text(" switches, "))
    put_count(line, TOTALS.slices, text(" slices, "))
    put_count(line, TOTALS.killed, text(" killed"))
    write_line(line)
    put_count(line, FIGURES.demanded, text(" pages filled, "))
    put_count(line, FIGURES.copied, text(" copied, "))
    put_count(line, FIGURES.reused, text(" reused, "))
    put_count(line, FIGURES.moved, text(" moved, "))
    put_count(line, POOL.returned, text(" returned"))
    write_line(line)
    leave(FAILED_STATUS if TOTALS.failed != 0 or TOTALS.rounds == 0 else 0)
