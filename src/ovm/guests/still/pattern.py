# SPDX-License-Identifier: Apache-2.0
"""A pattern in memory that depends on each word's address, and the check that it is whole."""

from typing import Final

from ovm.arm.assembly import symbol_address
from ovm.guests.lib.line import Line, put_decimal, put_hex, put_text
from ovm.metal import Struct, VirtAddr, asm_value, fn, pointer, text, u32

# Memory of one guest, at most, in words.
_MOST_WORDS: Final = 1 << 26


class Area(Struct):
    """The watched memory, and the result of the last check."""

    start: VirtAddr
    words: u32
    changed: u32
    first_changed: VirtAddr


# The end of the image, with its stack, where free memory begins.
IMAGE_END: Final = symbol_address("__image_end")


@fn
def free_area(area: Area, ram_end: u32, most_bytes: u32) -> None:
    """Take the memory from the image to the end of RAM, or a part of it."""
    area.start = asm_value(VirtAddr, IMAGE_END)
    area.words = min(ram_end - u32(area.start), most_bytes) // 4


@fn
def pattern(place: VirtAddr) -> u32:
    """Return the value that the word at an address must hold."""
    return u32(place) * 0x9E37_79B1 + 0x7F4A_7C15


@fn
def fill(area: Area) -> None:
    """Store the pattern."""
    # SAFETY: `free_area` chose memory of this guest that nothing else uses.
    words = pointer(u32, area.start)
    for at in u32.range(area.words, bound=_MOST_WORDS):
        words[at] = pattern(area.start + at * 4)


@fn
def verify(area: Area) -> bool:
    """Compare all of it; note the number of changed words and the first one's place. Return whether it is whole."""
    # SAFETY: as in `fill`.
    words = pointer(u32, area.start)
    area.changed = 0
    for at in u32.range(area.words, bound=_MOST_WORDS):
        if words[at] != pattern(area.start + at * 4):
            if area.changed == 0:
                area.first_changed = area.start + at * 4
            area.changed += 1
    return area.changed == 0


@fn
def put_filled(line: Line, area: Area) -> None:
    """Append the size of the watched memory."""
    put_text(line, text("filled "))
    put_decimal(line, area.words // 256, 0)
    put_text(line, text(" KiB from "))
    put_hex(line, u32(area.start))


@fn
def put_verdict(line: Line, area: Area) -> None:
    """Append the result of the last check."""
    if area.changed == 0:
        put_text(line, text("memory intact"))
        return
    put_text(line, text("memory changed: "))
    put_decimal(line, area.changed, 0)
    put_text(line, text(" words, first at "))
    put_hex(line, u32(area.first_changed))
