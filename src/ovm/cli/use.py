# SPDX-License-Identifier: Apache-2.0
"""The table of guests' use of the virtual board: cycles, misses, interrupt latency, and OVM's work for them."""

from collections.abc import Callable, Iterable
from typing import Any

from rich.table import Table

from ovm.machines.result import GuestResult, RunResult

Use = dict[str, Any]
_MEGA = 1_000_000


def use_table(result: RunResult) -> Table:
    """Return one column for each guest, and for each level that has several, so that the table fits if the names do."""
    table = Table(title="of the guest itself; of OVM for it", title_justify="left")
    guests = [guest for guest in result.guests.values() if guest.use]
    columns = {guest.name: guest.use or {} for guest in guests}
    for level in dict.fromkeys(guest.level for guest in guests):
        of_level = [guest for guest in guests if guest.level == level]
        if len(of_level) > 1:
            columns[f"all {level.upper()}"] = _sum(of_level)
    table.add_column("", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", overflow="fold")
    for title, cell in _ROWS.items():
        table.add_row(title, *(cell(use) for use in columns.values()))
    return table


def pace_line(result: RunResult) -> str:
    """Return the board's speed, and the work for no guest."""
    machine = result.machine or {}
    executed = sum(machine["instructions"])
    parts = [f"{executed / _MEGA:,.0f} million instructions"]
    if result.wall_seconds:
        parts.append(f"{executed / result.wall_seconds / _MEGA:,.0f} MIPS")
        parts.append(f"{result.seconds / result.wall_seconds:.2f} of real time")
    parts.append(f"no guest's: {_short(machine['unowned_cycles'])} cycles, {_short(machine['idle_cycles'])} asleep")
    return ", ".join(parts)


def _sum(guests: Iterable[GuestResult]) -> Use:
    """Return the sum of several guests, without latencies."""
    total: Use = {"ovm": {}, "interrupt_latency": None}
    for guest in guests:
        for target, source in ((total, guest.use or {}), (total["ovm"], (guest.use or {}).get("ovm", {}))):
            for key, value in source.items():
                if isinstance(value, int):
                    target[key] = target.get(key, 0) + value
    return total


def _short(number: int) -> str:
    """Return a count in at most five characters."""
    value, units = float(number), ("", "k", "M", "G")
    for unit in units:
        if value < 9999.5 or unit == "G":
            return f"{number}" if not unit else f"{value:.0f}{unit}" if value >= 100 else f"{value:.1f}{unit}"
        value /= 1000
    return str(number)


def _latency(key: str) -> Callable[[Use], str]:
    return lambda use: f"{use['interrupt_latency'][key]:.0f}" if use["interrupt_latency"] else "-"


def _both(*keys: str) -> Callable[[Use], str]:
    """Return a function that gives the sum of some counters, for the guest and for OVM."""
    return lambda use: "; ".join(_short(sum(part.get(key, 0) for key in keys)) for part in (use, use["ovm"]))


_ROWS: dict[str, Callable[[Use], str]] = {
    "cycles": _both("cycles"),
    "instructions": _both("instructions"),
    "micro-TLB misses": _both("fetch_micro_misses", "data_micro_misses"),
    "page walks": _both("main_misses"),
    "cycles in walks": _both("walk_cycles"),
    "L1 misses": _both("fetch_misses", "data_misses"),
    "L2 misses": _both("level2_misses"),
    "interrupt latency min": _latency("min"),
    "mean": _latency("mean"),
    "99 of 100": _latency("p99"),
    "max": _latency("max"),
}
