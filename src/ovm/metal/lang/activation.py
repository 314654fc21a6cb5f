# SPDX-License-Identifier: Apache-2.0
"""Running calls of metal functions under CPython.

Each call of a metal function has one activation. It holds the address at which the call's locals begin in simulated memory, so
that they are freed on return as a stack frame is, and the number of turns that its bounded loops took.
"""

from __future__ import annotations

from types import CodeType


class Activation:
    """One call of a metal function."""

    __slots__ = ("code", "counts", "locals_start")

    def __init__(self, code: CodeType, locals_start: int) -> None:
        self.code = code
        self.locals_start = locals_start
        #: Turns taken so far by each `while` loop, by the loop's place in the source.
        self.counts: dict[tuple[int, int], int] = {}


#: The calls now running, outermost first.
RUNNING: list[Activation] = []
