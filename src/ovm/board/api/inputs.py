# SPDX-License-Identifier: Apache-2.0
"""What comes into the machine from outside, written down with its moment, so that a run can be had again.

Nothing else does: given the same inputs at the same moments the machine does the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ovm.board.api.errors import BoardError
from ovm.board.api.snapshot import Snapshot


@dataclass(frozen=True)
class Moment:
    """A place in a run: the machine's cycle, and instructions of both cores."""

    cycle: int
    instructions: tuple[int, ...]


@dataclass(frozen=True)
class Input:
    """One input: a method of the board, or of one of its cores, and its arguments."""

    moment: Moment
    core: int | None
    method: str
    arguments: tuple[Any, ...]


@dataclass
class Recording:
    """A stretch of a run: how it began, every input in it, and where it ended so far."""

    start: Snapshot
    inputs: list[Input] = field(default_factory=list)
    end: Moment | None = None


class Machine(Protocol):
    """What recording needs of its board."""

    cores: Any

    @property
    def now(self) -> int:
        """Its time."""
        ...

    def run(self, cycles: int | None = None) -> Any:
        """Run it."""
        ...

    def snapshot(self) -> Snapshot:
        """Keep it."""
        ...

    def restore(self, snapshot: Snapshot) -> None:
        """Put it back."""
        ...


class Recorder:
    """Writes inputs down while somebody wants them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._recording: Recording | None = None
        self._inside = False

    def start(self) -> Recording:
        """Begin a recording; one that runs ends."""
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
            self._recording.inputs.append(Input(self._moment(), core, method, arguments))
        before, self._inside = self._inside, True
        try:
            yield
        finally:
            self._inside = before

    def replay(self, recording: Recording) -> None:
        """Have a recorded stretch again; the machine then stands where the recording ended, or at its last input."""
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
        left = moment.cycle - self._machine.now
        if left > 0:
            self._machine.run(cycles=left)
        if self._moment() != moment:
            raise BoardError(
                "R210", "the machine didn't come by a recorded moment", found=str(self._moment()), expected=str(moment),
                fix="let the machine stop only at the end of its budget while it is recorded",
            )  # fmt: skip

    def _moment(self) -> Moment:
        return Moment(self._machine.now, tuple(core.instructions for core in self._machine.cores))
