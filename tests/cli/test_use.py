# SPDX-License-Identifier: Apache-2.0
"""The table of what guests took of the virtual board."""

import io

import pytest
from rich.console import Console

from ovm.cli.use import _short, pace_line, use_table
from ovm.machines.result import GuestResult, RunResult


def guest(name: str, level: str, cycles: int, latency: dict[str, float] | None = None) -> GuestResult:
    use = {"cycles": cycles, "main_misses": 2, "ovm": {"cycles": 7, "main_misses": 5}, "interrupt_latency": latency}
    return GuestResult(name, level, "", 1 << 20, use=use)


def result(*guests: GuestResult) -> RunResult:
    machine = {"hz": 1, "instructions": [30_000_000, 10_000_000], "unowned_cycles": 5, "idle_cycles": 12_345_678}
    return RunResult("t", "zc702", 100, {each.name: each for each in guests}, machine=machine, ticks=50, wall_seconds=2.0)


def shown(table: object, width: int = 80) -> list[list[str]]:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return [[cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")] for line in lines if line[:1] in "│┃"]


def test_a_column_for_each_guest_and_for_a_level_with_several() -> None:
    latency = {"min": 30, "mean": 31.6, "p99": 40, "max": 118}
    rows = shown(use_table(result(guest("a", "nrt", 1000), guest("b", "nrt", 23), guest("c", "hrt", 5, latency))))
    assert rows[0] == ["", "a", "b", "c", "all NRT"]
    table = {row[0]: row[1:] for row in rows}
    assert table["cycles"] == ["1000; 7", "23; 7", "5; 7", "1023; 14"]
    assert table["page walks"] == ["2; 5", "2; 5", "2; 5", "4; 10"]
    assert [table[name][2] for name in ("interrupt latency min", "mean", "99 of 100", "max")] == ["30", "32", "40", "118"]
    assert table["max"][0] == "-"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (9999, "9999"), (10_000, "10.0k"), (123_456, "123k"), (9_999_999, "10.0M"), (12_345_678_901, "12.3G")],
)
def test_counts_are_short(number: int, text: str) -> None:
    assert _short(number) == text


def test_pace() -> None:
    line = pace_line(result(guest("a", "nrt", 1)))
    assert line == "40 million instructions, 20 MIPS, 0.25 of real time, no guest's: 5 cycles, 12.3M asleep"
