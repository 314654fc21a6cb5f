# SPDX-License-Identifier: Apache-2.0
"""Blocks change nothing but speed: state, cycles, counters, consoles and events are those of the interpreter."""

from pathlib import Path

import pytest

from ovm.board.api import Board
from ovm.board.arena.place import ARENA, Blocks
from ovm.board.parameters import Parameters
from ovm.system.build import build

ROOT = Path(__file__).parents[3]
KINDS = ("exception", "return", "walk", "tlb_fill", "interrupt", "acknowledge", "hypercall", "context")
STRETCH = 1_700_003


@pytest.fixture(scope="module")
def boards() -> tuple[Board, Board]:
    return Board({"blocks": 0}), Board({"blocks": 1})


def used(board: Board) -> int:
    return board.static("arena.place.BLOCKS", Blocks).get("used")


def state_of(board: Board) -> str:
    """Return the hash of a machine, apart from what it was asked for."""
    parameters = board.static("parameters.PARAMETERS", Parameters)
    wanted = parameters.get("blocks")
    parameters.set(0, "blocks")
    found = board.state_hash()
    parameters.set(wanted, "blocks")
    return found


def history(board: Board, image: bytes, stretches: int) -> list[object]:
    """Return what happens to a system, stretch by stretch."""
    seen: list[object] = []
    console = bytearray()
    board.reset()
    board.on_console(lambda uart, data: console.extend(data))
    board.subscribe(KINDS, lambda event: seen.append(event))
    board.start(board.load(image))
    most = 0
    for _ in range(stretches):
        board.run(cycles=STRETCH)
        most = max(most, used(board))
        cores = [(core.cycles, core.instructions, core.pc, core.registers, core.cpsr, core.counts) for core in board.cores]
        seen.append(cores)
        seen.append(state_of(board))
    seen.append((bytes(console), most > ARENA))
    return seen


@pytest.mark.parametrize("system", ["mixed", "two-srt", "lockdown"])
def test_a_whole_system(boards: tuple[Board, Board], system: str) -> None:
    image = bytes(build(ROOT / "systems" / f"{system}.toml", lambda step: None, board="zc702").boot)
    plain, fast = (history(board, image, 12) for board in boards)
    assert not plain[-1][1] and fast[-1][1]
    assert plain[-1][0] == fast[-1][0]
    for index, (one, other) in enumerate(zip(plain[:-1], fast[:-1], strict=False)):
        assert one == other, f"the {index}th"
    assert len(plain) == len(fast) > 100
