# SPDX-License-Identifier: Apache-2.0
"""All rows in the order of their numbers: a record has a handler's number, and the loop inlines all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ovm.board.execute import (
    branch,
    coprocessor,
    data_rows,
    exclusive,
    floating,
    hints,
    media,
    multiple,
    multiply,
    parallel,
    saturation,
    single_rows,
    system,
)
from ovm.board.execute.row import Instruction, Pattern

ROWS: Final[list[Instruction]] = [
    *system.OUTCOMES,
    *data_rows.ROWS,
    *branch.ROWS,
    *single_rows.ROWS,
    *multiple.ROWS,
    *multiply.ROWS,
    *media.ROWS,
    *saturation.ROWS,
    *parallel.ROWS,
    *system.EXCEPTIONS,
    *hints.ROWS,
    *single_rows.PRELOADS,
    *system.STATUS,
    *exclusive.ROWS,
    *coprocessor.ROWS,
    *floating.ROWS,
]
# Encodings that are of no row: their form chooses one.
CHOOSING: Final[list[Pattern]] = [*data_rows.CHOOSING, *branch.CHOOSING, *single_rows.CHOOSING, *floating.CHOOSING]


@dataclass(frozen=True)
class Handler:
    """A function with the constant that specialises it."""

    number: int
    function: Callable[..., Any]
    variant: int


HANDLERS: Final = [Handler(number, row.function, row.variant) for number, row in enumerate(ROWS)]
_NUMBERS: Final = {(each.function, each.variant): each.number for each in HANDLERS if each.number != 0}


def number_of(function: Callable[..., Any], variant: int = 0) -> int:
    """Return the number of a handler."""
    return _NUMBERS[function, variant]
