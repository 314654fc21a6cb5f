# SPDX-License-Identifier: Apache-2.0
"""A whole system: OVM with three guests on both cores."""

import re
from pathlib import Path

import pytest

from ovm.board.api import Board
from ovm.system.build import build

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def image() -> bytes:
    return bytes(build(ROOT / "systems" / "mixed.toml", lambda step: None, board="zc702").boot)


def run(image: bytes, cycles: int, **model: int) -> tuple[Board, str]:
    board, console = Board(model), bytearray()
    board.on_console(lambda uart, data: console.extend(data))
    board.start(board.load(image))
    board.run(cycles=cycles)
    return board, console.decode()


def test_short_cuts_change_nothing(image: bytes) -> None:
    outcomes = []
    for long_way in (0, 1):
        board, console = run(image, 12_000_000, long_way=long_way)
        cores = [(core.registers, core.pc, core.cpsr, core.cycles, core.instructions, core.counts) for core in board.cores]
        outcomes.append((console, cores))
    assert outcomes[0] == outcomes[1]
    assert all(core[4] > 10_000 for core in outcomes[0][1])


def test_prints_the_same_with_stale_lines(image: bytes) -> None:
    """Figures apart, since times may differ. Maintenance that is missing shows only if no eviction does its work."""
    plain = re.sub(r"[0-9]+", "0", run(image, 150_000_000)[1])
    assert plain.count("\n") > 4
    assert re.sub(r"[0-9]+", "0", run(image, 150_000_000, stale_lines=1)[1]) == plain
