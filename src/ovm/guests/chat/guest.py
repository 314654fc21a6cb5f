# SPDX-License-Identifier: Apache-2.0
"""A guest that reads lines from its console and answers each; `quit` ends it. It runs at SRT and at NRT.

It echoes what is typed, as a terminal expects: OVM shows unfinished lines of the guest that has the input.
"""

from typing import Final, Never

from ovm.abi.hypercalls import CONSOLE_READ, CONSOLE_WRITE, INTERRUPT_CONSOLE, REPORT_BYTES_IN
from ovm.guests.lib.call import call, call_results
from ovm.guests.lib.console import leave, on_panic, write_line
from ovm.guests.lib.line import LINE_BYTES, NEWLINE, Line, put_character, put_decimal, put_text
from ovm.guests.lib.start import begin
from ovm.guests.lib.vcpu import acknowledge, report, use_page, vcpu_page, wait
from ovm.metal import Struct, VirtAddr, array, asm_block, first, fn, forever, naked, static, text, u8, u32, unroll

_MOST_READ: Final = 8
_CARRIAGE_RETURN: Final = 0x0D
_BACKSPACE: Final = 0x08
_DELETE: Final = 0x7F
# Characters, the first one lowest: the prompt, and what removes a character from a terminal.
_PROMPT: Final = 0x203E
_ERASE: Final = 0x0008_2008
_QUIT: Final = tuple(enumerate(b"quit"))


class Talk(Struct):
    """The present line as far as it has been typed, and counts of lines and bytes."""

    typed: Line
    lines: u32
    bytes: u32


TALK = static(Talk)


@fn
def show(characters: u32, count: u32) -> None:
    """Print up to four characters without ending the line."""
    call(CONSOLE_WRITE, count, characters, 0)


@fn
def is_quit(line: Line) -> bool:
    """Tell whether the line is the word that ends the guest."""
    same = line.used == len(_QUIT)
    for at, letter in unroll(_QUIT):
        same = same and line.bytes[at] == letter
    return same


@fn
def answer() -> None:
    """Answer the line that has been typed, and begin the next one; end the guest after `quit`."""
    typed = TALK.typed
    show(NEWLINE, 1)
    if is_quit(typed):
        report(REPORT_BYTES_IN, TALK.bytes)
        leave(0)
    TALK.lines += 1
    line = Line()
    put_text(line, text("line "))
    put_decimal(line, TALK.lines, 0)
    put_text(line, text(": "))
    for at in u32.range(typed.used, bound=LINE_BYTES):
        put_character(line, typed.bytes[at])
    write_line(line)
    typed.used = 0
    show(_PROMPT, 2)


@fn
def take(byte: u32) -> None:
    """Take a byte that was typed."""
    TALK.bytes += 1
    typed = TALK.typed
    if byte == _CARRIAGE_RETURN or byte == NEWLINE:
        answer()
    elif byte == _BACKSPACE or byte == _DELETE:
        if typed.used != 0:
            typed.used -= 1
            show(_ERASE, 3)
    else:
        put_character(typed, u8(byte))
        show(byte, 1)


@fn
def read() -> bool:
    """Take what waits, at most eight bytes; return whether there was anything."""
    results = array(u32, 3)
    call_results(CONSOLE_READ, _MOST_READ, first(results))
    for at in u32.range(results[0], bound=_MOST_READ):
        take(results[1 + at // 4] >> (8 * (at % 4)) & 0xFF)
    return results[0] != 0


@fn
def main(page: VirtAddr) -> Never:
    """Read and answer until `quit` is typed. The interrupt needs no handler: WAIT ends while it is pending."""
    use_page(page)
    vcpu_page().irq_masked = 1
    vcpu_page().irq_enabled = 1 << INTERRUPT_CONSOLE
    show(_PROMPT, 2)
    while forever():
        if not read():
            wait()
            acknowledge()


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stack and continue in metal; r0 keeps the value from OVM."""
    asm_block(begin(main))


ROOTS: Final = (start, on_panic)
