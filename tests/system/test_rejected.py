# SPDX-License-Identifier: Apache-2.0
"""Every description in `rejected/` is refused with just the text behind it; every one in `accepted/` is planned.

The descriptions are many in a file (`tests/refused.py`); what they name lies in `rejected/beside/`.
"""

import shutil
from pathlib import Path

import pytest

from ovm.system.build import checked
from ovm.system.problems import DescriptionError
from tests.refused import Case, cases_below

HERE = Path(__file__).parent
REJECTED = cases_below(HERE / "rejected")
ACCEPTED = sorted((HERE / "accepted").glob("*.toml"))
by_case = pytest.mark.parametrize("case", REJECTED, ids=lambda case: case.name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where a description is written: a folder with what the descriptions name."""
    made = Path(shutil.copytree(HERE / "rejected" / "beside", tmp_path / "description"))
    monkeypatch.chdir(made)
    return made


def refusal_of(case: Case, folder: Path) -> DescriptionError:
    file = folder / f"{case.name}.toml"
    file.write_bytes(case.given.encode())
    with pytest.raises(DescriptionError) as caught:
        checked(Path(file.name))
    return caught.value


@by_case
def test_rejected_with_exact_text(case: Case, folder: Path) -> None:
    case.compare(f"{refusal_of(case, folder)}\n")


@by_case
def test_names_code_place_and_fix(case: Case, folder: Path) -> None:
    for each in refusal_of(case, folder).diagnostics:
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
    assert len(REJECTED) >= 4 * len(ACCEPTED)


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
