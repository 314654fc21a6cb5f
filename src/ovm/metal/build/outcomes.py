# SPDX-License-Identifier: Apache-2.0
"""The exception for a compiled program's panic: the one that CPython would have raised."""

from ovm.metal.lang.errors import BoundPanic, IndexPanic, NullPanic, Panic
from ovm.metal.tree import panics


class AssertPanic(Panic, AssertionError):
    """An `assert` failed in compiled code."""


class EndPanic(Panic):
    """Control reached the end of a function that never returns."""


_KINDS: dict[int, tuple[type[Panic], str]] = {
    panics.INDEX: (IndexPanic, "an index outside its array"),
    panics.TABLE: (IndexPanic, "an index outside its function table"),
    panics.NULL: (NullPanic, "a null pointer was followed"),
    panics.ASSERT: (AssertPanic, "an assertion failed"),
    panics.BOUND: (BoundPanic, "a loop went past its bound"),
    panics.END: (EndPanic, "a function that never returns came to its end"),
}


def panic_of(code: int, symbol: str) -> Panic:
    """Return the exception for panic `code` in a call of `symbol`."""
    kind, reason = _KINDS.get(code, (Panic, f"panic({code:#x})"))
    return kind(f"{reason}, in a call of {symbol}", code)
