# SPDX-License-Identifier: Apache-2.0
"""Snapshots, hashes and recordings: the machine's future follows from its state and its inputs alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ovm.board.api import Board, BoardError, Stop
from ovm.board.api.events import Event
from ovm.system.build import build

ROOT = Path(__file__).parents[3]
STRETCH = 3_000_000
STEPS = 3000


@pytest.fixture(scope="module")
def image() -> bytes:
    return build(ROOT / "systems" / "two-srt.toml", lambda step: None, board="zc702").boot


@pytest.fixture(scope="module")
def shared() -> Board:
    return Board()


@pytest.fixture
def board(shared: Board, image: bytes) -> Board:
    """Both cores and several guests at work."""
    shared.reset()
    shared.start(shared.load(image))
    shared.run(cycles=4 * STRETCH)
    return shared


def facts(board: Board) -> tuple[object, ...]:
    counts = tuple(tuple(board.counts(core).items()) for core in (0, 1))
    return (board.state_hash(), board.now, counts, tuple((core.cycles, core.instructions) for core in board.cores))


def test_the_future_of_a_snapshot_is_always_the_same(board: Board) -> None:
    kept = board.snapshot()
    before = facts(board)
    board.run(cycles=STRETCH)
    first = facts(board)
    board.restore(kept)
    assert facts(board) == before
    board.run(cycles=STRETCH)
    assert facts(board) == first != before


def test_how_a_run_is_cut_changes_nothing(board: Board) -> None:
    kept = board.snapshot()
    end = (board.now // STRETCH + 3) * STRETCH
    board.run(cycles=end - board.now)
    whole = facts(board)
    board.restore(kept)
    while board.now < end:
        board.run(cycles=min(77_777, end - board.now))
        board.cores[1].get("cpsr")
        board.state_hash()
    assert facts(board) == whole


def test_subscribers_change_nothing(board: Board) -> None:
    kept = board.snapshot()
    board.run(cycles=STRETCH)
    alone = facts(board)
    board.restore(kept)
    heard = []
    subscription = board.subscribe(("exception", "walk", "interrupt"), heard.append)
    board.run(cycles=STRETCH)
    board.unsubscribe(subscription)
    assert facts(board) == alone
    assert len(heard) > 100


def test_a_trace_changes_nothing(board: Board) -> None:
    kept = board.snapshot()
    board.run(cycles=STRETCH)
    alone = facts(board)
    executed = [core.instructions for core in board.cores]
    board.restore(kept)
    before = [core.instructions for core in board.cores]
    heard: list[Event] = []
    subscription = board.subscribe(["instruction"], heard.append)
    board.trace(range(1 << 32))
    board.run(cycles=STRETCH)
    assert facts(board) == alone
    board.trace(range(0))
    board.unsubscribe(subscription)
    assert facts(board) == alone
    # The last one hasn't been told yet.
    assert 0 <= executed[0] - before[0] - len(heard) <= 1
    assert len(heard) > 10_000


def test_a_trace_is_what_steps_go_through(board: Board) -> None:
    kept = board.snapshot()
    stepped, modes = [], set()
    for _ in range(STEPS):
        stepped.append(board.cores[0].pc)
        modes.add(board.cores[0].mode)
        assert board.step(0).reason == "step"
    board.restore(kept)
    heard: list[Event] = []
    board.subscribe(["instruction"], heard.append)
    board.trace(range(0x10_0000, 0x12_0000))
    while len(heard) < 100:
        board.run(cycles=10_000)
    board.trace(range(0))
    inside = [at for at in stepped if at in range(0x10_0000, 0x12_0000)]
    assert "mon" in modes and len(inside) > 100
    mine = [event.first for event in heard if event.core == 0]
    assert mine[: len(inside)] == inside[: len(mine)]


def test_a_snapshot_of_another_board_object(board: Board) -> None:
    kept = board.snapshot()
    board.run(cycles=STRETCH)
    other = Board()
    other.restore(kept)
    other.run(cycles=STRETCH)
    assert facts(other) == facts(board)


def test_one_word_of_memory_changes_the_hash(board: Board) -> None:
    before = board.state_hash()
    old = board.read(0x3000_0000, 4)
    board.write(0x3000_0000, b"\1\0\0\0")
    assert board.state_hash() != before
    board.write(0x3000_0000, old)
    assert board.state_hash() == before


def test_a_recording_replays_exactly(board: Board) -> None:
    recording = board.record()
    board.run(cycles=STRETCH)
    board.write(0x3000_0000, b"input")
    board.type(1, b"x")
    board.run(cycles=STRETCH // 3)
    board.cores[1].set("r9", 77)
    board.run(cycles=STRETCH)
    board.stop_recording()
    first = facts(board)
    board.reset()
    board.replay(recording)
    assert facts(board) == first
    assert [each.method for each in recording.inputs] == ["write", "type", "set"]


def test_a_recording_that_goes_on_is_not_replayed(board: Board) -> None:
    recording = board.record()
    with pytest.raises(BoardError, match="R209"):
        board.replay(recording)
    board.stop_recording()


PROGRAM = """
import sys
from ovm.board.api import Board
board = Board()
board.start(board.load(open(sys.argv[1], "rb").read()))
board.run(cycles=int(sys.argv[2]))
print(board.state_hash(), board.now, [core.cycles for core in board.cores])
"""

MEMORY = """
import gc
from pathlib import Path
from ovm.board.api import Board
def used():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
Board()
gc.collect()  # that board is gone now, not at some moment below
before = used()
fresh = Board()
assert fresh.run(cycles=10_000).reason in ("budget", "asleep")
print(used() - before)
for megabyte in range(16):
    fresh.write(0x2000_0000 + (megabyte << 20), b"\\1" * (1 << 20))
print(used() - before)
"""


def test_two_processes_do_the_same(image: bytes, tmp_path: Path) -> None:
    file = tmp_path / "boot.elf"
    file.write_bytes(image)
    printed = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-c", PROGRAM, str(file), str(5 * STRETCH)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")}
        printed.add(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)
    assert len(printed) == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux alone says how much memory a process has now")
def test_memory_is_used_for_what_is_touched_only() -> None:
    # In a process of its own, where nothing else is given back meanwhile.
    command = [sys.executable, "-c", MEMORY]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    untouched, written = (int(number) for number in done.stdout.split())
    assert untouched < 60 << 10, "KiB for a board of 1 GiB that has done nothing"
    assert 12 << 10 <= written < 150 << 10  # what was there before may shrink meanwhile


def test_stop_says_where(board: Board) -> None:
    stop = board.run(cycles=1)
    assert isinstance(stop, Stop) and stop.cycle == board.now


def test_the_hash_is_of_the_state_alone(board: Board, image: bytes) -> None:
    kept, end = board.snapshot(), board.now + STRETCH
    passed, stacks = set(), set()
    while board.now < end:  # what is executed on the way, and where stacks are
        board.run_to(min(board.now + STRETCH // 100, end))
        passed.add(board.cores[0].pc)
        stacks.add(board.cores[0].get("sp") & -32)
    wanted = board.state_hash()
    board.restore(kept)
    stops = [board.breakpoints.add(place) for place in passed]
    watched = [board.watchpoints.add(stack, 32, read=True) for stack in stacks]
    assert {board.run_to(end).reason for _ in range(50)} & {"breakpoint", "watchpoint"}
    while board.run_to(end).reason != "budget":
        pass
    with_stops = board.state_hash()
    for number in stops:
        board.breakpoints.remove(number)
    for number in watched:
        board.watchpoints.remove(number)
    assert with_stops == board.state_hash() == wanted
    slow = Board({"blocks": 0})
    slow.start(slow.load(image))
    slow.run(cycles=4 * STRETCH)
    slow.run_to(end)
    assert slow.state_hash() == wanted


def test_the_hash_at_a_breakpoint(board: Board) -> None:
    recording = board.record()
    number = board.breakpoints.add(board.cores[0].pc)
    reasons = [board.run(cycles=STRETCH).reason for _ in range(3)]
    board.stop_recording()
    stopped = facts(board)
    board.breakpoints.remove(number)
    assert "breakpoint" in reasons
    board.replay(recording)
    assert facts(board) == stopped
