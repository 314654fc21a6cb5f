# SPDX-License-Identifier: Apache-2.0
"""Breakpoints, watchpoints and steps on the bare core: they stop where they should and change no time."""

from collections.abc import Iterator

import pytest

from ovm.board import state
from ovm.board.processor import debug, debug_steps, status
from tests.board import processor as plain
from tests.board.test_programs import CODE, compiled

BOTH_CORES = debug.ON_CORE_0 | debug.ON_CORE_1
BUDGET = 1 << 20


class Debugged(plain.Processor):
    def begin(self, instruction_set: str) -> None:
        """Make the C program ready to run."""
        self.reset()
        self.write(CODE, compiled(instruction_set))
        self.call(status.return_to, 0x1D3 | (instruction_set == "thumb") << 5)
        self.start(CODE)

    def count_to(self, instructions: int) -> None:
        self.call(debug_steps.count_down, instructions, 1)
        self.run(BUDGET)

    @property
    def all_of_it(self) -> tuple[object, ...]:
        return (self.registers, self.pc, self.call(status.cpsr), self.get("slots"), self.get("instructions"))


@pytest.fixture(scope="module")
def core() -> Iterator[Debugged]:
    yield Debugged()


SETS = pytest.mark.parametrize("instruction_set", ["arm", "thumb"])


@SETS
def test_counting_down_stops_where_a_budget_does(core: Debugged, instruction_set: str) -> None:
    for instructions in (1, 2, 1000, 12345, 40_001):
        core.begin(instruction_set)
        while core.get("instructions") < instructions:
            core.run(instructions - core.get("instructions"))
        wanted = core.all_of_it
        core.begin(instruction_set)
        core.count_to(instructions)
        assert core.get("stopped") == state.STOP_REQUEST
        assert core.all_of_it == wanted


@SETS
def test_steps_are_one_instruction_each(core: Debugged, instruction_set: str) -> None:
    core.begin(instruction_set)
    core.count_to(5000)
    stepped = []
    for _ in range(300):
        core.call(debug_steps.arm_step, 0, core.pc)
        core.run(BUDGET)
        assert core.get("stopped") == state.STOP_REQUEST
        stepped.append(core.all_of_it)
    for number in (0, 1, 2, 99, 298, 299):
        core.begin(instruction_set)
        core.count_to(5001 + number)
        assert core.all_of_it == stepped[number]


@SETS
def test_breakpoints_stop_each_time_and_cost_nothing(core: Debugged, instruction_set: str) -> None:
    core.begin(instruction_set)
    core.count_to(20_000)
    place, wanted = core.pc, core.all_of_it
    core.begin(instruction_set)
    number = core.call(debug.add_breakpoint, place, BOTH_CORES)
    hits = 0
    while core.get("instructions") < 20_000:
        core.run(BUDGET)
        assert core.get("stopped") == state.STOP_BREAKPOINT
        assert core.get("event_pc") == core.pc == place
        hits += 1
    assert hits > 1
    assert core.all_of_it == wanted
    core.call(debug.remove_breakpoint, number)
    core.run(100)
    assert core.get("stopped") == state.STOP_NONE


def test_a_breakpoint_where_an_instruction_crosses_pages_stops_once(core: Debugged) -> None:
    core.reset()
    # nop; mov.w r0, #256, whose halves lie in two pages; adds r2, #1; b to itself
    core.write(0xFFC, b"".join(half.to_bytes(2, "little") for half in (0xBF00, 0xF44F, 0x7080, 0x3201, 0xE7FE)))
    core.call(status.return_to, 0x1F3)
    core.start(0xFFC)
    core.call(debug.add_breakpoint, 0xFFE, BOTH_CORES)
    core.run(20)
    assert (core.get("stopped"), core.pc) == (state.STOP_BREAKPOINT, 0xFFE)
    core.run(20)
    assert (core.get("stopped"), core.pc) == (state.STOP_NONE, 0x1004)
    assert core.registers[0] == 256 and core.registers[2] == 1


def test_a_breakpoint_of_the_other_core_lets_this_one_pass(core: Debugged) -> None:
    core.begin("arm")
    core.call(debug.add_breakpoint, CODE, debug.ON_CORE_1)
    core.count_to(10_000)
    assert core.get("stopped") == state.STOP_REQUEST
    assert core.get("instructions") == 10_000


def test_breakpoints_have_an_end(core: Debugged) -> None:
    core.reset()
    for number in range(debug.MOST):
        assert core.call(debug.add_breakpoint, number * 4, BOTH_CORES) == number
    assert core.call(debug.add_breakpoint, 0x1000, BOTH_CORES) == debug.NO_ROOM
    core.call(debug.remove_breakpoint, 7)
    assert core.call(debug.add_breakpoint, 0x1000, BOTH_CORES) == 7


# mov r0, #0x2000; mov r1, #7; 1: str r1, [r0]; ldrb r2, [r0, #1]; str r1, [r0, #64]; b 1b
ACCESSES = (0xE3A00A02, 0xE3A01007, 0xE5801000, 0xE5D02001, 0xE5801040, 0xEAFFFFFB)


@pytest.mark.parametrize(
    ("first", "size", "flags", "pcs"),
    [
        (0x2000, 4, debug.ON_WRITE, [0xC, 0xC]),
        (0x2000, 4, debug.ON_READ, [0x10, 0x10]),
        (0x2001, 1, debug.ON_READ | debug.ON_WRITE, [0xC, 0x10, 0xC, 0x10]),
        (0x2040, 1, debug.ON_WRITE, [0x14, 0x14]),
        (0x2004, 60, debug.ON_READ | debug.ON_WRITE, []),
    ],
)
def test_watchpoints_stop_after_each_access(core: Debugged, first: int, size: int, flags: int, pcs: list[int]) -> None:
    core.reset()
    core.write(0, b"".join(word.to_bytes(4, "little") for word in ACCESSES))
    core.start(0)
    core.run(50)
    number = core.call(debug.add_watchpoint, first, size, flags)
    core.call(plain.lines.drop_lines)
    seen = []
    core.run(40)
    while core.get("stopped") == state.STOP_WATCHPOINT and len(seen) < len(pcs):
        assert first <= core.get("event_word") + 3 and core.get("event_word") < first + size
        seen.append(core.pc)
        core.run(40)
    assert seen[-2:] == [pcs[(index + len(seen)) % len(pcs)] for index in (-2, -1)] if pcs else not seen
    core.call(debug.remove_watchpoint, number)
    core.run(100)
    assert core.get("stopped") == state.STOP_NONE


def test_an_access_that_aborts_is_none(core: Debugged) -> None:
    core.reset()
    # mov r0, #0x50000000: nothing is there; ldr r1, [r0]
    core.write(0, b"".join(word.to_bytes(4, "little") for word in (0xE3A0_0205, 0xE590_1000)))
    core.start(0)
    core.call(debug.add_watchpoint, 0x5000_0000, 4, debug.ON_READ)
    core.run(8)
    assert core.get("stopped") == state.STOP_NONE
    assert core.get("exception") == 0x10


def test_forgetting_an_armed_step(core: Debugged) -> None:
    core.begin("arm")
    core.call(debug_steps.arm_step, 0, core.pc)
    core.call(debug_steps.disarm)
    core.run(50)
    assert core.get("stopped") == state.STOP_NONE
