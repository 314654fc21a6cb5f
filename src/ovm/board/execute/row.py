# SPDX-License-Identifier: Apache-2.0
"""The row of an instruction: all that the board knows of it, beneath the handler that executes it.

From the rows, in the order of `table.py`, are made the tables of the decoder (`decode/tables.py`, `decode/branches.py`), of the
loop, of `issue/timing.py`, of `issue/facts.py` and of `blocks/make.py`. Forms of operands and host code lie in parts that
use handlers; a row has their file and name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from ovm.board.execute.roles import PLAIN_CYCLES, SERIAL

# Instruction.branch: whether it may branch, by prediction.
NO_BRANCH: Final = 0
DIRECT_BRANCH: Final = 1  # its variant | NEAR is for a target in the same page
INDIRECT_BRANCH: Final = 2


@dataclass(frozen=True)
class Pattern:
    """One encoding, written as the manual prints it (`decode/pattern.py`); `form` is a file of `decode/` and a function there.

    Encodings with more bits that decide are tried first, and before all of them those that are `early`.
    """

    name: str
    bits: str
    form: str
    extra: int = 0
    early: bool = False
    thumb: bool = False


def a32(name: str, bits: str, form: str, extra: int = 0) -> Pattern:
    """Make a pattern of A32."""
    return Pattern(name, bits, form, extra)


def t32(name: str, bits: str, form: str, extra: int = 0, early: bool = False) -> Pattern:
    """Make a pattern of T32, of 16 bits or of 32, the first halfword the high one."""
    return Pattern(name, bits, form, extra, early, True)


@dataclass(frozen=True)
class Instruction:
    """A handler with the constant that specialises it, and the encodings for which it is the handler."""

    function: Callable[..., Any]
    variant: int = 0
    patterns: tuple[Pattern, ...] = ()
    roles: int = SERIAL
    cycles: int = PLAIN_CYCLES
    # A file of `blocks/` and a function there; where it has none, blocks leave the instruction to its handler.
    host: str = ""
    branch: int = NO_BRANCH


def each(function: Callable[..., Any], variants: Iterable[int], **facts: Any) -> list[Instruction]:
    """Make rows that differ in nothing but the variant."""
    return [Instruction(function, variant, **facts) for variant in variants]
