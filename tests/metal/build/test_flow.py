# SPDX-License-Identifier: Apache-2.0
"""Loop bounds in machine code hold in traces of it, and a wrong one is noticed."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest

from ovm.metal import array, bound, fn, static, u32
from ovm.metal.build.flow import Flow, Loop, broken, flow_of
from ovm.metal.compiler import Options, compile_unit
from tests.metal.unicorn_run import UnicornProgram

CELLS = static(array(u32, 64))


@fn(inline=True)
def fill(count: u32, value: u32) -> u32:
    for index in u32.range(count, bound=40):
        CELLS[index] = value
    return value


@fn
def twice_inlined(count: u32) -> u32:
    # One copy is known to take 3 turns, the other takes as many as the caller says.
    return fill(u32(3), u32(1)) + fill(count, u32(2))


@fn
def collatz(start: u32) -> u32:
    """Count steps to 1."""
    value = start
    steps = u32(0)
    while value != 1:
        bound(120)
        value = value // 2 if value & 1 == 0 else value * 3 + 1
        steps += 1
    return steps


@fn
def nested(rows: u32) -> u32:
    total = u32(0)
    for row in u32.range(rows, bound=12):
        for column in u32.range(row, bound=12):
            if column == 5:
                break
            total += CELLS[row + column]
    return total


@fn
def pairs() -> u32:
    total = u32(0)
    for index in u32.range(8):
        total = total * 3 + CELLS[index]
    return total


ROOTS = (twice_inlined, collatz, nested, pairs)
# Functions with the most turns that their loops take.
CALLS: tuple[tuple[Any, tuple[int, ...]], ...] = (
    (twice_inlined, (0,)), (twice_inlined, (40,)), (collatz, (1,)), (collatz, (27,)),
    (nested, (12,)), (nested, (0,)), (pairs, ()),
)  # fmt: skip


@dataclass(frozen=True)
class Marked:
    """A program whose machine code is made by way of assembly."""

    parts: Mapping[str, str]
    lines: Mapping[str, Sequence[int]]


class Traced:
    """The program on an emulated Cortex-A9, with the addresses of the instructions that it has executed."""

    def __init__(self, optimise: str) -> None:
        unit = compile_unit(ROOTS, Options("arm", marked=True, numbered=True))
        self.program = UnicornProgram(Marked(unit.parts, {}), optimise=optimise)
        self.trace: list[int] = []
        self.program.hear_instructions(self.trace.append)
        calls = {name: each.calls for name, each in unit.functions.items()}
        self.flow = flow_of(self.program.elf, calls, unit.loops)
        for function, arguments in CALLS:
            self.program.call(function.symbol, *arguments)

    def broken(self, flow: Flow | None = None) -> list[str]:
        return broken(flow or self.flow, self.program.elf, Counter(pairwise([-1, *self.trace])))


@pytest.fixture(scope="module", params=["1", "2", "3", "s"])
def traced(request: pytest.FixtureRequest) -> Traced:
    return Traced(request.param)


def of(function: Any, number: int = 0) -> str:
    return f"{function.symbol}#{number}"


def test_every_loop_has_its_bound_and_its_place(traced: Traced) -> None:
    loops = traced.flow.loops
    assert {name: loop.bound for name, loop in loops.items()} == {
        of(fill): 40, of(collatz): 120, of(nested): 12, of(nested, 1): 12, of(pairs): 8,
    }  # fmt: skip
    assert all(copy.entries and copy.turns for loop in loops.values() for copy in loop.copies)


def test_a_count_that_is_known_in_a_copy_is_its_bound(traced: Traced) -> None:
    bounds = {mark.bound for copy in traced.flow.loops[of(fill)].copies for mark in copy.entries}
    assert {3, 40} <= bounds


def test_no_trace_contradicts_a_bound(traced: Traced) -> None:
    assert len(traced.trace) > 1000
    assert traced.broken() == []


def with_bound(loop: Loop, most: int) -> Loop:
    """Return the loop as it would be with a bound that is at most `most`."""
    copies = [
        replace(each, entries=[replace(mark, bound=min(mark.bound, most)) for mark in each.entries]) for each in loop.copies
    ]
    return replace(loop, copies=tuple(copies))


@pytest.mark.parametrize(
    ("function", "number", "most"), [(fill, 0, 2), (collatz, 0, 50), (nested, 0, 5), (nested, 1, 1), (pairs, 0, 7)]
)
def test_a_planted_wrong_bound_is_noticed(traced: Traced, function: Any, number: int, most: int) -> None:
    name = of(function, number)
    wrong = Flow(traced.flow.calls, {**traced.flow.loops, name: with_bound(traced.flow.loops[name], most)})
    found = traced.broken(wrong)
    assert found and all(line.startswith(name) for line in found)


def test_without_labels_an_entry_would_count_turns(traced: Traced) -> None:
    """The marks of an entry and of a turn may have one address: only the label between them tells them apart.

    One level of optimisation makes code in which no loop begins so; there it makes no difference.
    """
    matters = any(mark.falls for loop in traced.flow.loops.values() for copy in loop.copies for mark in copy.entries)
    jumps = {name: with_jumps(loop) for name, loop in traced.flow.loops.items()}
    wrong = {name: with_bound(loop, 1) for name, loop in jumps.items()}
    told = {name: with_bound(loop, 1) for name, loop in traced.flow.loops.items()}
    assert (len(traced.broken(Flow({}, wrong))) < len(traced.broken(Flow({}, told)))) == matters


def with_jumps(loop: Loop) -> Loop:
    copies = [replace(each, entries=[replace(mark, falls=False) for mark in each.entries]) for each in loop.copies]
    return replace(loop, copies=tuple(copies))


def test_it_is_written_as_json(traced: Traced) -> None:
    written = json.loads(traced.flow.to_json(traced.program.elf))
    assert written["schema"] == "ovm-flow-1"
    assert written["loops"][of(collatz)]["bound"] == 120
    assert {"address", "size", "calls"} == set(written["functions"][collatz.symbol])
