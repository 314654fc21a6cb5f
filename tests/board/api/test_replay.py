# SPDX-License-Identifier: Apache-2.0
"""Inputs at any place of a run: where stops left the cores, around interrupts, asleep. The replay must do the same."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ovm.arm.assembly import vector_table
from ovm.board.api import Board, BoardError
from tests.board.devices.test_machine import ENTRY, WAKING, build, started
from tests.board.start_up import CORE_NUMBER, WAKE_SECOND

# Both cores mix r4 with r9 and with a word of memory, each step dependent on the last; a timer of each interrupts it.
MIXING = f"""
        b     start
        {vector_table(label="vectors", irq="interrupt")}
    interrupt:
        ldr   r11, [r7, #12]
        add   r12, r12, r9
        mov   sp, #1
        str   sp, [r6, #12]
        str   r11, [r7, #16]
        subs  pc, lr, #4
    start:
        {CORE_NUMBER}
        ldr   r7, =0xF8F00100
        ldr   r8, =0xF8F01000
        mov   r0, #0xF0
        str   r0, [r7, #4]
        mov   r0, #1
        str   r0, [r7]
        str   r0, [r8]
        mov   r0, #0x20000000
        str   r0, [r8, #0x100]
        adr   r0, vectors
        mcr   p15, 0, r0, c12, c0, 0
        bne   1f
        {WAKE_SECOND}
    1:  ldr   r6, =0xF8F00600
        ldr   r0, =331
        str   r0, [r6]
        mov   r0, #7
        str   r0, [r6, #8]
        ldr   r8, =0x300000
        add   r8, r8, r10, lsl #2
        cpsie i
    mix:
        add   r4, r4, r9
        eor   r4, r4, r4, ror #7
        ldr   r3, [r8]
        add   r4, r4, r3
        str   r4, [r8, #0x100]
        add   r5, r5, #1
        ands  r2, r4, #0xF00
        wfieq
        b     mix
"""
DATA = 0x30_0000


@pytest.fixture(scope="module")
def board() -> Board:
    return Board()


def facts(board: Board) -> tuple[object, ...]:
    """Return everything that a difference in time or in state would show in."""
    cores = tuple((core.registers, core.pc, core.cpsr, core.cycles, core.instructions) for core in board.cores)
    counts = tuple(tuple(board.counts(core).items()) for core in (0, 1))
    return (board.now, cores, counts, board.read(DATA, 0x200), board.tlb(0), board.tlb(1), board.cache(0), board.cache("l2"))


def twice(board: Board, drive: Callable[[Board], None]) -> None:
    """Record what `drive` does with the board, replay it, and go on from there: both times the same."""
    recording = board.record()
    drive(board)
    board.stop_recording()
    end = facts(board)
    board.run(cycles=50_000)
    later = facts(board)
    board.reset()
    board.replay(recording)
    assert facts(board) == end
    board.run(cycles=50_000)
    assert facts(board) == later
    assert recording.inputs


def put_in(board: Board, source: random.Random) -> None:
    """Some input that what comes depends on."""
    kind = source.randrange(3)
    if kind == 0:
        board.cores[source.randrange(2)].set("r9", source.getrandbits(32))
    elif kind == 1:
        board.write(DATA + 4 * source.randrange(2), source.randbytes(4))
    else:
        core = board.cores[source.randrange(2)]
        core.set("r4", core.get("r4") ^ core.get("r12"))


@pytest.mark.parametrize("place", [0x38, 0x40, 0x54, 0xC4, 0xCC, 0xE0], ids=hex)
@pytest.mark.parametrize("core", [0, 1, None])
def test_at_breakpoints(board: Board, tmp_path: Path, place: int, core: int | None) -> None:
    source = random.Random(place)
    started(board, build(tmp_path, MIXING))
    board.run(cycles=20_000)

    def drive(board: Board) -> None:
        number = board.breakpoints.add(ENTRY + place, core=core)
        for _ in range(6):
            stop = board.run(cycles=100_000)
            assert stop.reason == "breakpoint"
            put_in(board, source)
        board.breakpoints.remove(number)

    twice(board, drive)


def test_at_watchpoints(board: Board, tmp_path: Path) -> None:
    source = random.Random(1)
    started(board, build(tmp_path, MIXING))
    board.run(cycles=20_000)

    def drive(board: Board) -> None:
        number = board.watchpoints.add(DATA, 8, read=True)
        for _ in range(20):
            assert board.run(cycles=100_000).reason == "watchpoint"
            put_in(board, source)
        board.watchpoints.remove(number)

    twice(board, drive)


@pytest.mark.parametrize("seed", range(40))
def test_at_random_places(board: Board, tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    started(board, build(tmp_path, MIXING))
    board.run(cycles=20_000 + seed)

    def drive(board: Board) -> None:
        for _ in range(25):
            for _ in range(source.choice((1, 1, 2, 40))):
                assert board.step(source.randrange(2)).reason == "step"
            if source.randrange(3) == 0:
                board.run(cycles=source.randrange(1, 9000))
            put_in(board, source)
            if source.randrange(4) == 0:
                put_in(board, source)

    twice(board, drive)


def test_while_both_cores_sleep(board: Board, tmp_path: Path) -> None:
    started(board, build(tmp_path, WAKING))

    def drive(board: Board) -> None:
        assert board.run(cycles=1_000_000).reason == "asleep"
        board.cores[0].set("r9", 5)
        board.run(cycles=1_000_000)
        board.write(DATA, b"late")

    twice(board, drive)


def test_breakpoints_stay_and_do_not_act(board: Board, tmp_path: Path) -> None:
    started(board, build(tmp_path, MIXING))
    recording = board.record()
    board.run(cycles=20_000)
    board.write(DATA, b"word")
    board.stop_recording()
    number = board.breakpoints.add(ENTRY + 0xC4)
    board.replay(recording)
    assert board.run(cycles=100_000).reason == "breakpoint"
    board.breakpoints.remove(number)


def test_another_machine_is_refused(board: Board, tmp_path: Path) -> None:
    started(board, build(tmp_path, MIXING))
    recording = board.record()
    board.run(cycles=20_000)
    board.step(1)
    board.cores[1].set("r9", 3)
    board.stop_recording()
    wrong = recording.inputs[0].moment
    object.__setattr__(wrong, "cycles", (wrong.cycles[0], wrong.cycles[1] + 1))
    with pytest.raises(BoardError, match="R210"):
        board.replay(recording)
