# SPDX-License-Identifier: Apache-2.0
"""Programs beside each other on both cores and the DMA controller: what they take of level 2 and of DDR from one another."""

import random
import struct
from fractions import Fraction

import pytest

from ovm.board.api import Board
from ovm.board.api.parameters import DEFAULT_FILE, read_parameters
from ovm.board.devices.signal import Signals
from tests.board.devices.test_dma import move
from tests.board.devices.test_machine import ENTRY, build
from tests.board.start_up import CORE_NUMBER, LEVEL2_ON, WAKE_SECOND

TABLE, WANTED, COPIES = 0x10_0000, 0x2F_FFF0, 0x2F_0000
CHAINS = (0x100_0000, 0x200_0000)
# 128 bytes at a time, 8 MB in all, for channel 3.
COPY = move(0, 0x2000_0000) + move(2, 0x3000_0000) + move(1, 0xF7 | 0xF7 << 14)
COPY += bytes([0x20, 255, 0x22, 255, 0x04, 0x08, 0x3C, 2, 0x38, 6, 0])
# Core 1 is sent from the BootROM's loop if it has anything to do; each core turns MMU and caches on and waits for nothing then.
START = f"""
        {CORE_NUMBER}
        bne   1f
        {LEVEL2_ON}
        ldr   r2, ={WANTED}
        ldr   r0, [r2, #4]
        cmp   r0, #0
        beq   4f
        {WAKE_SECOND}
    4:  ldr   r0, [r2, #8]
        cmp   r0, #0
        beq   1f
        ldr   r0, =0xF8003000
        ldr   r1, =0x03A00000
        str   r1, [r0, #0xD08]
        ldr   r1, ={COPIES}
        str   r1, [r0, #0xD0C]
        mov   r1, #0
        str   r1, [r0, #0xD04]
    1:  ldr   r0, ={TABLE}
        mcr   p15, 0, r0, c2, c0, 0
        mov   r0, #1
        mcr   p15, 0, r0, c3, c0, 0
        mov   r0, #0x41
        mcr   p15, 0, r0, c1, c0, 1
        ldr   r0, =0x1805
        mcr   p15, 0, r0, c1, c0, 0
        isb
        ldr   r11, ={WANTED}
        ldr   r11, [r11, r10, lsl #2]
        ldr   r8, =0x1000000
        add   r8, r8, r10, lsl #24
        cmp   r11, #0
        beq   3f
"""
END = """
        subs  r11, r11, #1
        bne   5b
    3:  wfi
        b     3b
"""
# Of both, `lines` in a turn: loads that know their addresses, where none lie; loads of which each has the address of the next.
STREAM = "5: add r6, r8, #0x4000000\n ldr r5, ={lines}\n 2: ldr r1, [r6], #32\n subs r5, r5, #1\n bne 2b\n"
CHASE = "5: mov r6, r8\n ldr r5, ={lines}\n 2: ldr r6, [r6]\n subs r5, r5, #1\n bne 2b\n"
IN_LEVEL2, IN_MEMORY = 3000, 40_000


def table() -> bytes:
    """Return a gigabyte of shared write-back memory; the rest Strongly-ordered (ARM B3.5.1)."""
    return struct.pack("<4096I", *(number << 20 | (0x1_1C0E if number < 0x400 else 2) | 0xC00 for number in range(4096)))


def chain(place: int) -> bytes:
    """Lines of which each has the address of the next."""
    return b"".join(struct.pack("<8I", place + 32 * number, *[0] * 7) for number in range(1, IN_MEMORY + 1))


@pytest.fixture(scope="module")
def board() -> Board:
    return Board()


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], bytes]:
    return {
        (text, lines): build(tmp_path_factory.mktemp("beside"), START + text.format(lines=lines) + END)
        for text in (STREAM, CHASE)
        for lines in (IN_LEVEL2, IN_MEMORY)
    }


def ready(board: Board, program: bytes, turns: tuple[int, int], dma: int = 0, **parameters: int) -> None:
    """Have a program go so many turns on each core, beside the DMA controller."""
    board.parameters = {**read_parameters(DEFAULT_FILE), **parameters}
    board.reset()
    board.write(TABLE, table())
    board.write(ENTRY, program)
    board.write(WANTED, struct.pack("<3I", *turns, dma))
    board.write(COPIES, COPY)
    for core in range(2):
        board.write(CHAINS[core], chain(CHAINS[core]))
    board.start(ENTRY)


def finish(board: Board) -> list[int]:
    """Run until both cores have done all; return the cycles of each."""
    assert board.run(cycles=20_000_000, until=asleep).reason in ("until", "asleep")
    return [core.cycles for core in board.cores]


def asleep(board: Board) -> bool:
    """Tell whether both cores wait for an interrupt."""
    return all(board.static("devices.signal.SIGNALS", Signals).get("asleep", number) for number in range(2))


def facts(board: Board) -> tuple[object, ...]:
    """Return everything that a difference in time would show in."""
    cores = tuple((core.registers, core.pc, core.cycles, core.instructions) for core in board.cores)
    return cores, board.counts(0), board.counts(1), board.cache(0), board.cache(1), board.cache("l2")


def alone_and_beside(board: Board, program: bytes, turns: int, **parameters: int) -> tuple[list[int], list[int]]:
    """Cycles of each core, alone and beside the other."""
    alone = []
    for core in range(2):
        ready(board, program, (turns, 0) if core == 0 else (0, turns), **parameters)
        alone.append(finish(board)[core])
    ready(board, program, (turns, turns), **parameters)
    return alone, finish(board)


@pytest.mark.parametrize("text", [STREAM, CHASE])
@pytest.mark.parametrize("lines", [IN_LEVEL2, IN_MEMORY])
def test_alone_nobody_waits(board: Board, programs: dict[tuple[str, int], bytes], text: str, lines: int) -> None:
    seen = []
    for window in (0, 2000, 7000, 50_000):
        ready(board, programs[text, lines], (1, 0), contention_window=window)
        finish(board)
        seen.append(facts(board))
    assert seen.count(seen[0]) == len(seen)


def test_lines_of_level_2_are_shared_fairly(board: Board, programs: dict[tuple[str, int], bytes]) -> None:
    """Both want one in less than 8 cycles, and its port takes one in 4: each has half of it."""
    program, lines = programs[STREAM, IN_LEVEL2], 29 * IN_LEVEL2
    once = alone_and_beside(board, program, 1)
    alone, beside = alone_and_beside(board, program, 30)
    # One in twenty is still in level 1 the next time.
    for core in range(2):
        assert 6.5 * lines < alone[core] - once[0][core] < 7.4 * lines
        assert 7.4 * lines < beside[core] - once[1][core] < 8 * lines
    assert max(beside) - min(beside) < min(beside) // 50


def test_one_load_at_a_time_waits_as_long_as_the_formula_says(board: Board, programs: dict[tuple[str, int], bytes]) -> None:
    """A core that loads a line each `alone` cycles keeps the port busy for 4 of them, a little less beside the other."""
    program = programs[CHASE, IN_LEVEL2]
    once = alone_and_beside(board, program, 1)
    whole = alone_and_beside(board, program, 30)
    for core in range(2):
        lines = board.counts(core)["level2_hits"]
        one, two = (later[core] - first[core] for later, first in zip(whole, once, strict=True))
        use = Fraction(4 * lines, two)
        assert two - one == pytest.approx(float(lines * 4 * use / (2 * (1 - use))), rel=0.03)


def test_the_dma_controller_and_cores_wait_for_each_other(board: Board, programs: dict[tuple[str, int], bytes]) -> None:
    program = programs[CHASE, IN_MEMORY]
    cycles, ends = {}, {}
    for window in (0, 2000):
        for core in (0, 1):
            ready(board, program, (core, 0), dma=1, contention_window=window)
            cycles[window, core] = finish(board)[0]
            ends[window, core] = board.now
    assert cycles[2000, 1] > cycles[0, 1]
    # The core that only starts it takes a few lines itself.
    assert ends[2000, 0] - ends[0, 0] < 100
    assert ends[2000, 1] - ends[0, 1] > 10_000


@pytest.mark.parametrize("dma", [0, 1])
def test_however_a_run_is_cut(board: Board, programs: dict[tuple[str, int], bytes], dma: int) -> None:
    """In pieces, from a snapshot, on the long way, with blocks: the same cycles. Core 0 ends before core 1, which goes on."""
    program, source = programs[STREAM, IN_LEVEL2], random.Random(7)

    def begin(**parameters: int) -> None:
        ready(board, program, (5, 9), dma=dma, **parameters)

    begin()
    finish(board)
    whole = facts(board)
    assert board.cores[0].cycles > 5 * 8 * IN_LEVEL2
    begin()
    while not asleep(board):
        board.run(cycles=source.choice((1, 50, 700, 2000, 9000)))
    assert facts(board) == whole
    begin()
    board.run(cycles=61_234)
    kept = board.snapshot()
    finish(board)
    assert facts(board) == whole
    board.restore(kept)
    finish(board)
    assert facts(board) == whole
    for parameter in ("long_way", "blocks"):
        begin(**{parameter: 1})
        finish(board)
        assert facts(board) == whole


def test_streams_close_each_others_rows(board: Board, programs: dict[tuple[str, int], bytes]) -> None:
    """Loads from memory, one at a time, take longer beside the other core, by no more than a closed row and the waits."""
    alone, beside = alone_and_beside(board, programs[CHASE, IN_LEVEL2], 1)
    closed = sum(read_parameters(DEFAULT_FILE)[name] for name in ("memory_precharge", "memory_activate"))
    for one, two in zip(alone, beside, strict=True):
        assert IN_LEVEL2 < two - one < (closed + 2) * IN_LEVEL2
