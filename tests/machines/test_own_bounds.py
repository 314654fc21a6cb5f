# SPDX-License-Identifier: Apache-2.0
"""The bounds that a build writes beside OVM hold in a trace of OVM itself: all that both CPUs execute in Monitor mode."""

import json
from collections import Counter
from dataclasses import replace
from itertools import compress, pairwise
from pathlib import Path
from typing import Any

import pytest

from ovm.arm.psr import MODE_MON
from ovm.board.api import Board
from ovm.board.api.events import KINDS
from ovm.metal.build.elf import Elf
from ovm.metal.build.flow import Copy, Flow, Loop, Mark, broken
from ovm.system.build import build

ROOT = Path(__file__).parents[2]
# Of `mixed`, and of the short run. The UART needs some time afterwards.
LONG, SECONDS, MORE = "seconds = 8\n", 0.015, 0.02
WORDS = 6  # of an event


class Traced:
    """A system that has run from its reset, and how often instructions of OVM followed on each other."""

    def __init__(self, file: Path) -> None:
        archive = build(file, lambda step: None)
        self.elf = Elf(archive.core.content)
        self.flow = read(json.loads(archive.core.flow))
        self.steps: Counter[tuple[int, int]] = Counter()
        self._last = [-1, -1]
        board = Board({"uart_timed": 0})
        board.trace(range(archive.plan.ovm.start, archive.plan.ovm.end))
        board.subscribe_raw(["instruction"], self._hear)
        board.start(board.load(archive.boot))
        board.run(cycles=int((SECONDS + MORE) * board.hz))

    def _hear(self, events: bytes) -> None:
        words = memoryview(events).cast("I")
        kinds, places, modes = (words[first::WORDS].tolist() for first in (2, 3, 4))
        for core in range(2):
            kind = KINDS["instruction"] | core << 8
            chosen = [one == kind and mode == MODE_MON for one, mode in zip(kinds, modes, strict=True)]
            trace = [self._last[core], *compress(places, chosen)]
            self.steps.update(pairwise(trace))
            self._last[core] = trace[-1]

    def reached(self) -> set[str]:
        """Return the loops of which a turn was executed."""
        visited = {address for _, address in self.steps}
        return {name for name, loop in self.flow.loops.items() if visited & {mark.address for mark in turns(loop)}}


def turns(loop: Loop) -> list[Mark]:
    return [mark for copy in loop.copies for mark in copy.turns]


def read(written: dict[str, Any]) -> Flow:
    """Return what a file of bounds says, as docs/reference/flow.md describes it."""
    loops = {}
    for name, each in written["loops"].items():
        copies = tuple(
            Copy(copy["function"], [Mark(*mark) for mark in copy["entries"]], [Mark(*mark) for mark in copy["turns"]])
            for copy in each["copies"]
        )
        loops[name] = Loop(each["file"], each["line"], each["column"], each["bound"], copies)
    return Flow({}, loops)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Traced:
    """`mixed`, from reset to the end of a short run."""
    text = (ROOT / "systems" / "mixed.toml").read_text()
    assert LONG in text
    file = tmp_path_factory.mktemp("traced") / "traced.toml"
    file.write_text(text.replace(LONG, f"seconds = {SECONDS}\nloop_bounds = true\n"))
    return Traced(file)


def test_no_loop_of_ovm_turns_more_often_than_its_bound(traced: Traced) -> None:
    assert broken(traced.flow, traced.elf, traced.steps) == []


def test_most_loops_of_ovm_are_reached(traced: Traced) -> None:
    loops = {name for name, loop in traced.flow.loops.items() if turns(loop)}
    reached = traced.reached()
    print(f"{len(reached)} of {len(loops)} loops in {sum(traced.steps.values())} instructions; not: {sorted(loops - reached)}")
    assert len(reached) >= 0.75 * len(loops)


def with_less(loop: Loop) -> Loop:
    """Return a loop whose bound is one turn less."""
    copies = [replace(each, entries=[replace(mark, bound=mark.bound - 1) for mark in each.entries]) for each in loop.copies]
    return replace(loop, copies=tuple(copies))


def test_a_bound_that_is_one_too_low_is_noticed(traced: Traced) -> None:
    """Many loops do take all their turns: over every guest, every word of a table."""
    noticed = set()
    for name in traced.reached():
        found = broken(Flow({}, {name: with_less(traced.flow.loops[name])}), traced.elf, traced.steps)
        assert all(line.startswith(f"{name} in ") for line in found)
        noticed |= {name} if found else set()
    print(f"{len(noticed)} of {len(traced.reached())} loops take all their turns")
    assert {"ovm.core.boot.vcpus_prepare#0", "ovm.core.memory.guest._clear_tables#1"} <= noticed
    assert len(noticed) >= 50
