# SPDX-License-Identifier: Apache-2.0
"""Every description in `rejected/` is refused with just the text beside it; every one in `accepted/` is planned."""

import os
from pathlib import Path

import pytest

from ovm.system.build import checked
from ovm.system.problems import DescriptionError

HERE = Path(__file__).parent
REJECTED = sorted((HERE / "rejected").glob("*.toml"))
ACCEPTED = sorted((HERE / "accepted").glob("*.toml"))
BOARDS = {"overlap", "uart", "values"}
DESCRIPTIONS = [file for file in REJECTED if file.stem not in BOARDS]


def text_of(file: Path) -> str:
    with pytest.raises(DescriptionError) as caught:
        checked(Path(file.name))
    return str(caught.value) + "\n"


@pytest.mark.parametrize("file", DESCRIPTIONS, ids=lambda file: file.stem)
def test_rejected_with_exact_text(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    text = text_of(file)
    expected = file.with_suffix(".txt")
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(text)
    assert text == expected.read_text()


@pytest.mark.parametrize("file", DESCRIPTIONS, ids=lambda file: file.stem)
def test_names_code_place_and_fix(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    with pytest.raises(DescriptionError) as caught:
        checked(Path(file.name))
    for each in caught.value.diagnostics:
        assert each.code.startswith("S1")
        assert each.fix
        assert each.line > 0
        assert each.source == Path(each.file).read_text().split("\n")[each.line - 1]
        assert 1 <= each.column <= len(each.source) + 1


@pytest.mark.parametrize("file", ACCEPTED, ids=lambda file: file.stem)
def test_accepted(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    system, plan = checked(Path(file.name))
    assert [place.guest.name for place in plan.guests] == [guest.name for guest in system.guests]


def test_four_rejected_for_one_accepted() -> None:
    assert len(DESCRIPTIONS) >= 4 * len(ACCEPTED)


def test_unreadable_description() -> None:
    with pytest.raises(DescriptionError) as caught:
        checked(Path("no-such.toml"))
    assert str(caught.value) == (
        "error[S100]: no-such.toml: cannot read the description: No such file or directory\n"
        "  fix:      give the path of a TOML file"
    )


def test_not_text(tmp_path: Path) -> None:
    file = tmp_path / "bytes.toml"
    file.write_bytes(b"[system]\n\xff\xfe")
    with pytest.raises(DescriptionError, match="not UTF-8 text: byte 9 is 0xff"):
        checked(file)
