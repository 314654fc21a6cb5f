# SPDX-License-Identifier: Apache-2.0
"""The programs of the benchmarks, with MMU and all caches on: what Unicorn computes, and what the parameters say it takes."""

from dataclasses import replace

import pytest

from benchmarks import peers, suite
from benchmarks.bare import Bare, build
from benchmarks.subject import on_board
from benchmarks.test_silicon import KERNELS, measured
from ovm.board.api import Board

PROGRAMS = {each.name: each for each in (*suite.ORDINARY, *suite.HARD)}
# A fraction of what the benchmark does.
TURNS = {"sort": 1, "matrix": 1, "digest": 2, "lookup": 2, "list": 20, "strings": 5, "numbers": 1, "calls": 2000}
PAGE_TURNS = 200


@pytest.fixture(scope="module")
def board() -> Board:
    return Board()


def short(program: Bare) -> Bare:
    turns = TURNS.get(program.name.removesuffix("-t32"), PAGE_TURNS)
    return replace(program, define={**program.define, "TURNS": turns})


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_board_computes_what_unicorn_computes(board: Board, name: str) -> None:
    program = build(short(PROGRAMS[name]))
    ours, again = on_board(board, program), on_board(board, program)
    assert ours.result == peers.on_unicorn(program).result
    assert 2 * ours.cycles >= ours.instructions > 1000  # two a cycle at most
    assert (again.result, again.instructions, again.cycles) == (ours.result, ours.instructions, ours.cycles)


def test_monitor_calls_are_counted(board: Board) -> None:
    assert on_board(board, build(replace(suite.MONITOR, define={"TURNS": 500}))).result == 500


def cycles_a_load(board: Board, name: str) -> float:
    return measured(board, KERNELS[name])


def test_a_chain_of_loads_takes_what_the_parameters_say(board: Board) -> None:
    """Nothing is hidden, nothing counted twice: where a load hits decides alone."""
    known = board.parameters
    hit = cycles_a_load(board, "l1")
    assert hit == pytest.approx(known["level1_load"], rel=0.1)
    # A few of the lines are still in L1, or not yet in L2.
    assert cycles_a_load(board, "l2") - hit == pytest.approx(known["level2_hit"], rel=0.1)
    # 8 MiB in random order: nearly every load finds another row of its bank open.
    row = known["memory_precharge"] + known["memory_activate"]
    assert cycles_a_load(board, "ddr") - hit == pytest.approx(known["level2_hit"] + known["memory_read"] + row, rel=0.03)
    pages = cycles_a_load(board, "24 pages")
    assert cycles_a_load(board, "112 pages") - pages == pytest.approx(known["micro_tlb_miss"], rel=0.1)
    expected = known["micro_tlb_miss"] + known["walk_base"]
    assert cycles_a_load(board, "448 pages") - pages == pytest.approx(expected, rel=0.1)
