# SPDX-License-Identifier: Apache-2.0
"""Why the machine stops, where two reasons meet."""

from pathlib import Path

import pytest

from board.api.test_replay import MIXING
from board.devices.test_machine import ENTRY, WAKING, build, started
from ovm.board.api import Board
from ovm.board.events import RING_EVENTS, RING_RESERVE

WFI = 0xE320_F003


@pytest.fixture(scope="module")
def board() -> Board:
    return Board()


def test_a_step_over_a_wait_ends_when_the_core_wakes(board: Board, tmp_path: Path) -> None:
    started(board, build(tmp_path, WAKING))
    core = board.cores[0]
    while int.from_bytes(board.read(core.pc, 4), "little") != WFI:
        assert board.step().reason == "step"
    place, begun = core.pc, core.cycles
    stop = board.step()
    assert (stop.reason, stop.core, stop.pc) == ("step", 0, place + 4)
    assert core.cycles - begun > 90_000  # the timer's 50,000 ticks


def test_a_ring_that_fills_between_runs_stops_nobody(board: Board) -> None:
    board.reset()
    board.write(0x20_0000, 0xEAFF_FFFE.to_bytes(4, "little"))
    board.start(0x20_0000)
    heard: list[int] = []
    handle = board.subscribe(["mark"], lambda event: heard.append(event.first))
    marks = RING_EVENTS - RING_RESERVE + 2
    for number in range(marks):
        board.call("api.entry.mark", number, 0)
    stop = board.run(cycles=20_000)
    board.unsubscribe(handle)
    assert (stop.reason, heard) == ("budget", list(range(marks)))


@pytest.mark.parametrize("place", [0x38, 0x40, 0xC4, 0xCC, 0xE0], ids=hex)
def test_stops_move_no_slice(board: Board, tmp_path: Path, place: int) -> None:  # where a fetch takes a core to a slice's end
    image = build(tmp_path, MIXING)
    ends = []
    for stops in (False, True):
        started(board, image)
        if stops:
            handle = board.breakpoints.add(ENTRY + place)
            while board.now < 150_000:
                stop = board.run(cycles=150_000 - board.now)
                board.call("debug_steps.pass_breakpoint", stop.core, stop.pc)
            board.breakpoints.remove(handle)
        else:
            board.run(cycles=150_000)
        board.run(cycles=160_000 - board.now)
        ends.append((board.now, [(core.registers, core.cycles, core.instructions) for core in board.cores], board.counts(1)))
    assert ends[0] == ends[1]
