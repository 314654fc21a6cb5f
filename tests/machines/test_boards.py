# SPDX-License-Identifier: Apache-2.0
"""Guests of `mixed` on the boards that the virtual board can be: a ZC702, another Zynq-7000, and one with one core.

A short run of them: `pulse` and `tick` go on for ever, and no deadline may be missed in the time that the run has.
"""

from pathlib import Path

import pytest

from ovm.machines import machines
from ovm.machines.running import RunOptions
from ovm.system.archive import Archive
from ovm.system.build import build

SYSTEM = """
[system]
name = "short"
seconds = 0.2
board = "{board}"
"""
PULSE = """
[[guest]]
name = "pulse"
level = "hrt"
image = "metal:ovm.guests.pulse"
memory = "1MiB"
"""
BELOW = """
[[guest]]
name = "tick"
level = "srt"
image = "metal:ovm.guests.tick"
memory = "1MiB"
budget_us = 400
period_us = 1000
[[guest]]
name = "desk"
level = "nrt"
image = "metal:ovm.guests.desk"
memory = "16MiB"
limit = "8MiB"
"""


def made(folder: Path, board: str, text: str) -> tuple[machines.Choice, Archive]:
    file = folder / "short.toml"
    file.write_text(SYSTEM.format(board=board) + text)
    return machines.choose(file), build(file, lambda step: None)


@pytest.mark.parametrize(("board", "hz"), [("zc702", 666_666_667), ("pynq-z2", 650_000_000), ("minized", 666_666_667)])
def test_mixed_runs_on_it(board: str, hz: int, tmp_path: Path) -> None:
    chosen, archive = made(tmp_path, board, BELOW if board == "minized" else PULSE + BELOW)
    seen = {}

    def look(machine: object) -> str:
        seen["board"] = machine.board  # type: ignore[attr-defined]
        return ""

    result = chosen.prepare(lambda step: None)(archive, lambda event: None, RunOptions(drive=look))
    assert result.ended and result.failures == []
    assert result.timer_hz == hz // 2
    assert seen["board"].hz == hz and len(seen["board"].cores) == chosen.system.board.cpus
    # What guests measure by OVM's clock is what the board's clock says.
    assert result.ticks / result.timer_hz == pytest.approx(0.2, rel=0.02)
    assert result.guests["tick"].console[0].startswith("tick: 6 tasks, ")
    assert result.guests["desk"].console[0] == "desk: MMU on, 4 processes"
    if board != "minized":
        assert result.guests["pulse"].console[0].startswith("pulse: every 1000 us")
    assert len(result.cpus) == chosen.system.board.cpus


def test_ram_that_a_board_has_not_is_not_planned(tmp_path: Path) -> None:
    for board, top in (("zc702", 1 << 30), ("pynq-z2", 512 << 20)):
        _, archive = made(tmp_path, board, BELOW)
        assert max(each.ram_phys + each.guest.memory for each in archive.plan.guests) <= top
        assert archive.plan.pool.end <= top
