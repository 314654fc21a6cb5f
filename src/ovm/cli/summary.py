# SPDX-License-Identifier: Apache-2.0
"""The table that closes a run."""

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.table import Table

from ovm.cli.use import pace_line, use_table
from ovm.machines.doing import remarks
from ovm.machines.result import FAILED, UNJUDGED, GuestResult, RunResult
from ovm.metal.shown import plain
from ovm.system.units import size_text

NULL_CALL_BUDGET = 70
FILL_BUDGET = 450
_CAUSES = ("svc", "undef", "data_abort", "prefetch_abort", "fiq", "smc")
_SHORT = {"data_abort": "dabt", "prefetch_abort": "pabt"}
_PLAIN_WIDTH = 160
# A terminal narrower than this gets the long columns as lines below the table.
_WIDE = 120


def show_summary(result: RunResult) -> None:
    """Print the summary of `result`."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PLAIN_WIDTH)
    console.print()
    if console.width < _WIDE:
        console.print(_table(result, _SHORT_COLUMNS))
        for guest in result.guests.values():
            details = [f"{title}: {_COLUMNS[title](guest)}" for title in _COLUMNS if title not in _SHORT_COLUMNS]
            console.print(f"{guest.name}: " + "; ".join(details), markup=False)
    else:
        console.print(_table(result, tuple(_COLUMNS)))
    if result.machine is not None:
        console.print(use_table(result))
    for line in _lines(result):
        console.print(plain(line), style="bold red" if line.startswith("FAILED") else None, markup=False)


def _table(result: RunResult, titles: tuple[str, ...]) -> Table:
    table = Table(title=f"{result.system} on {result.board}", title_justify="left")
    for title in titles:
        table.add_column(title, justify="right" if title in _NUMBERS else "left", overflow="fold")
    for guest in result.guests.values():
        table.add_row(*(_COLUMNS[title](guest) for title in titles))
    return table


def _end(guest: GuestResult) -> str:
    return f"exit {guest.status}" if guest.state == "exited" else guest.state


def _count(guest: GuestResult, key: str) -> str:
    return str(guest.counters[key]) if key in guest.counters else "-"


def _causes(guest: GuestResult) -> str:
    found = [(name, guest.counters.get(name, 0)) for name in _CAUSES]
    return " ".join(f"{_SHORT.get(name, name)} {count}" for name, count in found if count) or "none"


def _reported(guest: GuestResult) -> str:
    """Return deadlines and jitter as groups of figures, the others one by one."""
    rest = dict(guest.reports)
    parts = []
    if "deadlines_met" in rest or "deadlines_missed" in rest:
        met, missed = rest.pop("deadlines_met", 0), rest.pop("deadlines_missed", 0)
        parts.append(f"deadlines {met} met {missed} missed")
    jitter = [rest.pop(f"jitter_{name}_ns", None) for name in ("min", "mean", "max")]
    if any(value is not None for value in jitter):
        parts.append("jitter " + "/".join("-" if value is None else str(value) for value in jitter) + " ns")
    parts += [f"{key} {value}" for key, value in rest.items()]
    return ", ".join(parts) or "-"


def _dropped(guest: GuestResult) -> Iterator[str]:
    """Yield notes about output of a guest that is missing because its queue for the UART was full."""
    if lines := guest.counters.get("dropped_lines", 0):
        yield f"{guest.name}: {lines} lines dropped, printed faster than the UART sends"
    if records := guest.counters.get("dropped_refusals", 0):
        yield f"{guest.name}: {records} refusals counted without a record"


_COLUMNS: dict[str, Callable[[GuestResult], str]] = {
    "guest": lambda guest: guest.name,
    "level": lambda guest: guest.level.upper(),
    "memory": lambda guest: f"{size_text(guest.memory_bytes)}, {guest.method}",
    "ended": _end,
    "entries": lambda guest: _count(guest, "entries"),
    "by cause": _causes,
    "fills": lambda guest: _count(guest, "fills"),
    "refused": lambda guest: _count(guest, "refusals"),
    "reported": _reported,
}
_SHORT_COLUMNS = ("guest", "level", "ended", "entries", "fills", "refused")
_NUMBERS = ("entries", "fills", "refused")


def _lines(result: RunResult) -> list[str]:
    pace = f"{result.seconds:.2f} simulated seconds in {result.wall_seconds:.1f} s, ended: {result.reason}"
    lines = [pace, pace_line(result)] if result.machine else [pace]
    for title, key, budget in (
        ("null hypercall", "null_call_ns", NULL_CALL_BUDGET),
        ("demand fill", "fill_ns", FILL_BUDGET),
    ):
        count = result.instructions(key)
        if count is not None:
            verdict = "" if count <= budget else "  OVER BUDGET"
            lines.append(f"{title}: {count} instructions round trip, budget {budget}{verdict}")
    lines += [text for guest in result.guests.values() for text in _dropped(guest)]
    lines += [f"saved {name}" for name in result.saved]
    lines += [f"unjudged  {each.name}: {_of_unjudged(each)}" for each in _unjudged(result)]
    lines += [f"FAILED  {text}" for text in result.failures]
    return [*lines, _verdict(result)]


def _unjudged(result: RunResult) -> list[GuestResult]:
    return [each for each in result.guests.values() if each.verdict == UNJUDGED]


def _of_unjudged(guest: GuestResult) -> str:
    """Return what an unjudged guest did, since no expectation says whether that is right."""
    ended = f"exited with status {guest.status}" if guest.state == "exited" else guest.doing or guest.state
    return "; ".join([ended, *remarks(guest)])


def _verdict(result: RunResult) -> str:
    if result.verdict == FAILED:
        return "FAILED"
    without = [each.name for each in _unjudged(result)]
    if result.verdict == UNJUDGED:
        return "UNJUDGED: no guest has a [guest.expect], so nothing says whether this run is right"
    if without:
        met = len(result.guests) - len(without)
        return f"OK: {met} of {len(result.guests)} guests did what the description expects; unjudged: {', '.join(without)}"
    return "OK: every guest did what the description expects"
