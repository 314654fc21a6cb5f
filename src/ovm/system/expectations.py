# SPDX-License-Identifier: Apache-2.0
"""What a guest is expected to do: the keys of `[guest.expect]`, and the figures they are compared with.

A figure is a counter of OVM's final record or a value that the guest reported; its name here is the name it has
in the run's summary. `exit = 0` also expects the guest to have ended by itself.
"""

import re
from pathlib import Path as FilePath
from typing import Any, Final

from ovm.abi import hypercalls
from ovm.system.model import Expect, Limits
from ovm.system.reader import Table

UNLIMITED: Final = 1 << 62
STATES: Final = ("running", "exited", "stopped")
COUNTERS: Final = (
    "entries", "svc", "undef", "data_abort", "prefetch_abort", "fiq", "smc", "hypercalls", "fills", "allocations",
    "refusals", "reclaims", "switches", "runtime_ticks", "lock_writes",
)  # fmt: skip


def report_names() -> dict[int, str]:
    """Names of the REPORT keys of `ovm.abi.hypercalls`, by number."""
    found = {}
    for name, value in vars(hypercalls).items():
        if name.startswith("REPORT_") and name != "REPORT_KEYS":
            found[value] = name.removeprefix("REPORT_").lower()
    return found


def read_expect(table: Table | None, folder: FilePath) -> Expect:
    """Read `[guest.expect]`; a guest without one has only to keep from being stopped."""
    if table is None:
        return Expect()
    state = table.choice("state", STATES, "") if table.has("state") else ""
    console = _console(table, folder)
    limits = []
    for key in ("exit", *report_names().values(), *COUNTERS):
        bounds = _bounds(table, key)
        if bounds:
            limits.append(Limits(key, bounds[0], bounds[1], table.at(key)))
    table.finish()
    return Expect(state, console, tuple(limits))


def _console(table: Table, folder: FilePath) -> FilePath | None:
    if not table.has("console"):
        return None
    shown = table.text("console")
    file = folder / shown
    if shown and not file.is_file():
        table.problems.add(
            table.document.problem(
                "S140", table.at("console"), f"there is no file '{shown}'", found=f"looked in {folder}/",
                fix="paths are relative to the description's folder",
            )
        )  # fmt: skip
    elif shown:
        _check_patterns(table, file)
    return file


def _check_patterns(table: Table, file: FilePath) -> None:
    """Each line that is neither empty nor a comment is a regular expression."""
    for number, line in enumerate(file.read_text().splitlines(), 1):
        try:
            re.compile(line.rstrip())
        except re.error as error:
            table.problems.add(
                table.document.problem(
                    "S170", table.at("console"), f"line {number} of '{file.name}' is no regular expression: {error}",
                    found=line, expected="a regular expression for a whole line",
                    fix="put a backslash before ( ) [ ] * + ?",
                )
            )  # fmt: skip


def _bounds(table: Table, key: str) -> tuple[int, int] | None:
    """`key = 3` or `key = { min = 1, max = 9 }`."""
    value: Any = table.raw(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        number = table.integer(key)
        return number, number
    inner = table.table(key)
    assert inner is not None
    low = inner.integer("min", 0, maximum=UNLIMITED)
    high = inner.integer("max", UNLIMITED, maximum=UNLIMITED)
    inner.finish()
    if low > high:
        table.problems.add(
            table.document.problem(
                "S107", table.at(key), f"'{key}' can never hold", found=f"min = {low}, max = {high}",
                expected="min no greater than max", fix="exchange the two",
            )
        )  # fmt: skip
    return low, high
