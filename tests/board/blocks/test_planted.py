# SPDX-License-Identifier: Apache-2.0
"""Errors planted in blocks, each of which a named test must notice."""

from collections.abc import Iterator

import pytest

from tests.board.mutating import Planted

ALL = "blocks/test_branches.py::test_all_is_as_without[0-a32]"
BLOCKS = "blocks/test_branches.py::test_all_is_as_without[0-t32]"
LISTS = "blocks/test_several.py::test_all_is_as_without[ldm-4-a32]"
FLOATING = "blocks/test_floating.py::test_all_is_as_without[0-a32]"
LINES = "blocks/test_lines.py"
RANDOM = "blocks/test_random.py::test_programs[t32]"
PROGRAMS = "blocks/test_random.py::test_programs[a32]"
SLICES = "blocks/test_branches.py::test_runs_end_where_they_do_without[8-a32]"
MUTATIONS = {
    "a misprediction that the limit does not see": (
        "blocks/prediction.py",
        "both_wide(x86.ADD, R14, EAX)",
        "both_wide(u32(x86.ADD), u32(EDX), u32(EAX))",
        SLICES,
    ),
    "time gone on with after a misprediction": (
        "blocks/exits.py",
        "link(jump_if(IF_LESS), back)",
        "jump_to(back)",
        SLICES,
    ),
    "returns of any target": (
        "blocks/branches.py",
        "        compare_return()\n        _predicted()\n",
        "        _predicted()\n",
        ALL,
    ),
    "branches passed over that the predictor does not hear of": (
        "blocks/make.py",
        "PASS_BRANCH if",
        "u32(PASS_OVER) if",
        ALL,
    ),
    "an IT block that ends with its line": ("blocks/exits.py", "if PROGRESS.it == 0:", "if PROGRESS.it < 256:", RANDOM),
    "a list's last line not looked at": ("blocks/several.py", "first + size - 4)", "first)", LISTS),
    "a second line not looked at": ("blocks/exits.py", "put(CARE_FETCH)", "put(u32(0))", LINES),
    "a page entered that counts as an instruction": (
        "blocks/run.py",
        "CPU.uncounted += 1\n        return goto_page",
        "return goto_page",
        BLOCKS,
    ),
    "extension registers that are not enabled": (
        "blocks/floating.py",
        "_is(CPACR, CPACR_ACCESS, CPACR_FULL)",
        "_is(u32(CPACR), u32(0), u32(0))",
        FLOATING,
    ),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with Planted(tmp_path_factory.mktemp("planted"), MUTATIONS) as made:
        yield made


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_named_test_fails(name: str, planted: Planted) -> None:
    planted.check_that_its_test_fails(name)
