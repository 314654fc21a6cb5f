# SPDX-License-Identifier: Apache-2.0
"""Random programs give the same by blocks as without, to the cycle, and what they give on Unicorn.

`OVM_BLOCKS_PROGRAMS` sets how many of each instruction set; `long_run.py --blocks` is for many.
"""

import os
import random
from dataclasses import replace
from typing import Any

import pytest

from ovm.board.execute import branch, data, media, multiply, single
from ovm.board.execute.alu import SETS_FLAGS
from tests.board.blocks.pool import Kind, Pool
from tests.board.blocks.programs import FORMS, RAM, Program, build
from tests.board.blocks.sides import Hot, Unicorn

PROGRAMS = int(os.environ.get("OVM_BLOCKS_PROGRAMS", "300"))
SETS = {"a32": False, "t32": True}


def is_left(kind: Kind) -> bool:
    """Tell whether blocks may leave a variant of a form to its handler."""
    function, variant = kind
    flags = variant & SETS_FLAGS != 0
    return (
        (function in (data.data_by_register, multiply.multiply_long) and flags)
        or (function is data.data_shifted_flags and not flags)  # RRX
        or (function is media.reverse and variant in (media.REV16, media.REVSH, media.RBIT))
        or (function is media.extend and variant & 3 == media.TWO_BYTES)
    )


@pytest.fixture(scope="module")
def hot() -> Hot:
    return Hot()


@pytest.fixture(scope="module")
def pools(hot: Hot) -> dict[str, Pool]:
    hot.core.reset()
    hot.core.map(RAM)
    return {name: Pool(hot.core, thumb, 1) for name, thumb in SETS.items()}


def _branches(function: Any) -> bool:
    return function.__module__ == branch.__name__ or function is single.load_to_pc


@pytest.mark.parametrize("name", SETS)
def test_every_form_is_made(pools: dict[str, Pool], name: str) -> None:
    kinds = pools[name].by_kind
    made = {kind for kind, words in kinds.items() if any(word.made for word in words)}
    functions = {function for function, _ in made}
    assert not [each for each in FORMS if each not in functions and not _branches(each)]
    assert not [kind for kind in kinds if kind[0] in FORMS and kind not in made and not is_left(kind)]
    assert len(made) > 130


@pytest.mark.parametrize("name", SETS)
def test_programs(hot: Hot, pools: dict[str, Pool], name: str) -> None:
    theirs = Unicorn()
    failed = blocks = made = 0
    for seed in range(PROGRAMS):
        program = build(pools[name], SETS[name], seed)
        fast, plain = hot.run(program, 1), hot.run(program, 0)
        assert fast.blocks > 0 and plain.blocks == 0
        assert replace(fast, blocks=0) == plain, f"program {seed} differs by blocks"
        outcome, refused = theirs.run(program)
        assert fast.outcome == outcome, f"program {seed} differs from Unicorn's"
        failed += refused
        blocks += fast.blocks
        made += program.made
    print(name, PROGRAMS, "programs", blocks, "blocks", failed, "aborts")
    assert blocks > made // 8
    assert failed > PROGRAMS


def sliced(hot: Hot, program: Program, allowed: int, seed: int) -> list[object]:
    """Return where a program stands whenever it is stopped, after up to 100 slots each time."""
    source = random.Random(seed)
    hot.prepare(program, allowed)
    core, seen = hot.core, list[object]()
    while True:
        stopped = hot.go(source.choice((1, 2, 5, source.randrange(100), 1000)))
        seen.append((core.registers, core.get("slots"), core.get("stalled"), core.get("instructions"), core.get("at")))
        if stopped:
            return [*seen, replace(hot.seen(), blocks=0)]


def test_aborts_in_if_then_blocks(hot: Hot, pools: dict[str, Pool]) -> None:
    """Behind them instructions have another ITSTATE than the one that they were decoded with."""
    for seed in range(PROGRAMS):
        program = build(pools["t32"], True, 2_000_000 + seed, wild=True)
        fast, plain = hot.run(program, 1), hot.run(program, 0)
        assert replace(fast, blocks=0) == plain, f"program {seed}"


@pytest.mark.parametrize("name", SETS)
def test_time_slices(hot: Hot, pools: dict[str, Pool], name: str) -> None:
    for seed in range(PROGRAMS // 6):
        program = build(pools[name], SETS[name], 1_000_000 + seed, wild=seed % 2 == 0)
        fast, plain = sliced(hot, program, 1, seed), sliced(hot, program, 0, seed)
        differs = next((index for index, (one, other) in enumerate(zip(fast, plain, strict=False)) if one != other), None)
        assert differs is None, f"program {seed} after {differs} slices"
        assert len(fast) == len(plain) > 10
