# SPDX-License-Identifier: Apache-2.0
"""The console of a deprivileged guest, and the guest's end."""

from typing import Final, Never

from ovm.abi.hypercalls import CONSOLE_WRITE, EXIT
from ovm.guests.lib.call import call, call_words
from ovm.guests.lib.line import NEWLINE, Line, end_line, put_text, words_of
from ovm.metal import Ptr, array, first, fn, forever, u8, u32

_MOST_CHUNKS: Final = 8  # of a line
_CHUNK: Final = u32(24)
_PANIC: Final = tuple(int.from_bytes(part, "little") for part in (b"pani", b"c 0x"))
_ZERO: Final = u32(0x30)
_LETTER_A: Final = u32(0x61 - 10)


@fn
def write_line(line: Line) -> None:
    """Print a line and empty it."""
    end_line(line)
    words = words_of(line)
    for sent in u32.range(0, line.used, _CHUNK, bound=_MOST_CHUNKS):
        length = min(line.used - sent, _CHUNK)
        call_words(CONSOLE_WRITE, length, words + sent // 4)
    line.used = 0


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
        call(EXIT, status, 0, 0)


@fn
def hex_digits(value: u32) -> u32:
    """Return the last four hexadecimal digits of a number, as four bytes of text, the first digit lowest."""
    digits = u32(0)
    for at in u32.range(4):
        digit = (value >> (12 - at * 4)) & 0xF
        digit += _ZERO if digit < 10 else _LETTER_A
        digits |= digit << (at * 8)
    return digits


@fn
def panicked(code: u32) -> Never:
    """Print the code of a failed check of metal code and end the guest.

    This code must not fail a check itself, so it shares no code with lines.
    """
    words = array(u32, 6)
    words[0] = u32(_PANIC[0])
    words[1] = u32(_PANIC[1])
    words[2] = hex_digits(code >> 16)
    words[3] = hex_digits(code)
    words[4] = NEWLINE
    call_words(CONSOLE_WRITE, 17, first(words))
    leave(code)


@fn(export="metal_panic")
def on_panic(code: u32) -> Never:
    """End the guest after a failed check; a root of its image."""
    panicked(code)
