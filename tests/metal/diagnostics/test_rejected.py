# SPDX-License-Identifier: Apache-2.0
"""Every rule refuses what it should, in exactly these words; and right programs pass.

The programs are in `rejected/`, many in a file (`tests/refused.py`); a name that begins with a code promises that code.
"""

import re
from pathlib import Path

import pytest

from ovm.metal.catalogue import catalogue
from ovm.metal.diagnostics import MetalError
from ovm.metal.rules import RULES
from tests.expected import compare_file
from tests.metal.diagnostics.programs import compile_file
from tests.refused import Case, cases_below

HERE = Path(__file__).parent
REJECTED = cases_below(HERE / "rejected")
ACCEPTED = sorted((HERE / "accepted").glob("*.py"))


@pytest.mark.parametrize("case", REJECTED, ids=[case.name for case in REJECTED])
def test_a_wrong_program_is_refused_in_these_words(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"{case.name}.py"
    path.write_text(case.given)
    with pytest.raises(MetalError) as caught:
        compile_file(path)
    promised = re.match(r"m\d{3}", case.name)
    if promised:
        assert [found.code for found in caught.value.diagnostics] == [promised[0].upper()]
    case.compare(f"{caught.value}\n")


@pytest.mark.parametrize("path", ACCEPTED, ids=[path.stem for path in ACCEPTED])
@pytest.mark.parametrize("checked", [False, True])
def test_a_right_program_passes(path: Path, checked: bool) -> None:
    assert compile_file(path, "arm", checked=checked).functions
    assert compile_file(path, "host", checked=checked).functions


def test_every_rule_has_a_program_that_breaks_it() -> None:
    broken = {case.name[:4].upper() for case in REJECTED}
    assert set(RULES) - broken == set()


def test_four_programs_are_refused_for_one_that_passes() -> None:
    assert len(REJECTED) >= 4 * len(ACCEPTED) > 0


def test_the_page_of_errors_is_current(repository: Path) -> None:
    compare_file(repository / "docs" / "reference" / "metal-errors.md", catalogue())
