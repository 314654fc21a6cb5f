# SPDX-License-Identifier: Apache-2.0
"""Lines of text, built in place.

There is no heap and there are no strings: a `Line` is a small buffer into which text and numbers are put, and which is then
written whole (`console.write_line` or `hrt.write_line`). Text that doesn't fit is cut off.
"""

from typing import Final

from ovm.metal import Array, Ptr, Struct, address, array, bound, first, fn, pointer, text, u8, u32

_DIGITS: Final = 10  # of 32 bits
# A multiple of the 24 bytes that one CONSOLE_WRITE carries.
LINE_BYTES: Final = 120
SPACE: Final = 0x20
NEWLINE: Final = 0x0A
_ZERO: Final = 0x30
_LETTER_A: Final = 0x61 - 10


class Line(Struct, align=4):
    """A line under construction; zeroed means empty."""

    bytes: Array[u8] = array(u8, LINE_BYTES)
    used: u32


@fn
def put_character(line: Line, character: u8) -> None:
    """Append one byte. The last place is kept for the newline."""
    if line.used < LINE_BYTES - 1:
        line.bytes[line.used] = character
        line.used += 1


@fn
def put_text(line: Line, characters: Ptr[u8]) -> None:
    """Append text that ends with a NUL."""
    at = u32(0)
    while characters[at] != 0:
        bound(LINE_BYTES)
        put_character(line, characters[at])
        at += 1


@fn
def put_decimal(line: Line, value: u32, width: u32) -> None:
    """Append a number, to the right of a field `width` wide."""
    digits = array(u8, 10)
    count = u32(0)
    rest = value
    while rest != 0 or count == 0:
        bound(_DIGITS)
        digits[count] = u8(rest % 10) + _ZERO
        rest = rest // 10
        count += 1
    for _ in u32.range(count, max(count, width), 1, bound=LINE_BYTES):
        put_character(line, SPACE)
    for at in u32.range(count, bound=_DIGITS):
        put_character(line, digits[count - 1 - at])


@fn
def put_hex(line: Line, value: u32) -> None:
    """Append a number as `0x` and eight digits."""
    put_text(line, text("0x"))
    for at in u32.range(8):
        digit = u8((value >> (28 - at * 4)) & 0xF)
        if digit < 10:
            put_character(line, digit + _ZERO)
        else:
            put_character(line, digit + _LETTER_A)


@fn
def put_fraction(line: Line, thousandths: u32) -> None:
    """Append a number of thousandths with its decimal point: 1234 as `1.234`."""
    put_decimal(line, thousandths // 1000, 0)
    put_character(line, 0x2E)
    rest = thousandths % 1000
    put_character(line, u8(rest // 100) + _ZERO)
    put_character(line, u8(rest // 10 % 10) + _ZERO)
    put_character(line, u8(rest % 10) + _ZERO)


@fn
def end_line(line: Line) -> None:
    """Close the line with a newline, into the place that is always kept for it."""
    line.bytes[line.used] = NEWLINE
    line.used += 1


@fn
def words_of(line: Line) -> Ptr[u32]:
    """Return the line's bytes as the words that CONSOLE_WRITE takes."""
    # SAFETY: the bytes are the first field of a struct aligned to words, and whole words long.
    return pointer(u32, address(first(line.bytes)))
