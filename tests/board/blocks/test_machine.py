# SPDX-License-Identifier: Apache-2.0
"""Hot code that changes, moves, is shared, interrupted or watched: the board with blocks does what it does without."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ovm.board.api import Board
from ovm.board.arena.place import ARENA, ARENA_BYTES, BLOCK_ROOM, Blocks
from tests.board.blocks import code_guests, guest_start, memory_guests
from tests.board.blocks.test_exact import state_of, used
from tests.board.devices.test_machine import ENTRY, build

Facts = list[object]
SELVES = [(0, 0), (1, 0), (4, 0), (7, 0), (9, 0), (0, 1), (0, 4), (0, 9)]


@pytest.fixture(scope="module")
def both() -> tuple[Board, Board]:
    return Board({"blocks": 0}), Board({"blocks": 1})


@contextmanager
def begun(board: Board, image: bytes, **parameters: int) -> Iterator[Board]:
    """Yield the board at the beginning of a guest, with other parameters for so long."""
    before = board.parameters
    board.parameters = {**before, **parameters}
    board.reset()
    board.write(ENTRY, image)
    board.write(guest_start.TABLE, guest_start.table())
    board.write(guest_start.SECOND_TABLE, guest_start.table(guest_start.HOMES[1]))
    for home, words in zip(guest_start.HOMES, code_guests.ROUTINES, strict=True):
        board.write(home, struct.pack("<4I", *words))
    board.start(ENTRY)
    try:
        yield board
    finally:
        board.parameters = before


def facts(board: Board) -> tuple[object, ...]:
    cores = [(core.cycles, core.instructions, core.pc, core.registers, core.cpsr, core.counts) for core in board.cores]
    return board.now, cores, board.read(guest_start.LOG, guest_start.LOG_BYTES)


def stretches(board: Board, count: int = 12, cycles: int = 20_011, made: int = 0) -> Facts:
    """Return what is there after some stretches of a run, which make so many bytes of blocks, and how it is in the end."""
    seen: Facts = []
    for _ in range(count):
        board.run(cycles=cycles)
        seen.append(facts(board))
    assert (used(board) > ARENA + made) == bool(board.parameters["blocks"])
    return [*seen, state_of(board)]


def same(both: tuple[Board, Board], image: bytes, drive: Callable[[Board], Facts] = stretches, **parameters: int) -> Facts:
    """Return what `drive` finds with blocks, which is what it finds without."""
    found = []
    for board in both:
        with begun(board, image, **parameters):
            found.append(drive(board))
    assert len(found[0]) == len(found[1])
    for number, (plain, fast) in enumerate(zip(*found, strict=True)):
        assert plain == fast, f"the {number}th differs"
    return found[1]


@pytest.mark.parametrize("places", SELVES, ids=str)
def test_a_store_to_the_loop_itself(both: tuple[Board, Board], tmp_path: Path, places: tuple[int, int]) -> None:
    same(both, build(tmp_path, code_guests.self_modifying(*places)), lambda board: stretches(board, 4, made=60_000))


@pytest.mark.parametrize("places", SELVES[::2], ids=str)
def test_a_store_that_a_cache_keeps(both: tuple[Board, Board], tmp_path: Path, places: tuple[int, int]) -> None:
    """With and without the maintenance that makes the new instruction the one that is executed."""
    for maintenance, made in (("", 0), (code_guests.MAINTAINED, 10_000)):
        image = build(tmp_path, code_guests.self_modifying(*places, maintenance))
        same(both, image, lambda board, made=made: stretches(board, 4, made=made), stale_lines=1)  # type: ignore[misc]


def test_a_store_of_the_other_core(both: tuple[Board, Board], tmp_path: Path) -> None:
    image = build(tmp_path, code_guests.OTHER_CORE)
    same(both, image, lambda board: stretches(board, made=40_000))
    same(both, image, stale_lines=1)


def test_a_write_by_dma(both: tuple[Board, Board], tmp_path: Path) -> None:
    image = build(tmp_path, code_guests.DMA)
    site = ENTRY + image.index(struct.pack("<2I", 0xE284_4001, 0xE083_3004))

    def drive(board: Board) -> Facts:
        board.write(guest_start.LOG + 0x1_0000, code_guests.dma_program(site))
        return stretches(board, made=2000)

    same(both, image, drive)


def test_two_addresses_of_one_page(both: tuple[Board, Board], tmp_path: Path) -> None:
    same(both, build(tmp_path, code_guests.ALIASED))


@pytest.mark.parametrize("guest", ["REMAPPED", "SPACES", "RIGHTS", "STRADDLING"])
def test_pages_that_move(both: tuple[Board, Board], tmp_path: Path, guest: str) -> None:
    """Mapped anew, by another table, forbidden, and side by side without being so."""
    same(both, build(tmp_path, getattr(memory_guests, guest)))


@pytest.mark.parametrize("quantum", [1, 3, 17, 2000])
def test_one_loop_on_both_cores(both: tuple[Board, Board], tmp_path: Path, quantum: int) -> None:
    same(both, build(tmp_path, code_guests.SHARED), lambda board: stretches(board, 4), quantum=quantum)


@pytest.mark.parametrize("quantum", [1, 7, 2000])
def test_interrupts_at_every_cycle(both: tuple[Board, Board], tmp_path: Path, quantum: int) -> None:
    image = build(tmp_path, code_guests.INTERRUPTED)

    def drive(board: Board) -> Facts:
        seen = stretches(board, 6 if quantum > 1 else 2, 70_001)
        log = struct.unpack("<512I", board.read(guest_start.LOG + 0x8000, 2048))
        assert len({place for place in log[1::2] if place}) > (8 if quantum > 1 else 5)
        return seen

    same(both, image, drive, quantum=quantum)


def test_memory_that_no_cache_holds(both: tuple[Board, Board], tmp_path: Path) -> None:
    same(both, build(tmp_path, memory_guests.STREAMING), lambda board: stretches(board, 20, 50_021))


@pytest.mark.parametrize("quantum", [31, 2000])
def test_counters_read_where_they_count(both: tuple[Board, Board], tmp_path: Path, quantum: int) -> None:
    same(both, build(tmp_path, memory_guests.COUNTED), lambda board: stretches(board, 6), quantum=quantum)


def test_a_host_that_refuses_code(both: tuple[Board, Board], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = build(tmp_path, code_guests.SHARED)
    found = []
    for board in both:
        monkeypatch.setattr(type(board.program.memory), "allow_code", lambda memory, begin, size: False)
        with begun(board, image):
            board.run(cycles=90_000)
            assert used(board) == 0
            found.append(facts(board))
    assert found[0] == found[1]


def test_any_length_of_run(both: tuple[Board, Board], tmp_path: Path) -> None:
    def drive(board: Board) -> Facts:
        seen: Facts = []
        for number in range(3000):
            board.run(cycles=number % 50 + 1)
            seen.append((board.now, board.cores[0].registers, board.cores[0].pc))
        return [*seen, *stretches(board, 2)]

    same(both, build(tmp_path, code_guests.INTERRUPTED), drive, quantum=9)


def test_stops_in_hot_code(both: tuple[Board, Board], tmp_path: Path) -> None:
    """Breakpoints, watchpoints and steps come where blocks are."""
    image = build(tmp_path, code_guests.INTERRUPTED)
    hot = ENTRY + image.index(struct.pack("<2I", 0xE284_4001, 0xE596_3000))

    def drive(board: Board) -> Facts:
        seen: Facts = []
        board.run(cycles=40_000)
        for turn in range(6):
            for place in range(hot, hot + 52, 4):
                number = board.breakpoints.add(place)
                stop = board.run(cycles=40_000)
                seen.append((stop, facts(board)))
                board.breakpoints.remove(number)
            number = board.watchpoints.add(guest_start.LOG, 4, read=bool(turn & 1))
            seen.append((board.run(cycles=40_000), facts(board)))
            board.watchpoints.remove(number)
            for _ in range(9):
                seen.append((board.step(turn & 1), facts(board)))
            board.run(cycles=turn * 3000)
        reasons = [stop.reason for stop, _ in seen]  # type: ignore[misc]
        assert reasons.count("breakpoint") > 60 and reasons.count("watchpoint") == 6
        return seen

    same(both, image, drive)


def test_snapshots_and_replays(both: tuple[Board, Board], tmp_path: Path) -> None:
    image = build(tmp_path, code_guests.INTERRUPTED)
    with begun(both[1], image) as board:
        board.run(cycles=33_333)
        kept = board.snapshot()
        recording = board.record()
        first = stretches(board, 2)
        board.cores[1].set("r5", 77)
        first += stretches(board, 2)
        board.stop_recording()
        board.run(cycles=77_777)
        board.restore(kept)
        again = stretches(board, 2)
        board.cores[1].set("r5", 77)
        again += stretches(board, 2)
        assert again == first
        board.reset()
        board.replay(recording)
        assert facts(board) == first[-2]


def test_a_snapshot_and_a_recording_of_another_board(both: tuple[Board, Board], tmp_path: Path) -> None:
    """Blocks call functions of the process that they are in, and only where code may be executed."""
    image = build(tmp_path, memory_guests.FLOATING)
    fresh = Board()
    with begun(both[1], image) as board:
        recording = board.record()
        board.run(cycles=33_333)
        kept = board.snapshot()
        first = stretches(board, 2)
        board.stop_recording()
        for other in (fresh, both[0]):
            other.restore(kept)
            assert stretches(other, 2) == first
        assert state_of(board) == first[-1]
    fresh.reset()
    fresh.replay(recording)
    assert facts(fresh) == first[-2]


def test_a_full_arena(both: tuple[Board, Board], tmp_path: Path) -> None:
    """All blocks are forgotten and made again when none has room any more."""

    def drive(board: Board) -> Facts:
        blocks = board.static("arena.place.BLOCKS", Blocks)
        seen: Facts = []
        for number in range(8):
            board.run(cycles=30_000)
            if blocks.get("used"):
                assert blocks.get("used") < ARENA + (ARENA_BYTES >> 1)
                blocks.set(ARENA + ARENA_BYTES - BLOCK_ROOM - 512 * (number & 1), "used")
            board.run(cycles=3_000)
            seen.append(facts(board))
        return [*seen, *stretches(board, 2)]

    same(both, build(tmp_path, code_guests.self_modifying(0, 0)), drive)
