# SPDX-License-Identifier: Apache-2.0
"""The exceptions that stop a metal program under CPython.

A compiled program that breaks a rule at run time *panics*. Under CPython the program raises `Panic` instead, so that a test can
name the exact reason. Wrong *use* of the language (mixed types, a constant that does not
fit) raises the ordinary `TypeError`, `ValueError` and `OverflowError` instead: the compiler refuses those.
"""

from __future__ import annotations


class Panic(Exception):
    """The program stopped itself, or a check stopped it."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class IndexPanic(Panic, IndexError):
    """An index lies outside its array or function table."""


class BoundPanic(Panic):
    """A loop went past its declared bound."""


class NullPanic(Panic):
    """A null pointer was followed."""


class SimulationError(Exception):
    """The program reached hardware or foreign code that nothing simulates."""


class SimulationEnd(Exception):
    """A `forever()` loop used up the turns that its simulation grants."""
