# SPDX-License-Identifier: Apache-2.0
"""Tests of what messages show of others' text: nothing that a terminal acts on, and marks below what they mean."""

from hypothesis import given
from hypothesis import strategies as st

from ovm.metal.shown import plain, source_and_mark


@given(st.text())
def test_nothing_reaches_a_terminal_raw(text: str) -> None:
    assert plain(text, "").isprintable() or plain(text, "") == ""
    line, mark = source_and_mark(text.replace("\n", ""), 1 + len(text) // 2, 3)
    assert line.isprintable() and set(mark) <= {" ", "^"}


def test_escapes_and_length() -> None:
    assert plain("\x1b[31m\u202e\ud800\n") == "\\x1b[31m\\u202e\\ud800\n"
    assert plain("x" * 5000).endswith("x... (1000 more characters)")


def test_marks_stand_below_what_they_mean() -> None:
    assert source_and_mark("\tlimit\t= 5", 10, 1) == ("    limit   = 5", "              ^")
    assert source_and_mark("日本 = x", 6, 1) == ("日本 = x", "       ^")
    assert source_and_mark("\x1b = x", 5, 1) == ("\\x1b = x", "       ^")
    line, mark = source_and_mark("x" * 1000 + "here" + "y" * 1000, 1001, 4)
    assert line[mark.index("^") : mark.rindex("^") + 1] == "here" and len(line) < 180
