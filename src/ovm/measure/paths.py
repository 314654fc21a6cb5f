# SPDX-License-Identifier: Apache-2.0
"""The lengths of OVM's paths from entry into Monitor mode to the return, each uninterruptible, in cycles.

The data comes from the board's events. A stay is named after the reason of its entry; one that ends with another guest than it
began with is a switch. A stay that begins while OVM sleeps begins with the alarm that wakes it. The alarm's wait, from the time
when its interrupt is pending until OVM acknowledges it, is counted for the path that it interrupted.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ovm.abi.config import Level
from ovm.board.api.events import KINDS, LAYOUT
from ovm.machines.trace_names import MONITOR, Guests, call_name, guests_of
from ovm.measure.profile import Profile, profile_stays
from ovm.measure.run import Observed
from ovm.system.build import build
from ovm.system.plan import Plan

Progress = Callable[[str], None]
CPU = 0
EVENTS = ("exception", "return", "interrupt", "acknowledge", "context", "hypercall")
ALARM, WOKEN, IN_GUEST = "alarm", "alarm that wakes OVM", "a guest"
_EXCEPTION, _RETURN, _INTERRUPT, _ACKNOWLEDGE, _CONTEXT, _HYPERCALL = (KINDS[name] for name in EVENTS)
_ALARM_LINE = 29
_SPURIOUS = 1020
_CAUSES = {0x04: "undefined instruction", 0x0C: "prefetch abort", 0x10: "data abort", 0x18: ALARM, 0x1C: ALARM}
_SUPERVISOR_CALL = 0x08
# Switches to an SRT guest that are examined: this many, after the first ones, during which neighbours start.
_LOOKED_INTO, _WARM_UP = 16, 16


@dataclass(frozen=True)
class Stay:
    """One stay in OVM, from a cycle of the run."""

    path: str
    begin: int
    cycles: int
    guest: int | None


@dataclass
class Paths:
    """The stays of CPU 0."""

    guests: Guests
    stays: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    waits: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    longest: dict[str, Stay] = field(default_factory=dict)
    switches: list[Stay] = field(default_factory=list)
    _cause: str = ""
    _call: int = 0
    _context: int = 0
    _began: int | None = None
    _from: int | None = None
    _acknowledged: bool = False
    _pending: tuple[int, str] | None = None

    def add(self, records: bytes) -> None:
        """Take records of events in."""
        for cycle, kind, core, _, first, second, _ in LAYOUT.iter_unpack(records):
            if kind == _INTERRUPT:
                if first == _ALARM_LINE and second >> CPU & 1:
                    self._pending = (cycle, IN_GUEST if self._began is None else self._cause)
            elif core != CPU:
                continue
            elif kind == _EXCEPTION:
                self._enter(cycle, first)
            elif kind == _RETURN and self._began is not None:
                self._leave(cycle)
            elif kind == _ACKNOWLEDGE:
                self._acknowledge(cycle, first & 0x3FF)
            elif kind == _CONTEXT:
                self._context = first
            elif kind == _HYPERCALL and self._began is None:
                self._call = first

    def _enter(self, cycle: int, first: int) -> None:
        vector, mode, secure = first & 0xFF, first >> 8 & 0xFF, first >> 16 & 1
        if vector != _SUPERVISOR_CALL:
            self._cause = _CAUSES.get(vector, f"vector {vector:#x}")
        elif mode != MONITOR:
            self._cause = f"call {call_name(self._call)}" if call_name(self._call) else "system call"
        if mode == MONITOR and not secure:
            self._began, self._acknowledged = cycle, False
            self._from = self.guests.running(CPU, self._context)

    def _acknowledge(self, cycle: int, line: int) -> None:
        if line >= _SPURIOUS or self._pending is None:
            return
        pending, during = self._pending
        self._pending = None
        if self._began is not None and (self._acknowledged or self._cause != ALARM):
            # No guest ran, so OVM slept.
            self._began, self._cause, self._from = max(self._began, pending), WOKEN, None
        else:
            self.waits[during].append(cycle - pending)
        self._acknowledged = True

    def _leave(self, cycle: int) -> None:
        assert self._began is not None
        guest = self.guests.running(CPU, self._context)
        path = self._cause if guest == self._from else f"{self._cause}, switches"
        stay = Stay(path, self._began, cycle - self._began, guest)
        self._began = None
        self.stays[path].append(stay.cycles)
        if path not in self.longest or stay.cycles > self.longest[path].cycles:
            self.longest[path] = stay
        if guest != self._from and self._cause in (ALARM, WOKEN):
            self.switches.append(stay)


@dataclass(frozen=True)
class PathRun:
    """A measured run: its paths, and profiles of the longest stay, of switches to an SRT guest and of the longest such switch."""

    paths: Paths
    longest: tuple[Stay, Profile]
    # The sum of this many; none if no SRT guest runs.
    activation: Profile
    activations: int
    worst: tuple[Stay, Profile] | None


def measure_paths(description: Path, progress: Progress) -> PathRun:
    """Run a description; run it again, which is the same to the cycle, and examine stays instruction by instruction."""
    archive = build(description, progress)
    paths = Paths(guests_of(archive.plan))
    progress("running")
    Observed(archive, EVENTS, paths.add)
    longest = max(paths.longest.values(), key=lambda stay: stay.cycles)
    switches = _to_srt(paths, archive.plan)
    chosen = switches[:: max(1, len(switches) // _LOOKED_INTO)][:_LOOKED_INTO]
    worst = max(switches, key=lambda stay: stay.cycles, default=None)
    progress("running again, step by step where it matters")
    stays = (longest, *chosen) if worst is None else (longest, worst, *chosen)
    profiles = profile_stays(archive, CPU, [stay.begin for stay in stays])
    return PathRun(
        paths=paths,
        longest=(longest, profiles[longest.begin]),
        activation=sum((profiles[stay.begin] for stay in chosen), Profile()),
        activations=len(chosen),
        worst=None if worst is None else (worst, profiles[worst.begin]),
    )


def _to_srt(paths: Paths, plan: Plan) -> list[Stay]:
    """Return switches to SRT guests that the alarm made, without the first ones."""
    levels = [each.guest.level for each in plan.guests]
    return [stay for stay in paths.switches if stay.guest is not None and levels[stay.guest] is Level.SRT][_WARM_UP:]
