# SPDX-License-Identifier: Apache-2.0
"""The table of lines that hit: what proves, with one comparison, that an access needs no model of anything.

A hit says that the data micro-TLB holds the page with the rights that the access needs, that L1 holds the line (dirty,
for a write), and where in the simulator the bytes are. It is exact because no replacement here changes its state on a
hit. Whatever ends one of these facts drops the lines concerned.
"""

from typing import Final

from ovm.metal import Struct, array, fn, static, u32

LINE_COUNT: Final = 1024
LINE_SHIFT: Final = 5
NO_LINE: Final = 0x10  # a tag never has bit 4


class Line(Struct):
    """One line of 32 bytes. `addend` leads from its virtual address to the simulator's."""

    read: u32
    write: u32
    addend: u32
    spare: u32


LINES = static(array(Line, LINE_COUNT), align=64)


@fn
def drop_lines() -> None:
    """Forget every line of the core that runs."""
    for index in u32.range(LINE_COUNT):
        LINES[index].read = u32(NO_LINE)
        LINES[index].write = u32(NO_LINE)


@fn
def drop_data_entry(entry: u32) -> None:
    """Forget the lines that one entry of the data micro-TLB allowed."""
    drop_lines()


@fn
def drop_pages() -> None:
    """Forget which pages may be fetched from without asking the instruction micro-TLB."""


@fn
def drop_fetch_entry(entry: u32) -> None:
    """Forget the pages that one entry of the instruction micro-TLB allowed."""
    drop_pages()
