# SPDX-License-Identifier: Apache-2.0
"""Expectations of a guest: the keys of `[guest.expect]`, and the figures to which they are compared.

A figure is a counter of OVM's final record or a value that the guest reported; its name here is the name it has
in the run's summary. `exit = 0` also expects the guest to have ended by itself.
"""

from pathlib import Path as FilePath
from typing import Any, Final

from ovm.abi import hypercalls
from ovm.system.console_patterns import PatternError, Patterns, read_patterns
from ovm.system.files import NotPlainError, exists, resolve
from ovm.system.model import Expect, Limits
from ovm.system.reader import Table

UNLIMITED: Final = 1 << 62
STATES: Final = ("running", "exited", "stopped")
COUNTERS: Final = (
    "entries", "svc", "undef", "data_abort", "prefetch_abort", "fiq", "smc", "hypercalls", "fills", "allocations",
    "refusals", "reclaims", "switches", "runtime_ticks", "lock_writes", "dropped_lines",
    "dropped_refusals", "doorbells", "doorbells_early", "used_up",
)  # fmt: skip


def report_names() -> dict[int, str]:
    """Return names of the REPORT keys of `ovm.abi.hypercalls`, by number."""
    found = {}
    for name, value in vars(hypercalls).items():
        if name.startswith("REPORT_") and name != "REPORT_KEYS":
            found[value] = name.removeprefix("REPORT_").lower()
    return found


def read_expect(table: Table | None, folder: FilePath) -> Expect:
    """Read `[guest.expect]`; a guest without one is not judged."""
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
    _check_exit(table, state, limits)
    if not table.keys():
        table.problems.add(
            table.document.problem(
                "S173", table.path, f"{table.title} expects nothing", expected="exit, state, console or a figure",
                fix="write what the guest has to do, or remove the table: the guest is not judged then",
            )
        )  # fmt: skip
    return Expect(state, console, tuple(limits))


def _check_exit(table: Table, state: str, limits: list[Limits]) -> None:
    """Check that a status is expected only of a guest that exits."""
    for each in limits:
        if each.key == "exit" and state not in ("", "exited"):
            table.problems.add(
                table.document.problem(
                    "S173", table.at("exit"), f"a guest that is {state} has no exit status",
                    found=f"exit = {each} beside state = '{state}'", expected="state = 'exited', or no exit",
                    notes=[table.document.note("its state", table.at("state"))],
                    fix="remove one of the two",
                )
            )  # fmt: skip


def _console(table: Table, folder: FilePath) -> Patterns | None:
    """Return the patterns of the file that `console` names; each has to be valid."""
    if not table.has("console"):
        return None
    shown = table.text("console")
    if not shown:
        return None
    file = resolve(shown, folder)
    facts: dict[str, Any] = {"expected": "a regular expression for a whole line", "fix": "put a backslash before ( ) [ ] * + ?"}
    try:
        return read_patterns(file)
    except PatternError as error:
        message, code = f"line {error.line} of '{file.name}' is no regular expression: {error}", "S170"
        facts["found"] = error.text
    except UnicodeDecodeError as error:
        message, code = f"'{shown}' is no UTF-8 text", "S170"
        facts = {"found": f"byte {error.start} is {error.object[error.start]:#04x}", "fix": "save the file as UTF-8"}
    except NotPlainError as error:
        message, code = f"'{shown}' can't be read: {error.strerror}", "S140"
        facts = {"expected": "a text file of regular expressions", "fix": "name a text file"}
    except (OSError, ValueError):
        message, code = f"'{shown}' can't be read" if exists(file) else f"there is no file '{shown}'", "S140"
        facts = {"found": f"looked in {folder}/", "fix": "paths are relative to the description's folder"}
    table.problems.add(table.document.problem(code, table.at("console"), message, **facts))
    return None


def _bounds(table: Table, key: str) -> tuple[int, int] | None:
    """Return the bounds of a figure, written `key = 3` or `key = { min = 1, max = 9 }`."""
    value: Any = table.raw(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        number = table.integer(key)
        return number, number
    inner = table.table(key)
    assert inner is not None
    if not value:
        table.problems.add(
            table.document.problem(
                "S173", table.at(key), f"'{key}' has no bounds", expected="a number, or { min = 1, max = 9 }",
                fix="write min, max or both",
            )
        )  # fmt: skip
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
