# SPDX-License-Identifier: Apache-2.0
"""Parameters of the board, from a board file's `[timing]` and `[model]` tables.

A field of `ovm.board.parameters.Parameters` that neither a file nor the caller names is 0: a machine without that
latency, or without that option.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ovm.board.api.errors import BoardError, unknown
from ovm.board.api.view import scalar_fields
from ovm.board.parameters import Parameters

TABLES = ("timing", "model")
DEFAULT_FILE = Path(__file__).resolve().parents[4] / "boards" / "zc702.toml"
_MOST = 10_000_000
_MOST_LATENCY = 120  # cycles: what an instruction takes is a byte of slots
_MOST_OF = {
    "random_seed": 0xFFFF_FFFF,
    "prefetch_streams": 8,
    "level1_load": _MOST_LATENCY,
    "load_forwarded": _MOST_LATENCY,
    "load_result": _MOST_LATENCY,
    "shift_result": _MOST_LATENCY,
    "multiply_result": _MOST_LATENCY,
    "multiply_half_result": _MOST_LATENCY,
}


def read_parameters(file: Path) -> dict[str, int]:
    """The parameters that a board file gives; cycles of the CPU clock unless their comments say otherwise."""
    try:
        document = tomllib.loads(file.read_text())
    except OSError as error:
        raise BoardError("R202", f"the board file {file} can't be read", found=str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BoardError("R202", f"the board file {file} is not TOML", found=str(error)) from error
    found: dict[str, Any] = {}
    for table in TABLES:
        found.update(document.get(table, {}))
    return checked(found)


def checked(values: Mapping[str, Any]) -> dict[str, int]:
    """The same values, each known and within what the board can count with."""
    known = scalar_fields(Parameters)
    for name, value in values.items():
        if name not in known:
            raise unknown("R200", "parameter of the board", name, known)
        most = _MOST_OF.get(name, _MOST)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise BoardError(
                "R201", f"the parameter '{name}' has no such value", found=repr(value), expected=f"a whole number up to {most}"
            )
    return dict(values)
