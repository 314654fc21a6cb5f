# SPDX-License-Identifier: Apache-2.0
"""Descriptions and boards spoilt at random end in a plan or in diagnostics, never in another exception."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovm.system.boards import load_board
from ovm.system.build import checked
from ovm.system.problems import DescriptionError

ROOT = Path(__file__).parents[2]
SYSTEMS = [file.read_text() for file in sorted((ROOT / "systems").glob("*.toml"))]
BOARDS = [file.read_text() for file in sorted((ROOT / "boards").glob("*.toml"))]
VALUES = (
    "0", "1", "-1", "3", "4096", "5000", "0x7FFF_FFFF_FFFF_FFFF", "1e9", "nan", "true", "[]", "[1]", "{}", "{ min = 1 }",
    "1979-05-27", '["uart1"]', '""', '"hrt"', '"1MiB"', '"16MiB"', '"999GiB"', '"\\u0000"', '"ä"', '"."', '"/"', '"metal:"',
    '"metal:.x"', '"package:"',
)  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, texts: list[str]) -> str:
    lines = draw(st.sampled_from(texts)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, draw(st.sampled_from(lines)))
            case 2 if "=" in lines[at]:
                lines[at] = f"{lines[at].partition('=')[0]}= {draw(st.sampled_from(VALUES))}"
            case 3 if lines[at]:
                column = draw(st.integers(0, len(lines[at]) - 1))
                lines[at] = lines[at][:column] + draw(st.sampled_from("[]{}\"'=.,#x9 \t\\")) + lines[at][column + 1 :]
            case _:
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
        if not lines:
            lines = [""]
    return "\n".join(lines)


def shown_well(error: DescriptionError, file: str) -> None:
    text = str(error)
    assert error.diagnostics
    for each in error.diagnostics:
        assert each.code.startswith("S1")
        assert each.file
        assert each.line <= 1 or each.file != file or each.column >= 1
    assert "  fix:" in text


@settings(max_examples=400, deadline=None)
@given(text=spoilt(SYSTEMS))
def test_spoilt_descriptions(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "systems"
    folder.mkdir(exist_ok=True)
    (folder / "t.toml").write_text(text)
    try:
        _, plan = checked(folder / "t.toml", "t.toml")
    except DescriptionError as error:
        shown_well(error, "t.toml")
    else:
        assert plan.guests


@settings(max_examples=200, deadline=None)
@given(text=spoilt(BOARDS))
def test_spoilt_boards(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "board.toml"
    file.write_text(text)
    try:
        board = load_board(file, "board.toml")
    except DescriptionError as error:
        shown_well(error, "board.toml")
    else:
        assert board.ram.length
