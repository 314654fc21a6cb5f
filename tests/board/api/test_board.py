# SPDX-License-Identifier: Apache-2.0
"""The board as a Python object."""

import struct

import pytest

from ovm.board.api import Board, BoardError
from ovm.board.api.parameters import DEFAULT_FILE, read_parameters
from ovm.board.api.view import scalar_fields
from ovm.board.parameters import Parameters

CODE = 0x20_0000
# mov r0, #0; add r0, r0, #1; b to the add
COUNT_UP = struct.pack("<3I", 0xE3A00000, 0xE2800001, 0xEAFFFFFD)


@pytest.fixture(scope="module")
def shared() -> Board:
    return Board()


@pytest.fixture
def board(shared: Board) -> Board:
    shared.reset()
    return shared


def test_runs_what_was_written(board: Board) -> None:
    board.write(CODE, COUNT_UP)
    board.start(CODE)
    stop = board.run(cycles=10_000)
    assert stop.reason == "budget"
    assert stop.cycle == board.now >= 10_000
    core = board.cores[0]
    assert core.registers[0] > 100
    assert core.pc in (CODE + 4, CODE + 8)
    assert core.mode == "svc" and core.secure
    assert core.get("cpsr") & 0x1F == 0x13


def test_registers_by_name(board: Board) -> None:
    core = board.cores[0]
    for name in ("r3", "sp_irq", "spsr_mon", "r9_fiq", "TTBR0_S", "TTBR0_NS", "MVBAR", "s5", "d17", "q3", "fpscr"):
        core.set(name, 0x1234_5678)
        assert core.get(name) == 0x1234_5678, name
    assert core.get("sp_svc") == core.get("sp") == core.get("r13")


def test_a_name_that_nothing_has(board: Board) -> None:
    with pytest.raises(BoardError, match="R203"):
        board.cores[0].get("TTBRO_NS")


def test_a_parameter_that_does_not_exist() -> None:
    with pytest.raises(BoardError, match="R200"):
        Board({"level2_hits": 3})
    with pytest.raises(BoardError, match="R201"):
        Board({"level2_hit": -3})
    for name, value in (("prefetch_streams", 9), ("multiply_result", 121), ("contention_window", 10_000_001)):
        with pytest.raises(BoardError, match=f"(?s)'{name}' has no such value.*from 0 to {value - 1}"):
            Board({name: value})
    for name, value in (("quantum", 0), ("micro_tlb_entries", 0), ("micro_tlb_entries", 48), ("blocks", 2), ("memory_fills", 5)):
        with pytest.raises(BoardError, match=f"(?s)'{name}' has no such value.*fix: "):
            Board({name: value})


def test_the_board_file_gives_every_parameter() -> None:
    known = read_parameters(DEFAULT_FILE)
    assert list(known) and set(known) == set(scalar_fields(Parameters))


def test_no_memory_there(board: Board) -> None:
    with pytest.raises(BoardError, match="R206"):
        board.read(0x4000_0000 - 2, 4)


def test_written_code_is_what_runs(board: Board) -> None:
    board.write(CODE, COUNT_UP)
    board.start(CODE)
    board.run(cycles=10_000)
    before = board.cores[0].registers[0]
    board.write(CODE + 4, struct.pack("<I", 0xE2400001))  # sub r0, r0, #1
    board.run(cycles=100_000)
    assert board.cores[0].registers[0] > 1 << 31 or board.cores[0].registers[0] < before


def test_time_does_not_go_back(board: Board) -> None:
    for run in (lambda: board.run(cycles=-1), lambda: board.run_to(-1), lambda: board.step(0, cycles=-(1 << 40))):
        with pytest.raises(BoardError, match="R215"):
            run()
    board.run(cycles=10_000)
    now = board.now
    assert board.run_to(5).reason == "budget" and board.run(cycles=0).reason == "budget" and board.now == now


@pytest.mark.parametrize("core", [5, 2, -1])
def test_a_core_that_is_not_there(board: Board, core: int) -> None:
    with pytest.raises(BoardError, match="R216"):
        board.step(core)
