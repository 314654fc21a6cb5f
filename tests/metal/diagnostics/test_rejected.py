# SPDX-License-Identifier: Apache-2.0
"""Every rule refuses what it should, in exactly these words; and right programs pass.

A program `rejected/NAME.py` has its text in `rejected/NAME.txt`; a name that begins with a code promises that code.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ovm.metal.catalogue import catalogue
from ovm.metal.diagnostics import MetalError
from ovm.metal.rules import RULES
from tests.metal.diagnostics.programs import compile_file

HERE = Path(__file__).parent
REJECTED = sorted((HERE / "rejected").glob("*.py"))
ACCEPTED = sorted((HERE / "accepted").glob("*.py"))


@pytest.mark.parametrize("path", REJECTED, ids=[path.stem for path in REJECTED])
def test_a_wrong_program_is_refused_in_these_words(path: Path, compare_golden: Callable[[Path, str], None]) -> None:
    with pytest.raises(MetalError) as caught:
        compile_file(path)
    promised = re.match(r"m\d{3}", path.stem)
    if promised:
        assert [found.code for found in caught.value.diagnostics] == [promised[0].upper()]
    compare_golden(path.with_suffix(".txt"), f"{caught.value}\n")


@pytest.mark.parametrize("path", ACCEPTED, ids=[path.stem for path in ACCEPTED])
@pytest.mark.parametrize("checked", [False, True])
def test_a_right_program_passes(path: Path, checked: bool) -> None:
    assert compile_file(path, "arm", checked=checked).functions
    assert compile_file(path, "host", checked=checked).functions


def test_every_rule_has_a_program_that_breaks_it() -> None:
    broken = {path.stem[:4].upper() for path in REJECTED}
    assert set(RULES) - broken == set()


def test_four_programs_are_refused_for_one_that_passes() -> None:
    assert len(REJECTED) >= 4 * len(ACCEPTED) > 0


def test_the_page_of_errors_is_current(repository: Path) -> None:
    assert (repository / "docs" / "reference" / "metal-errors.md").read_text() == catalogue()
