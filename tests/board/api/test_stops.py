# SPDX-License-Identifier: Apache-2.0
"""Tests of why the machine stops, where two reasons meet."""

from pathlib import Path

import pytest

from ovm.board.api import Board
from ovm.board.events import RING_EVENTS, RING_RESERVE
from tests.board.api.test_replay import MIXING
from tests.board.devices.test_machine import ENTRY, WAKING, build, started

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
            while board.run_to(150_000).reason == "breakpoint":
                assert board.now < 150_000
            board.breakpoints.remove(handle)
        else:
            board.run(cycles=150_000)
        board.run_to(160_000)
        ends.append((board.now, [(core.registers, core.cycles, core.instructions) for core in board.cores], board.counts(1)))
    assert ends[0] == ends[1]


COUNT = ENTRY + 4  # mov r0, #0; 1: add r0, r0, #1; add r1, r1, #1; add r1, r1, #1; add r1, r1, #1; b 1b
COUNTING = b"".join(word.to_bytes(4, "little") for word in (0xE3A0_0000, 0xE280_0001, *[0xE281_1001] * 3, 0xEAFF_FFFA))


def counting(board: Board) -> Board:
    """Core 0 counts in r0 at COUNT, core 1 waits."""
    started(board, COUNTING)
    return board


def test_a_run_goes_on_from_a_breakpoint(board: Board) -> None:
    counting(board)
    number = board.breakpoints.add(COUNT)
    cycles = []
    for turn in range(5):
        stop = board.run(cycles=100_000)
        assert (stop.reason, stop.pc, board.cores[0].get("r0")) == ("breakpoint", COUNT, turn)
        assert stop.cycle == board.cores[0].cycles == board.now
        cycles.append(stop.cycle)
    assert cycles == sorted(set(cycles))
    board.breakpoints.remove(number)


@pytest.mark.parametrize("how", ["added there", "set there", "restored there"])
def test_a_breakpoint_where_a_core_stands_otherwise_stops_it(board: Board, how: str) -> None:
    counting(board)
    number = board.breakpoints.add(COUNT)
    assert board.run(cycles=100_000).reason == "breakpoint"
    if how == "added there":
        board.breakpoints.remove(number)
        number = board.breakpoints.add(COUNT)
    elif how == "set there":
        board.cores[0].set("pc", COUNT)
    else:
        board.restore(board.snapshot())
    instructions = board.cores[0].instructions
    assert board.run(cycles=100_000).reason == "breakpoint"
    assert board.cores[0].instructions == instructions
    board.breakpoints.remove(number)


def test_steps_over_and_onto_breakpoints(board: Board) -> None:
    counting(board)
    numbers = [board.breakpoints.add(COUNT), board.breakpoints.add(COUNT + 4)]
    assert board.run(cycles=100_000).pc == COUNT
    for place in (4, 8, 12, 16, 0, 4):
        stop = board.step()
        assert (stop.reason, stop.pc, stop.cycle) == ("step", COUNT + place, board.cores[0].cycles)
    assert board.run(cycles=100_000).pc == COUNT
    assert board.cores[0].get("r0") == 2
    for number in numbers:
        board.breakpoints.remove(number)


def test_budgets_count_from_a_breakpoint(board: Board) -> None:
    counting(board)
    board.run(cycles=5_000)
    number = board.breakpoints.add(COUNT)
    stop = board.run(cycles=2_000_000)
    board.breakpoints.remove(number)
    assert stop.reason == "breakpoint"
    assert board.run(cycles=1_000).cycle >= stop.cycle + 1_000
    assert stop.cycle + 1_000 <= board.now < stop.cycle + 1_100


def test_a_step_of_a_core_that_never_wakes_ends(board: Board) -> None:
    started(board, WFI.to_bytes(4, "little"))
    stop = board.step(cycles=500_000)
    assert (stop.reason, stop.core) == ("asleep", 0)
    counting(board).run(cycles=5_000)
    stop = board.step(1, cycles=500_000)
    assert (stop.reason, stop.core) == ("asleep", 1)
    assert board.now >= 500_000 and board.run(cycles=1000).reason == "budget"
