# SPDX-License-Identifier: Apache-2.0
"""The result of a run: the contents of consoles and records, by guest.

`as_json` is the machine-readable form, described in `docs/reference/run-json.md`; keys are only ever added to it.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from ovm.machines.stream import ConsoleLine, Event, OtherLine, Record, Value
from ovm.system.expectations import COUNTERS, report_names
from ovm.system.plan import Plan
from ovm.system.report import memory_method

SCHEMA = "ovm-run-1"
MET, FAILED, UNJUDGED = "met", "failed", "unjudged"
_REPORTS = report_names()
_ENDED = {"exited": "exited", "stopped": "stopped"}


@dataclass
class GuestResult:
    """One guest's part of a run. `use` is what it used on the virtual board; None elsewhere.

    `core_state` is OVM's own state (ready, waiting, held, exited, stopped), `doing` says what a guest that hasn't ended is
    doing, and `verdict` is MET, FAILED or UNJUDGED.
    """

    name: str
    level: str
    method: str
    memory_bytes: int
    state: str = "running"
    status: int | None = None
    counters: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    refusals: list[dict[str, Value]] = field(default_factory=list)
    dropped: list[dict[str, Value]] = field(default_factory=list)
    stopped: dict[str, Value] | None = None
    console: list[str] = field(default_factory=list)
    unfinished: bool = False
    use: dict[str, Any] | None = None
    core_state: str = ""
    doing: str = ""
    verdict: str = ""

    def hear(self, line: ConsoleLine) -> None:
        """Take a line of its console, or the rest of one that hadn't ended."""
        if self.unfinished:
            self.console[-1] += line.text
        else:
            self.console.append(line.text)
        self.unfinished = not line.ended

    def figure(self, key: str) -> int | None:
        """Return a reported value or a counter by name; None if there was none."""
        if key == "exit":
            return self.status if self.state == "exited" else None
        return self.reports.get(key, self.counters.get(key))


@dataclass
class RunResult:
    """A whole run. `reason` is OVM's (all-ended, time, broken) or the driver's (interrupted, timeout, machine-ended)."""

    system: str
    board: str
    timer_hz: int
    guests: dict[str, GuestResult]
    reason: str = ""
    ticks: int = 0
    lost_records: int = 0
    wall_seconds: float = 0.0
    cpus: list[dict[str, Value]] = field(default_factory=list)
    boot: dict[str, Value] = field(default_factory=dict)
    loader: list[dict[str, Value]] = field(default_factory=list)
    broken: dict[str, Value] | None = None
    other: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    instruction_ns: int = 0
    machine: dict[str, Any] | None = None

    @property
    def ended(self) -> bool:
        """Return whether OVM itself said that the run is over."""
        return self.reason in ("all-ended", "time")

    @property
    def verdict(self) -> str:
        """Return MET if all that was judged is as expected, FAILED if something isn't, UNJUDGED if nothing was judged."""
        if self.failures:
            return FAILED
        return MET if any(each.verdict == MET for each in self.guests.values()) else UNJUDGED

    @property
    def seconds(self) -> float:
        """Return simulated seconds."""
        return self.ticks / self.timer_hz

    def instructions(self, key: str) -> int | None:
        """Return the smallest of the guests' reports `key`, nanoseconds, as instructions; None if no guest reported it."""
        found = [each.reports[key] for each in self.guests.values() if key in each.reports]
        return -(-min(found) // self.instruction_ns) if found and self.instruction_ns else None

    def add(self, event: Event) -> None:
        """Take one event in."""
        if isinstance(event, ConsoleLine):
            if event.guest in self.guests:
                self.guests[event.guest].hear(event)
            else:
                self.other.append(f"[{event.guest}] {event.text}")
        elif isinstance(event, OtherLine):
            # OVM's first record begins with a line's end, as a loader's last line may lack it.
            if event.text:
                self.other.append(event.text)
        else:
            self._add_record(event)

    def _add_record(self, record: Record) -> None:
        if record.kind == "boot":
            self.boot = record.fields
        elif record.kind == "loader":
            self.loader.append(record.fields)
        elif record.kind == "cpu":
            self.cpus.append(record.fields)
        elif record.kind == "broken":
            self.reason, self.broken = "broken", record.fields
        elif record.kind == "end":
            self.reason, self.ticks = record.word("reason"), record.number("ticks")
            self.lost_records = record.number("lost_records")
        else:
            name = record.word("name") if record.kind == "guest" else record.word("guest")
            if name in self.guests:
                _add_to_guest(self.guests[name], record)
            else:
                self.other.append(f"{record.kind} {record.fields}")

    def as_json(self) -> dict[str, Any]:
        """Return the run in machine-readable form."""
        value = asdict(self)
        value["schema"] = SCHEMA
        value["guests"] = list(value["guests"].values())
        value["seconds"] = self.seconds
        value["ok"] = self.verdict == MET
        value["verdict"] = self.verdict
        value["null_call_instructions"] = self.instructions("null_call_ns")
        value["fill_instructions"] = self.instructions("fill_ns")
        return value


def _add_to_guest(guest: GuestResult, record: Record) -> None:
    fields = {key: value for key, value in record.fields.items() if key not in ("guest", "name")}
    if record.kind == "report":
        key = record.fields.get("key", "")
        guest.reports[_REPORTS.get(key, str(key)) if isinstance(key, int) else key] = record.number("value")
    elif record.kind == "refusal":
        guest.refusals.append(fields)
    elif record.kind == "dropped":
        guest.dropped.append({"after": len(guest.console), **fields})
    elif record.kind == "stopped":
        guest.state, guest.stopped = "stopped", fields
    elif record.kind == "registers" and guest.stopped is not None:
        guest.stopped.update(fields)
    elif record.kind == "exit":
        guest.state, guest.status = "exited", record.number("status")
    elif record.kind == "guest":
        guest.core_state = record.word("state")
        guest.state = _ENDED.get(guest.core_state, "running")
        guest.status = record.number("status") if guest.state == "exited" else None
        guest.counters = {key: record.number(key) for key in COUNTERS if key in record.fields}


def start_result(plan: Plan, instruction_ns: int) -> RunResult:
    """Return the result of a run that hasn't begun."""
    guests = {}
    for place in plan.guests:
        guest = place.guest
        guests[guest.name] = GuestResult(guest.name, guest.level_name, memory_method(place), guest.memory)
    board = plan.system.board
    return RunResult(plan.system.name, board.name, board.timer_hz, guests, instruction_ns=instruction_ns)
