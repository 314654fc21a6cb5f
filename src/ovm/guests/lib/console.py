# SPDX-License-Identifier: Apache-2.0
"""Console of a deprivileged guest, and its end."""

from typing import Final, Never

from ovm.abi.hypercalls import CONSOLE_WRITE, EXIT
from ovm.guests.lib.call import call, call_words
from ovm.guests.lib.line import Line, end_line, put_decimal, put_text, words_of
from ovm.metal import Ptr, fn, forever, text, u8, u32

_CHUNK: Final = 24
# Exit status of a guest that stopped because its own code panicked.
PANIC_STATUS: Final = 0x70


@fn
def write_line(line: Line) -> None:
    """Print a line and empty it."""
    end_line(line)
    words = words_of(line)
    for sent in u32.range(0, line.used, _CHUNK, bound=8):
        length = min(line.used - sent, u32(_CHUNK))
        call_words(u32(CONSOLE_WRITE), length, words + sent // 4)
    line.used = u32(0)


@fn
def say(characters: Ptr[u8]) -> None:
    """Print a line of plain text."""
    line = Line()
    put_text(line, characters)
    write_line(line)


@fn
def leave(status: u32) -> Never:
    """End this guest; 0 is success."""
    while forever():
        call(u32(EXIT), status, u32(0), u32(0))


@fn
def panicked(code: u32) -> Never:
    """Print the code of a failed check of metal code and end the guest; for a function exported as `metal_panic`."""
    line = Line()
    put_text(line, text("panic "))
    put_decimal(line, code, u32(0))
    write_line(line)
    leave(u32(PANIC_STATUS))
