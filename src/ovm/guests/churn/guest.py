# SPDX-License-Identifier: Apache-2.0
"""A guest that sweeps over memory and code for the time that the description gives, and checks that memory keeps its content.

Each round has three sweeps: a line in each page of all memory (more pages than the main TLB has entries), a stop in each page
of a
chain of code, and every line of a stretch as large as the L2 cache. It runs at NRT, so each page has its own translation.
"""

from typing import Final, Never

from ovm.abi.hypercalls import REPORT_CHECKS_FAILED, REPORT_CHECKS_PASSED, REPORT_ROUNDS
from ovm.guests.churn.code import PAGES, walk_code
from ovm.guests.lib.console import leave, on_panic, write_line
from ovm.guests.lib.line import Line, put_decimal, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.vcpu import argument, now, report, ticks_of_microseconds, use_page, vcpu_page
from ovm.metal import Ptr, Struct, VirtAddr, asm_block, fn, forever, naked, pointer, static, text, u32, u64

DEFAULT_MILLISECONDS: Final = 1000
PAGE_WORDS: Final = 1024
LINE_WORDS: Final = 8
MOST_PAGES: Final = u32(4096)
# The L2 cache of Zynq-7000: 512 KiB (UG585 §3.4).
STRETCH_LINES: Final = u32((512 << 10) // 32)
# Code and the stack are below.
_FIRST_BYTE: Final = 1 << 20


class Tally(Struct):
    """The results."""

    rounds: u32
    passed: u32
    failed: u32


TALLY = static(Tally)


@fn
def memory() -> Ptr[u32]:
    """Return the memory that is swept over: all but the first megabyte."""
    # SAFETY: the description gave it to this guest; nothing else of the guest lies there.
    return pointer(u32, VirtAddr(vcpu_page().ram_base + _FIRST_BYTE))


@fn
def judge(correct: bool) -> None:
    """Count a check."""
    if correct:
        TALLY.passed += 1
    else:
        TALLY.failed += 1


@fn
def sweep_pages(pages: u32, turn: u32) -> None:
    """Touch each page in one line, and check the value that the previous round stored there."""
    words = memory()
    intact = True
    for page in u32.range(pages, bound=MOST_PAGES):
        place = page * PAGE_WORDS + (page & 127) * LINE_WORDS
        intact = intact and words[place] == turn * page
        words[place] = (turn + 1) * page
    judge(intact)


@fn
def sweep_lines(lines: u32) -> u32:
    """Read every line of a stretch."""
    words = memory()
    total = u32(0)
    for line in u32.range(lines, bound=STRETCH_LINES):
        total += words[line * LINE_WORDS + 1]
    return total


@fn
def finish() -> Never:
    """Print the results, and end."""
    report(REPORT_ROUNDS, TALLY.rounds)
    report(REPORT_CHECKS_PASSED, TALLY.passed)
    report(REPORT_CHECKS_FAILED, TALLY.failed)
    line = Line()
    put_decimal(line, TALLY.rounds, 0)
    put_text(line, text(" rounds, checks failed "))
    put_decimal(line, TALLY.failed, 0)
    write_line(line)
    leave(min(TALLY.failed, 1))


@fn
def main(page: VirtAddr) -> Never:
    """Sweep until the time is over."""
    use_page(page)
    milliseconds = argument(0, DEFAULT_MILLISECONDS)
    pages = min((vcpu_page().ram_bytes - _FIRST_BYTE) >> 12, MOST_PAGES)
    lines = min(pages * (PAGE_WORDS // LINE_WORDS), STRETCH_LINES)
    line = Line()
    put_text(line, text("sweeping over "))
    put_decimal(line, pages, 0)
    put_text(line, text(" pages"))
    write_line(line)
    end_at = now() + ticks_of_microseconds(1000) * u64(milliseconds)
    while forever():
        sweep_pages(pages, TALLY.rounds)
        judge(walk_code(TALLY.rounds) == TALLY.rounds + PAGES)
        judge(sweep_lines(lines) == 0)
        TALLY.rounds += 1
        if now() >= end_at:
            finish()


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
