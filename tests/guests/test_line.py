# SPDX-License-Identifier: Apache-2.0
"""Lines of text, against Python's own formatting."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.guests.lib.line import (
    LINE_BYTES,
    Line,
    end_line,
    put_character,
    put_decimal,
    put_fraction,
    put_hex,
    put_text,
)
from ovm.metal import fn, text, u8, u32
from ovm.metal.simulate import simulate

WORDS = st.integers(0, 0xFFFF_FFFF)


def written(line: Line) -> str:
    return bytes(int(line.bytes[index]) for index in range(int(line.used))).decode()


@fn
def put_all(line: Line, value: u32, width: u32) -> None:
    put_text(line, text("<"))
    put_decimal(line, value, width)
    put_text(line, text("|"))
    put_hex(line, value)
    put_text(line, text("|"))
    put_fraction(line, value)
    put_text(line, text(">"))


@settings(deadline=None)
@given(WORDS, st.integers(0, 20))
def test_numbers_are_as_python_writes_them(value: int, width: int) -> None:
    with simulate():
        line = Line()
        put_all(line, u32(value), u32(width))
        assert written(line) == f"<{value:{width}}|{value:#010x}|{value // 1000}.{value % 1000:03}>"


@settings(deadline=None)
@given(st.integers(0, 200))
def test_a_line_is_cut_and_still_ends(length: int) -> None:
    with simulate():
        line = Line()
        for _ in range(length):
            put_character(line, u8(0x78))
        end_line(line)
        assert written(line) == "x" * min(length, LINE_BYTES - 1) + "\n"
