# SPDX-License-Identifier: Apache-2.0
"""Record a run's timeline, in bounded memory.

Events come from the board after each slice of the run and are gone when they are written. A window of time leaves out
what lies outside it; `last` keeps so many events in memory and writes them in the end. Slices that are open where the
file begins, begin there.
"""

from collections import deque
from dataclasses import dataclass
from typing import IO

from ovm.board.api import Board, Event
from ovm.machines.trace_file import TraceFile
from ovm.machines.trace_names import Guests
from ovm.machines.trace_timeline import KINDS, Timeline


@dataclass(frozen=True)
class Window:
    """What of a run is recorded, in cycles; `last` is a number of events, 0 for all."""

    begin: int = 0
    end: int | None = None
    last: int = 0


class Recorder:
    """Records from `attach` to `finish`."""

    def __init__(self, file: IO[bytes], hz: int, guests: Guests, window: Window) -> None:
        self._file = TraceFile(file, hz, guests.names)
        self._window = window
        self._timeline = Timeline(self._file, guests)
        self._kept: deque[Event] = deque()
        self.events = 0

    @property
    def written(self) -> dict[str, int]:
        """Events in the file by the kind of their track."""
        return self._file.written

    def attach(self, board: Board) -> None:
        """Hear of what happens on a board."""
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
        """Write what is left; the file is complete then."""
        first = min((event.cycle for event in self._kept), default=0)
        while self._kept:
            self._timeline.add(self._kept.popleft(), first)
        self._timeline.finish()
