# SPDX-License-Identifier: Apache-2.0
"""The locator finds every key and value where `tomllib` read it."""

import datetime
import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.system.locate import Path, Positions, Span, locate

SAMPLE = '''# A comment with = and [
title = "a \\" quote # not a comment"
"quoted key".'literal' = 1
[a.b] # a table
list = [1, [2, 3], # inner
  { x = 4, y = "]" },
]
text = """two
lines "" \\\\"""
raw = \'\'\'it's
raw\'\'\'
when = 1979-05-27 07:32:00Z
[[a.items]]
n = 0x10
[[a.items]]
n = -1.5e3
[a.items.deep]
m = true
'''


def flatten(value: Any, path: Path = ()) -> dict[Path, Any]:
    found: dict[Path, Any] = {path: value} if path else {}
    if isinstance(value, dict):
        for key, item in value.items():
            found |= flatten(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found |= flatten(item, (*path, index))
    return found


def written(text: str, span: Span) -> str:
    return text.split("\n")[span.line - 1][span.column - 1 : span.column - 1 + span.length]


def check_scalars(text: str, positions: Positions, values: dict[Path, Any]) -> int:
    count = 0
    for path, value in values.items():
        if isinstance(value, bool | int | float | datetime.datetime | str):
            piece = written(text, positions.values[path])
            if piece[:3] in ('"""', "'''"):
                continue  # its span is that of its first line
            assert tomllib.loads(f"v = {piece}")["v"] == value
            count += 1
    return count


def test_sample() -> None:
    positions = locate(SAMPLE)
    values = flatten(tomllib.loads(SAMPLE))
    assert check_scalars(SAMPLE, positions, values) == 11
    assert positions.values[("a", "items", 1)] == Span(15, 1, 11)
    assert positions.keys[("a", "b", "list")] == Span(5, 1, 4)
    assert positions.values[("a", "b", "list")] == Span(5, 8, 19)
    assert positions.values[("a", "b", "text")] == Span(8, 8, 6)


KEYS = st.text("abz-_09", min_size=1, max_size=5)
SCALARS = st.one_of(
    st.integers(-(1 << 40), 1 << 40).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.text("ab #[]{}=.,'", max_size=8).map(lambda text: f'"{text}"'),
    st.text('ab #[]{}=.,"', max_size=8).map(lambda text: f"'{text}'"),
    st.text("ab\n #[]='", max_size=8).map(lambda text: f'"""{text}"""'),
)
BLANK = st.sampled_from(["", " ", "\t", "  "])
GAP = st.sampled_from(["", " ", "\n", " # note ]\n", "\n\n  "])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.tuples(st.lists(inner, max_size=3), GAP).map(lambda both: f"[{both[1]}{(',' + both[1]).join(both[0])}{both[1]}]"),
        st.dictionaries(KEYS, inner.filter(lambda text: "\n" not in text), max_size=3).map(
            lambda table: "{ " + ", ".join(f"{key} = {value}" for key, value in table.items()) + " }"
        ),
    ),
    max_leaves=8,
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = []
    for index in range(draw(st.integers(0, 3))):
        if index or draw(st.booleans()):
            name = f"t{draw(st.integers(0, 1))}"
            lines.append(f"[[{name}]]" if name == "t0" else f"[{name}.x{index}]")
        for key, value in draw(st.dictionaries(KEYS, VALUES, max_size=4)).items():
            lines.append(f"{draw(BLANK)}{key}{draw(BLANK)}={draw(BLANK)}{value}{draw(BLANK)}")
        lines += draw(st.sampled_from([[], [""], ["# [comment] = 1"]]))
    return "\n".join(lines) + "\n"


@settings(max_examples=300, deadline=None)
@given(documents())
def test_every_value_of_any_document(text: str) -> None:
    try:
        values = flatten(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return
    positions = locate(text)
    check_scalars(text, positions, values)
    assert set(values) <= set(positions.values) | set(positions.keys) | {("t0",), ("t1",)}
