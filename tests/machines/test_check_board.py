# SPDX-License-Identifier: Apache-2.0
"""A board file whose parameters the virtual board can't have is refused with the place of each."""

from pathlib import Path

import pytest

from ovm.machines.board_file import check_board
from ovm.system.boards import load_board
from ovm.system.problems import DescriptionError

ZC702 = Path(__file__).parents[2] / "boards" / "zc702.toml"
CHANGES = {
    "level2_hit = 21": "level2_hti = 21",
    "micro_tlb_entries = 32": "micro_tlb_entries = 0",
    "quantum = 2000": "quantum = 0",
    "blocks = 1": "blocks = 2",
}


def test_each_wrong_parameter_with_its_place(tmp_path: Path) -> None:
    text = ZC702.read_text()
    for before, after in CHANGES.items():
        text = text.replace(f"\n{before}\n", f"\n{after}\n")
    (tmp_path / "b.toml").write_text(text)
    with pytest.raises(DescriptionError) as caught:
        check_board(load_board(tmp_path / "b.toml"))
    assert [(each.code, each.source) for each in caught.value.diagnostics] == [
        ("R200", "level2_hti = 21"), ("R201", "micro_tlb_entries = 0"), ("R201", "blocks = 2"), ("R201", "quantum = 0"),
    ]  # fmt: skip
    assert all(each.fix and each.line > 0 for each in caught.value.diagnostics)


def test_the_boards_that_come_with_ovm() -> None:
    for file in ZC702.parent.glob("*.toml"):
        check_board(load_board(file))
