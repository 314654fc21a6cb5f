# SPDX-License-Identifier: Apache-2.0
"""A recorder of a run's timeline, in bounded memory.

Events come from the board after each slice of the run and are dropped when they have been written. A window of time leaves out
all events outside it; `last` keeps that many events in memory and writes them at the end. Slices that are open where the file
begins, begin there.
"""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ovm.board.api import Board, Event
from ovm.machines.running import TIMEOUT, Driven
from ovm.machines.trace_file import TraceFile
from ovm.machines.trace_names import Guests, guests_of
from ovm.machines.trace_timeline import KINDS, Timeline
from ovm.system.archive import Archive

Moment = Callable[[int], int]  # from cycles a second to cycles
_SLICE_CYCLES = 5_000_000


@dataclass(frozen=True)
class Window:
    """The part of a run that is recorded, in cycles; `last` is a number of events, 0 for all."""

    begin: int = 0
    end: int | None = None
    last: int = 0


class Traced:
    """A run with a recorder attached; the file appears whole when the `with` block ends for any reason."""

    REASON = "traced"

    def __init__(
        self, archive: Archive, file: Path, *, begin: Moment | None = None, end: Moment | None = None, last: int = 0
    ) -> None:
        self._guests = guests_of(archive.plan)
        self._file = file
        self._part = file.with_name(f".{file.name}.part")
        self._begin, self._end, self._last = begin, end, last
        self._recorder: Recorder | None = None

    def __enter__(self) -> "Traced":
        self._stream = self._part.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            if self._recorder:
                self._recorder.finish()
            self._stream.close()
            os.replace(self._part, self._file)
        finally:
            self._part.unlink(missing_ok=True)

    def __call__(self, machine: Driven) -> str:
        """Attach the recorder; if the window has an end, run up to it."""
        board = machine.board
        begin = self._begin(board.hz) if self._begin else 0
        end = self._end(board.hz) if self._end else None
        self._recorder = Recorder(self._stream, board.hz, self._guests, Window(begin, end, self._last))
        self._recorder.attach(board)
        if end is None:
            return ""
        while board.now < end and not machine.over:
            if board.run(cycles=min(_SLICE_CYCLES, end - board.now)).reason != "budget":
                return ""
            if machine.late():
                return TIMEOUT
        return self.REASON if not machine.over else ""

    @property
    def events(self) -> int:
        """Return the number of events."""
        return self._recorder.events if self._recorder else 0

    @property
    def written(self) -> dict[str, int]:
        """Return events in the file, by the kind of their track."""
        return self._recorder.written if self._recorder else {}


class Recorder:
    """A recorder, which works from `attach` to `finish`."""

    def __init__(self, file: IO[bytes], hz: int, guests: Guests, window: Window) -> None:
        self._file = TraceFile(file, hz, guests.names)
        self._window = window
        self._timeline = Timeline(self._file, guests)
        self._kept: deque[Event] = deque()
        self.events = 0

    @property
    def written(self) -> dict[str, int]:
        """Return events in the file by the kind of their track."""
        return self._file.written

    def attach(self, board: Board) -> None:
        """Subscribe to a board's events."""
        board.subscribe(KINDS, self.add)

    def add(self, event: Event) -> None:
        """Take one event in."""
        self.events += 1
        if self._window.end is not None and event.cycle >= self._window.end:
            return
        if event.cycle < self._window.begin:
            self._timeline.add(event, None)
        elif self._window.last:
            self._kept.append(event)
            if len(self._kept) > self._window.last:
                self._timeline.add(self._kept.popleft(), None)
        else:
            self._timeline.add(event, self._window.begin)

    def finish(self) -> None:
        """Write the remaining events; after that the file is complete."""
        first = min((event.cycle for event in self._kept), default=0)
        while self._kept:
            self._timeline.add(self._kept.popleft(), first)
        self._timeline.finish()
        self._file.flush()
