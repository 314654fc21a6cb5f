# SPDX-License-Identifier: Apache-2.0
"""Parameters of the board, from a board file's `[timing]` and `[model]` tables.

A field of `ovm.board.parameters.Parameters` that neither a file nor the caller names is 0: a machine without that
latency, or without that option.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ovm.board.api.errors import BoardError, unknown
from ovm.board.api.view import scalar_fields
from ovm.board.api.wiring import read_values
from ovm.board.parameters import Parameters
from ovm.shipped import BOARDS

TABLES = ("timing", "model")
DEFAULT_FILE = BOARDS / "zc702.toml"
_MOST = 10_000_000
_MOST_LATENCY = 120  # cycles: an instruction's time is a byte of slots
# Least and most of those that aren't any number of cycles up to _MOST.
_RANGES = {
    "random_seed": (0, 0xFFFF_FFFF),
    "quantum": (1, _MOST),
    "memory_fills": (0, 4),
    "prefetch_streams": (0, 8),
    "issue_window": (0, 16),
    "branch_history": (0, 12),
    **dict.fromkeys(
        ("level1_load", "load_forwarded", "load_result", "shift_result", "multiply_result", "multiply_half_result"),
        (0, _MOST_LATENCY),
    ),
    **dict.fromkeys(
        ("stale_lines", "precise_store_aborts", "unpredictable_user", "long_way", "blocks", "main_tlb_random"), (0, 1)
    ),
    **dict.fromkeys(("main_tlb_spare", "main_tlb_unlockable", "boot_rom_map", "uart_timed", "single_t32_ldm"), (0, 1)),
}
# TRM 6.2.1: what the core can be configured with.
_ONE_OF = {"micro_tlb_entries": (32, 64)}


def read_parameters(file: Path) -> dict[str, int]:
    """Return the parameters that a board file gives; cycles of the CPU clock unless their comments say otherwise."""
    return parameters_of(read_values(file))


def parameters_of(values: Mapping[str, Any]) -> dict[str, int]:
    """Return the parameters among a board file's values."""
    found: dict[str, Any] = {}
    for table in TABLES:
        found.update(values.get(table, {}))
    return checked(found)


def checked(values: Mapping[str, Any]) -> dict[str, int]:
    """Return the same values, each of which is known and within the board's limits."""
    known = scalar_fields(Parameters)
    for name, value in values.items():
        if name not in known:
            raise unknown("R200", "parameter of the board", name, known)
        least, most = _RANGES.get(name, (0, _MOST))
        allowed = _ONE_OF.get(name, range(least, most + 1))
        if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
            expected = " or ".join(map(str, allowed)) if name in _ONE_OF else f"a whole number from {least} to {most}"
            raise BoardError(
                "R201", f"the parameter '{name}' has no such value", found=repr(value), expected=expected,
                fix=f"write {expected}",
            )  # fmt: skip
    return dict(values)
