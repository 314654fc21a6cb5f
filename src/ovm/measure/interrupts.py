# SPDX-License-Identifier: Apache-2.0
"""Interrupt latency of an HRT guest, together with others and alone.

The data comes from the board's events, so measuring costs no simulated time: the guest's timer interrupt becomes pending, the
CPU enters IRQ mode, the guest's handler acknowledges, does its work and returns. The counters of its CPU over the whole run
show the causes of waiting.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ovm.abi.config import Level
from ovm.board.api.events import KINDS, LAYOUT
from ovm.machines.errors import MachineError
from ovm.measure.run import Observed
from ovm.system.build import build
from ovm.system.model import Guest, System

Progress = Callable[[str], None]
TIMER_INTERRUPT = 29
EVENTS = ("interrupt", "exception", "acknowledge", "return")
ALL, ALONE = "beside all others", "alone under OVM"
_PENDING, _EXCEPTION, _ACKNOWLEDGED, _RETURN = (KINDS[name] for name in EVENTS)
_IRQ_VECTOR = 0x18


@dataclass
class Latencies:
    """Cycles from pending to the exception's entry, from there to the acknowledge, and to the return, of one CPU's timer."""

    core: int
    entry: list[int] = field(default_factory=list)
    service: list[int] = field(default_factory=list)
    work: list[int] = field(default_factory=list)
    _pending: int | None = None
    _entered: int | None = None
    _working: int | None = None

    def add(self, records: bytes) -> None:
        """Take records of events in."""
        for cycle, kind, core, _, first, second, _ in LAYOUT.iter_unpack(records):
            if kind == _PENDING and first == TIMER_INTERRUPT and second >> self.core & 1:
                self._pending, self._entered = cycle, None
            elif core != self.core:
                continue
            elif kind == _RETURN and self._working is not None:
                self.work.append(cycle - self._working)
                self._working = None
            elif self._pending is None:
                continue
            elif kind == _EXCEPTION and first & 0xFF == _IRQ_VECTOR:
                self._entered = cycle
            elif kind == _ACKNOWLEDGED and first & 0x3FF == TIMER_INTERRUPT and self._entered is not None:
                self.entry.append(self._entered - self._pending)
                self.service.append(cycle - self._entered)
                self._pending, self._working = None, self._entered

    @property
    def whole(self) -> list[int]:
        """Return from pending to the acknowledge."""
        return [entry + service for entry, service in zip(self.entry, self.service, strict=True)]


@dataclass(frozen=True)
class Run:
    """One run: latencies, and the counters of an average activation."""

    name: str
    latencies: Latencies
    counts: Mapping[str, int]

    def each(self, counter: str) -> float:
        """Return a counter's share of one activation."""
        return self.counts[counter] / max(1, len(self.latencies.entry))


def measure_interrupts(description: Path, progress: Progress) -> list[Run]:
    """Run a description with an HRT guest, then the HRT guest alone."""
    return [_run(description, ALL, progress, lambda system: system), _run(description, ALONE, progress, _alone)]


def _alone(system: System) -> System:
    return replace(system, guests=(replace(_hrt(system), index=0),))


def _hrt(system: System) -> Guest:
    for guest in system.guests:
        if guest.level is Level.HRT:
            return guest
    raise MachineError("R106", f"nothing in '{system.name}' can be measured: no guest is HRT", fix="see systems/full-load.toml")


def _run(description: Path, name: str, progress: Progress, change: Callable[[System], System]) -> Run:
    archive = build(description, progress, change=change)
    latencies = Latencies(_hrt(archive.plan.system).cpu)
    progress(f"running, {name}")
    observed = Observed(archive, EVENTS, latencies.add)
    counts = {**observed.counts[latencies.core], "instructions": observed.instructions[latencies.core]}
    return Run(name, latencies, counts)
