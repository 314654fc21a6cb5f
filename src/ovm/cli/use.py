# SPDX-License-Identifier: Apache-2.0
"""The table of what guests took of the virtual board: cycles, misses, interrupt latency, and OVM's work for them."""

from collections.abc import Callable, Iterable
from typing import Any

from rich.table import Table

from ovm.machines.result import GuestResult, RunResult

Use = dict[str, Any]
_MEGA = 1_000_000


def use_table(result: RunResult) -> Table:
    """One row for each guest, and for each level that has several."""
    table = Table(title="cycles and misses, of the guest itself; in OVM for it", title_justify="left")
    for title in _COLUMNS:
        table.add_column(title, justify="left" if title == "guest" else "right", overflow="fold")
    guests = [guest for guest in result.guests.values() if guest.use]
    for guest in guests:
        table.add_row(guest.name, *_cells(guest.use or {}))
    for level in dict.fromkeys(guest.level for guest in guests):
        of_level = [guest for guest in guests if guest.level == level]
        if len(of_level) > 1:
            table.add_row(f"all {level.upper()}", *_cells(_sum(of_level)), style="dim")
    return table


def pace_line(result: RunResult) -> str:
    """How fast the board was, and what belonged to no guest."""
    machine = result.machine or {}
    executed = sum(machine["instructions"])
    parts = [f"{executed / _MEGA:,.0f} million instructions"]
    if result.wall_seconds:
        parts.append(f"{executed / result.wall_seconds / _MEGA:,.0f} MIPS")
        parts.append(f"{result.seconds / result.wall_seconds:.2f} of real time")
    parts.append(f"no guest's: {_short(machine['unowned_cycles'])} cycles, {_short(machine['idle_cycles'])} asleep")
    return ", ".join(parts)


def _sum(guests: Iterable[GuestResult]) -> Use:
    """Several guests as one; latencies stay with each."""
    total: Use = {"ovm": {}, "interrupt_latency": None}
    for guest in guests:
        for target, source in ((total, guest.use or {}), (total["ovm"], (guest.use or {}).get("ovm", {}))):
            for key, value in source.items():
                if isinstance(value, int):
                    target[key] = target.get(key, 0) + value
    return total


def _short(number: int) -> str:
    """A count in at most five signs."""
    value, units = float(number), ("", "k", "M", "G")
    for unit in units:
        if value < 9999.5 or unit == "G":
            return f"{number}" if not unit else f"{value:.0f}{unit}" if value >= 100 else f"{value:.1f}{unit}"
        value /= 1000
    return str(number)


def _latency(use: Use) -> str:
    found = use["interrupt_latency"]
    if not found:
        return "-"
    return f"{found['min']}/{found['mean']:.0f}/{found['p99']}/{found['max']}"


def _both(*keys: str) -> Callable[[Use], str]:
    """The sum of some counters, of the guest and of OVM."""
    return lambda use: "; ".join(_short(sum(part.get(key, 0) for key in keys)) for part in (use, use["ovm"]))


_COLUMNS: dict[str, Callable[[Use], str]] = {
    "guest": lambda use: "",
    "cycles": _both("cycles"),
    "instructions": _both("instructions"),
    "micro-TLB misses": _both("fetch_micro_misses", "data_micro_misses"),
    "page walks": _both("main_misses"),
    "cycles in walks": _both("walk_cycles"),
    "L1 misses": _both("fetch_misses", "data_misses"),
    "L2 misses": _both("level2_misses"),
    "interrupt latency min/mean/p99/max": _latency,
}


def _cells(use: Use) -> list[str]:
    return [cell(use) for title, cell in _COLUMNS.items() if title != "guest"]
