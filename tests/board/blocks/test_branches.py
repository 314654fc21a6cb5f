# SPDX-License-Identifier: Apache-2.0
"""Branches in blocks do to the predictor, to time and to counts what their handlers do."""

import random
import struct

import pytest

from tests.board.blocks.branching import Code, Side, program

TURNS = 120
LITTLE = 25  # turns of a run in slices


@pytest.fixture(scope="module")
def sides() -> tuple[Side, Side]:
    return Side(0), Side(1)


def words(seed: int) -> bytes:
    """Return what the program decides by: some of its branches are nearly always the same."""
    source = random.Random(seed)
    return struct.pack("<60000I", *[source.choice((0, 3, source.randrange(8))) for _ in range(60000)])


def both(sides: tuple[Side, Side], code: Code, what: str, turns: int = TURNS) -> None:
    for side in sides:
        side.begin(code, turns)
        side.run()
    same(sides, what)


def same(sides: tuple[Side, Side], what: str) -> None:
    plain, fast = (side.state() for side in sides)
    for part, value in plain.items():
        assert value == fast[part], f"{part} after {what}"


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
@pytest.mark.parametrize("seed", range(8))
def test_all_is_as_without(sides: tuple[Side, Side], seed: int, thumb: bool) -> None:
    """With prediction, without, with another penalty and history, while blocks of before are there."""
    code = program(seed, thumb)
    for side in sides:
        side.prepare(code, words(seed))
    both(sides, code, "the first run")
    assert sides[0].made == 0 and sides[1].made > 1000
    for on, penalty, history in ((False, 9, 12), (True, 31, 12), (True, 8, 3), (False, 0, 0), (True, 9, 12)):
        for side in sides:
            side.parameter("mispredict", penalty)
            side.parameter("branch_history", history)
            side.predict(on)
        both(sides, code, f"prediction {on}, {penalty} cycles, history {history}")


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
@pytest.mark.parametrize("seed", range(8, 12))
def test_runs_end_where_they_do_without(sides: tuple[Side, Side], seed: int, thumb: bool) -> None:
    """In slices of few slots, which a misprediction may end."""
    code = program(seed, thumb)
    for side in sides:
        side.prepare(code, words(seed))
    both(sides, code, "the first run")
    source = random.Random(seed)
    for side in sides:
        side.begin(code, LITTLE)
    over = False
    while not over:
        slots = source.randrange(1, 90)
        ends = [side.run(slots) for side in sides]
        same(sides, f"{slots} slots")
        assert ends[0] == ends[1]
        over = ends[0]
