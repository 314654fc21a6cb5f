# SPDX-License-Identifier: Apache-2.0
"""Going back in time on the virtual board: each moment is found again exactly as it was."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ovm.board.api import Board
from ovm.machines.gdb.board import BoardTarget
from ovm.machines.gdb.console import Once
from ovm.machines.gdb.target import BEGINNING, BREAKPOINT, INTERRUPTED, STEP, WATCHPOINT, Halt
from ovm.machines.inspect_moment import address_of
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build

SYSTEM = Path(__file__).parent.parent.parent / "systems" / "mixed.toml"


def never() -> bool:
    return False


class After:
    """Interrupts after so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def __call__(self) -> bool:
        self.looks -= 1
        return self.looks < 0


class Machine:
    """A board with the demo on it, as the debugger's server sees it."""

    def __init__(self, archive: Archive, **parameters: int) -> None:
        self.archive = archive
        self.board = Board({**archive.plan.system.board.parameters, **parameters})
        self.said = b""
        self.console = Once(self._hear)
        self.board.on_console(self.console)
        self.begin()
        self.target = BoardTarget(self.board, self.begin, self.console)

    def _hear(self, uart: int, data: bytes) -> None:
        self.said += data

    def begin(self) -> None:
        self.board.reset()
        self.board.start(self.board.load(self.archive.boot))

    def here(self) -> tuple[tuple[Any, ...], ...]:
        """Return all that a debugger can see of the CPUs, and how far they are."""
        return tuple((core.instructions, core.cycles, core.pc, core.cpsr, core.registers) for core in self.board.cores)


@pytest.fixture(scope="module")
def archive() -> Archive:
    return build(SYSTEM, lambda _: None, board="zc702")


@pytest.fixture
def machine(archive: Archive) -> Iterator[Machine]:
    made = Machine(archive)
    made.target.resume(None, After(2))
    yield made


def test_steps_back_are_steps_undone(machine: Machine) -> None:
    for core in (0, 1):
        passed = []
        for _ in range(10):
            passed.append(machine.board.cores[core].instructions)
            assert machine.target.resume(core, never).reason == STEP
        # Taking an interrupt is a step without an instruction; going back passes it over.
        for wanted in reversed(sorted(set(passed) - {machine.board.cores[core].instructions})):
            halt = machine.target.back(core, never)
            assert (halt.reason, halt.core) == (STEP, core)
            assert machine.board.cores[core].instructions == wanted


def test_forward_again_is_the_same(machine: Machine) -> None:
    states = [machine.here()]
    before = [machine.board.cores[0].instructions]
    for _ in range(12):
        machine.target.resume(0, never)
        states.append(machine.here())
        before.append(machine.board.cores[0].instructions)
    # Taking an interrupt is a step without an instruction; going back passes it over.
    for _ in range(len(set(before)) - 1):
        machine.target.back(0, never)
    assert machine.here() == states[0]
    for wanted in states[1:]:
        machine.target.resume(0, never)
        assert machine.here() == wanted


@pytest.mark.parametrize("quantum", [1, 20, 2000])
def test_a_step_back_and_one_forward_are_none(archive: Archive, quantum: int) -> None:
    """At any moments and lengths of slices."""
    chance, machine = random.Random(quantum), Machine(archive, quantum=quantum)
    machine.board.run(cycles=13_600_000)
    for _ in range(12):
        machine.board.run(cycles=chance.randrange(1, 10_000))
        machine.target.history.begin()
        core = chance.randrange(2)
        for _ in range(chance.randrange(2, 40)):
            executed = machine.board.cores[core].instructions
            assert machine.target.resume(core, never).reason == STEP
        while machine.board.cores[core].instructions == executed:
            machine.target.resume(core, never)
        here = machine.here()
        assert machine.target.back(core, never) == Halt(STEP, core)
        assert machine.board.cores[core].instructions == here[core][0] - 1
        assert machine.target.resume(core, never).reason == STEP
        assert machine.here() == here


@pytest.mark.parametrize(("core", "base", "vector"), [(1, "VBAR_NS", 0x18), (0, "MVBAR", 0x1C)])
def test_a_step_back_in_a_vector_ends_there(machine: Machine, core: int, base: str, vector: int) -> None:
    """Not at the instruction that gave way to the interrupt, although the CPU has executed as many then."""
    place = machine.board.cores[core].get(base) + vector
    number = machine.target.add_breakpoint(place)
    while (halt := machine.target.resume(None, never)).core != core:
        assert halt.reason == BREAKPOINT
    there = machine.here()
    while machine.target.resume(None, never).core != core:
        pass
    while (halt := machine.target.back(None, never)).core != core:
        assert halt.reason == BREAKPOINT
    assert machine.here() == there
    machine.target.remove_breakpoint(number)
    for _ in range(3):
        there = machine.here()
        assert machine.target.resume(core, never).reason == STEP
        assert machine.target.back(core, never).reason == STEP
        assert machine.here()[core] == there[core]
        machine.target.resume(core, never)


def test_breakpoints_are_met_again_in_reverse(machine: Machine) -> None:
    number = machine.target.add_breakpoint(address_of(machine.archive, "supervisor_call.supervisor_call"))
    met = []
    for _ in range(6):
        assert machine.target.resume(None, never).reason == BREAKPOINT
        met.append(machine.here())
    for wanted in reversed(met[:-1]):
        halt = machine.target.back(None, never)
        assert halt.reason == BREAKPOINT
        assert machine.here() == wanted
    machine.target.remove_breakpoint(number)
    for _ in range(3):
        machine.target.back(0, never)
    assert machine.target.resume(0, never).reason == STEP


def test_who_wrote_this(machine: Machine) -> None:
    current = address_of(machine.archive, "supervisor_call.supervisor_call")
    machine.target.add_breakpoint(current)
    machine.target.resume(None, never)
    stack = machine.board.cores[0].get("sp")
    for number in list(machine.board.breakpoints):
        machine.target.remove_breakpoint(number)
    watch = machine.target.add_watchpoint(stack - 4, 4, read=False, write=True)
    halt = machine.target.resume(None, never)
    assert halt.reason == WATCHPOINT
    after = machine.here()
    value = machine.board.read(stack - 4, 4)
    machine.target.resume(0, never)
    machine.target.resume(0, never)
    back = machine.target.back(None, never)
    assert back.reason == WATCHPOINT and back.address == halt.address
    machine.target.remove_watchpoint(watch)
    machine.target.resume(0, never)
    assert machine.here() == after
    assert machine.board.read(stack - 4, 4) == value


def test_nothing_lies_before_the_beginning(archive: Archive) -> None:
    machine = Machine(archive)
    start = machine.here()
    assert machine.target.back(0, never).reason == BEGINNING
    machine.target.resume(0, never)
    assert machine.target.back(None, never).reason == BEGINNING
    assert machine.here() == start


def test_what_the_user_changes_begins_a_history(machine: Machine) -> None:
    machine.target.resume(0, never)
    machine.target.set(0, "r5", 0x1234_5678)
    assert machine.target.back(0, never).reason == BEGINNING
    assert machine.board.cores[0].get("r5") == 0x1234_5678
    machine.target.write(0x0430_0000, b"mark")
    machine.target.resume(0, never)
    machine.target.back(0, never)
    assert machine.target.read(0, 0x0430_0000, 4) == b"mark"


def test_the_console_says_nothing_twice(archive: Archive) -> None:
    machine = Machine(archive)
    machine.target.resume(None, After(6))
    said = machine.said
    assert b"MMU on" in said
    machine.target.add_breakpoint(address_of(archive, "boot_primary"))
    assert machine.target.back(None, never).reason == BREAKPOINT
    for number in list(machine.board.breakpoints):
        machine.target.remove_breakpoint(number)
    machine.target.resume(None, After(4))
    assert machine.said == said
    machine.console.forget()
    machine.begin()
    machine.target.resume(None, After(6))
    assert machine.said == said + said


def test_stops_change_no_future(archive: Archive) -> None:
    plain = Machine(archive)
    plain.board.run(cycles=12_000_000)
    stopped = Machine(archive)
    stopped.target.add_breakpoint(address_of(archive, "supervisor_call.supervisor_call"))
    cpus = Elf(archive.core.content).address_of("ovm.core.cpu.CPUS")
    stopped.target.add_watchpoint(cpus, 8, read=True, write=True)
    reasons = set()
    while (stop := stopped.board.run_to(12_000_000)).reason != "budget":
        reasons.add(stop.reason)
        stopped.board.step(stop.core)
    assert reasons == {"breakpoint", "watchpoint"}
    assert stopped.here() == plain.here()
    with stopped.board.without_stops():
        stopped.board.run(cycles=5_000_000)
    plain.board.run(cycles=5_000_000)
    assert stopped.here() == plain.here()
    assert [stopped.board.counts(core) for core in (0, 1)] == [plain.board.counts(core) for core in (0, 1)]


def test_interrupting_a_search(machine: Machine) -> None:
    machine.target.add_breakpoint(0x0000_0040)
    assert machine.target.back(None, After(0)).reason in (INTERRUPTED, BEGINNING)


def test_a_search_that_stops_all_the_time_can_be_interrupted(machine: Machine) -> None:
    machine.target.add_breakpoint(address_of(machine.archive, "supervisor_call.supervisor_call"))
    for _ in range(6):
        assert machine.target.resume(None, never).reason == BREAKPOINT
    assert machine.target.back(None, After(2)).reason == INTERRUPTED
