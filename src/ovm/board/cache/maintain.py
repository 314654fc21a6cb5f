# SPDX-License-Identifier: Apache-2.0
"""Cache maintenance operations of CP15 (ARM B4.2.1), by physical address or by set and way."""

from typing import Final

from ovm.metal import fn, u32

CLEAN: Final = 1
INVALIDATE: Final = 2  # OR them


@fn
def data_line(physical: u32, ns: u32, op: u32) -> None:
    """Clean, invalidate or both: the L1 data line that holds a physical address."""


@fn
def data_set_way(word: u32, op: u32) -> None:
    """The same for the line that a set/way operand names."""


@fn
def instruction_all() -> None:
    """Invalidate the L1 instruction cache of the core that runs."""


@fn
def instruction_all_shared() -> None:
    """Invalidate the L1 instruction caches of all cores."""


@fn
def instruction_line(physical: u32, ns: u32) -> None:
    """Invalidate the L1 instruction line that holds a physical address."""


@fn
def branch_all() -> None:
    """Invalidate the branch predictor."""
