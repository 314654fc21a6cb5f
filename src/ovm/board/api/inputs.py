# SPDX-License-Identifier: Apache-2.0
"""Inputs of the machine from outside, recorded with their moments, so that a run can be repeated.

There are no other inputs: with the same inputs at the same moments the machine does the same. A moment may lie anywhere: where
a breakpoint stopped a core, between its instruction and the interrupt that comes next, or where both cores sleep.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ovm.board.api.errors import BoardError
from ovm.board.api.snapshot import Snapshot

# The furthest that the machine may run without passing a moment at which some run ends.
SLICE_CYCLES = 20_000_000
_BOTH_CORES = 3
_MOST_TURNS = 1000  # of the loop around one instruction: decoding, fetching, entering pages, exceptions


@dataclass(frozen=True)
class Moment:
    """A place in a run: the begin of the slice in progress; for each core its instructions, its own cycle, and its pc."""

    cycle: int
    instructions: tuple[int, ...]
    cycles: tuple[int, ...]
    places: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return the instructions of both cores."""
        return sum(self.instructions)


@dataclass(frozen=True)
class Input:
    """One input: a method of the board, or of one of its cores, and its arguments."""

    moment: Moment
    core: int | None
    method: str
    arguments: tuple[Any, ...]


@dataclass
class Recording:
    """A stretch of a run: its start, every input in it, and its end so far."""

    start: Snapshot
    inputs: list[Input] = field(default_factory=list)
    end: Moment | None = None


class Machine(Protocol):
    """The interface of a recording to its board."""

    cores: Any

    @property
    def slice_begin(self) -> int:
        """Return the cycle at which the slice in progress began."""
        ...

    def run_to(self, end: int | None) -> Any:
        """Run it up to a moment."""
        ...

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the board by its dotted name below `ovm.board`."""
        ...

    def without_stops(self) -> AbstractContextManager[None]:
        """Return a context in which the user's stops don't act."""
        ...

    def snapshot(self) -> Snapshot:
        """Return a snapshot of it."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Restore a snapshot."""
        ...


def _kept(argument: Any) -> Any:
    """Return a copy of an argument: the caller may change its buffer later."""
    return bytes(argument) if isinstance(argument, (bytearray, memoryview)) else argument


class Recorder:
    """A recorder of inputs."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._recording: Recording | None = None
        self._inside = False

    def start(self) -> Recording:
        """Begin a recording; a running one ends."""
        self._recording = Recording(self._machine.snapshot())
        return self._recording

    def stop(self) -> None:
        """End the recording."""
        if self._recording:
            self._recording.end = self._moment()
        self._recording = None

    @contextmanager
    def input(self, core: int | None, method: str, *arguments: Any) -> Iterator[None]:
        """Note an input that is being made; inputs that it makes in turn are part of it."""
        if self._recording and not self._inside:
            self._recording.inputs.append(Input(self._moment(), core, method, tuple(map(_kept, arguments))))
        before, self._inside = self._inside, True
        try:
            yield
        finally:
            self._inside = before

    def replay(self, recording: Recording) -> None:
        """Run a recorded stretch again; the machine then is where the recording ended, or at its last input."""
        if recording is self._recording:
            raise BoardError("R209", "this recording still runs", fix="stop it first: board.stop_recording()")
        self._machine.restore(recording.start)
        for each in recording.inputs:
            self._reach(each.moment)
            target = self._machine if each.core is None else self._machine.cores[each.core]
            getattr(target, each.method)(*each.arguments)
        if recording.end:
            self._reach(recording.end)

    def _reach(self, moment: Moment) -> None:
        with self._machine.without_stops():
            self._run_up_to(moment.cycle)
            self._count_up_to(moment)
            self._turn_up_to(moment)
        if self._moment() != moment:
            raise BoardError(
                "R210", "the machine didn't come by a recorded moment", found=str(self._moment()), expected=str(moment),
                fix="replay on a board with the parameters and the file that it was recorded with",
            )  # fmt: skip

    def _run_up_to(self, cycle: int) -> None:
        """Run to a moment of the machine's time, past stops that the program itself makes; not if it sleeps for ever."""
        before, here = None, self._moment()
        while here.cycle < cycle and here != before:
            self._machine.run_to(cycle)
            before, here = here, self._moment()

    def _count_up_to(self, moment: Moment) -> None:
        """Execute the remaining instructions except the last one; an instruction that a slice's end delays counts twice."""
        before, here = None, self._moment()
        while (left := moment.total - 1 - here.total) > 0 and here != before:
            self._machine.call("processor.debug_steps.count_down", left, _BOTH_CORES)
            self._machine.run_to(self._slice_end())
            self._machine.call("processor.debug_steps.disarm")
            before, here = here, self._moment()

    def _turn_up_to(self, moment: Moment) -> None:
        """Do the rest of the last instruction, and of the work before the next one."""
        for _ in range(_MOST_TURNS):
            if self._moment() == moment:
                return
            self._machine.call("run.machine.look_after_cores")
            here = self._moment()
            if here == moment or here.cycle > moment.cycle or here.total > moment.total:
                return
            self._machine.call("run.machine.machine_turn", self._slice_end())

    def _slice_end(self) -> int:
        return (self._machine.slice_begin // SLICE_CYCLES + 1) * SLICE_CYCLES

    def _moment(self) -> Moment:
        cores = self._machine.cores
        each = zip(*((core.instructions, core.cycles, core.pc) for core in cores), strict=True)
        return Moment(self._machine.slice_begin, *each)
