# SPDX-License-Identifier: Apache-2.0
"""The conversion of the board's events to slices and instants on tracks.

Each CPU has a track of its exceptions, nested as they were taken, and one of its page walks; each guest has a track that shows
when it ran; each interrupt has one that shows the time from pending to acknowledged. Slices of one track always nest, for any
use of stacks by the program: a return to User or System mode ends all slices, any other return ends the innermost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from ovm.board.api import Event
from ovm.machines.trace_names import MODES, MONITOR, SYSTEM, USER, Guests, call_name, exception_name

Track = tuple[str, int]  # kind and number
CPU, WALKS, GUEST, INTERRUPT = "cpu", "walks", "guest", "interrupt"
# Facts that are shown as addresses.
ADDRESSES = ("address", "returns to", "from")
_DEEPEST = 16
_SECURE = 1 << 16
_SPURIOUS = 1020
# Interrupts below this one are each CPU's own; those of CPU 1 have tracks of their own.
SHARED = 32
CPU_STRIDE = 1024


class Sink(Protocol):
    """A receiver of slices and instants; times are cycles."""

    def begin(self, track: Track, cycle: int, name: str, facts: Mapping[str, int | str]) -> None:
        """Begin a slice."""
        ...

    def end(self, track: Track, cycle: int) -> None:
        """End the innermost slice."""
        ...

    def instant(self, track: Track, cycle: int, name: str, facts: Mapping[str, int | str]) -> None:
        """Mark an instant."""
        ...


class _Nowhere:
    """A sink for events that are not shown."""

    def begin(self, track: Track, cycle: int, name: str, facts: Mapping[str, int | str]) -> None:
        """Do nothing."""

    def end(self, track: Track, cycle: int) -> None:
        """Do nothing."""

    def instant(self, track: Track, cycle: int, name: str, facts: Mapping[str, int | str]) -> None:
        """Do nothing."""


@dataclass
class _Cpu:
    sink: Sink
    context: int = 0
    walked: int = 0  # when its last walk ended
    open: list[tuple[str, dict[str, int | str]]] = field(default_factory=list)
    guest: int | None = None


class Timeline:
    """A converter of events, in order for each CPU, into a sink's slices."""

    def __init__(self, sink: Sink, guests: Guests) -> None:
        self._sink = sink
        self._guests = guests
        self._cpus = (_Cpu(_Nowhere()), _Cpu(_Nowhere()))
        self._pending: dict[int, bool] = {}  # whether it is shown
        self._told: dict[int, int] = {}
        self._latest = 0

    def add(self, event: Event, since: int | None = 0) -> None:
        """Take one event in.

        The event is shown unless `since` is None; the first time, its CPU's open slices begin at `since`.
        """
        cpu = self._cpus[event.core]
        if since is not None and cpu.sink is not self._sink:
            cpu.sink = self._sink
            self._resume(event.core, cpu, since)
        handler = self._handlers.get(event.kind)
        if handler is not None:
            handler(self, event, cpu)
        if since is not None:
            self._latest = max(self._latest, event.cycle)

    def _resume(self, number: int, cpu: _Cpu, cycle: int) -> None:
        for name, facts in cpu.open:
            cpu.sink.begin((CPU, number), cycle, name, facts)
        if cpu.guest is not None:
            cpu.sink.begin((GUEST, cpu.guest), cycle, "runs", {})

    def finish(self) -> None:
        """End all open slices at the last event shown."""
        for number, cpu in enumerate(self._cpus):
            self._close(number, cpu, self._latest, len(cpu.open))
            self._leave(cpu, self._latest)
        for number, shown in self._pending.items():
            if shown:
                self._sink.end((INTERRUPT, number), self._in_order(number, self._latest))
        self._pending.clear()

    def _exception(self, event: Event, cpu: _Cpu) -> None:
        vector, mode = event.first & 0xFF, event.first >> 8 & 0xFF
        if len(cpu.open) == _DEEPEST:
            self._close(event.core, cpu, event.cycle, _DEEPEST)
        facts: dict[str, int | str] = {"to mode": MODES.get(mode, hex(mode)), "returns to": event.second}
        name = exception_name(vector, mode)
        cpu.open.append((name, facts))
        cpu.sink.begin((CPU, event.core), event.cycle, name, facts)
        if mode == MONITOR:
            self._leave(cpu, event.cycle)

    def _return(self, event: Event, cpu: _Cpu) -> None:
        mode = event.first & 0x1F
        everything = mode in (USER, SYSTEM)
        self._close(event.core, cpu, event.cycle, len(cpu.open) if everything else min(1, len(cpu.open)))
        if not event.first & _SECURE and cpu.guest is None:
            cpu.guest = self._guests.running(event.core, cpu.context)
            if cpu.guest is not None:
                cpu.sink.begin((GUEST, cpu.guest), event.cycle, "runs", {})

    def _close(self, number: int, cpu: _Cpu, cycle: int, count: int) -> None:
        for _ in range(count):
            cpu.open.pop()
            cpu.sink.end((CPU, number), cycle)

    def _leave(self, cpu: _Cpu, cycle: int) -> None:
        if cpu.guest is not None:
            cpu.sink.end((GUEST, cpu.guest), cycle)
            cpu.guest = None

    def _walk(self, event: Event, cpu: _Cpu) -> None:
        """Show a walk, from the end of the previous one at the earliest: walks of loads that wait at the same time overlap."""
        facts: dict[str, int | str] = {"address": event.first, "cycles": event.second}
        cpu.sink.begin((WALKS, event.core), max(event.cycle - event.second, min(cpu.walked, event.cycle)), "walk", facts)
        cpu.sink.end((WALKS, event.core), event.cycle)
        cpu.walked = event.cycle

    def _fault(self, event: Event, cpu: _Cpu) -> None:
        facts: dict[str, int | str] = {"address": event.first, "status": hex(event.second)}
        cpu.sink.instant(self._whose(event, cpu), event.cycle, "fault", facts)

    def _hypercall(self, event: Event, cpu: _Cpu) -> None:
        """Show a guest's hypercall: for a deprivileged guest its SVC, not the gate's SMC that follows with the same number."""
        name = call_name(event.first)
        from_gate = event.core not in self._guests.by_cpu and bool(cpu.open)
        if name and cpu.guest is not None and not from_gate:
            cpu.sink.instant((GUEST, cpu.guest), event.cycle, name, {"from": event.second})

    def _whose(self, event: Event, cpu: _Cpu) -> Track:
        return (CPU, event.core) if cpu.guest is None else (GUEST, cpu.guest)

    def _context(self, event: Event, cpu: _Cpu) -> None:
        if event.second == 1:
            cpu.context = event.first

    def _interrupt(self, event: Event, cpu: _Cpu) -> None:
        for core in (0, 1) if event.first < SHARED else (0,):
            number = event.first + core * CPU_STRIDE
            if (event.first >= SHARED or event.second >> core & 1) and number not in self._pending:
                self._pending[number] = cpu.sink is self._sink
                cpu.sink.begin((INTERRUPT, number), self._in_order(number, event.cycle), "pending", {})

    def _acknowledge(self, event: Event, cpu: _Cpu) -> None:
        line = event.first & 0x3FF
        number = line + (event.core * CPU_STRIDE if line < SHARED else 0)
        if self._pending.pop(number, False):
            self._sink.end((INTERRUPT, number), self._in_order(number, event.cycle))
        if line < _SPURIOUS:
            cpu.sink.instant((CPU, event.core), event.cycle, f"acknowledges interrupt {line}", {})

    def _in_order(self, number: int, cycle: int) -> int:
        """Return a time on an interrupt's track, not before the last one.

        An event of one CPU may arrive after later ones of the other.
        """
        self._told[number] = max(cycle, self._told.get(number, 0))
        return self._told[number]

    _handlers: ClassVar[dict[str, Callable[["Timeline", Event, _Cpu], None]]] = {
        "exception": _exception,
        "return": _return,
        "walk": _walk,
        "fault": _fault,
        "interrupt": _interrupt,
        "acknowledge": _acknowledge,
        "hypercall": _hypercall,
        "context": _context,
    }


# The kinds of events that a timeline is made from.
KINDS = tuple(Timeline._handlers)
