# SPDX-License-Identifier: Apache-2.0
"""Loops under CPython: ranges with a bound, bounded `while`, unrolled loops, `forever`.

This is how `bound(n)` knows that a loop is entered anew: control comes back to a loop only through a turn of a loop
around it, and every loop form of the language runs code of this module on each turn. A turn therefore
forgets the counts of all loops that begin later in the source of the same call: those inside it. Loops
around it begin earlier, so their counts stay. The place of a loop is the source position of the call
to `bound` or `forever`, or of the iterated expression, not a bytecode offset, because CPython emits
a loop's condition twice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from types import CodeType, FrameType
from typing import Generic, Literal, TypeVar

from ovm.metal.lang import processor
from ovm.metal.lang.activation import RUNNING, Activation
from ovm.metal.lang.errors import BoundPanic

T = TypeVar("T")


@cache
def _positions(code: CodeType) -> list[tuple[int, int]]:
    return [(line or 0, column or 0) for line, _, column, _ in code.co_positions()]


def _place(frame: FrameType) -> tuple[int, int]:
    return _positions(frame.f_code)[frame.f_lasti // 2]


def _forget_inner(activation: Activation, place: tuple[int, int]) -> None:
    for inner in [other for other in activation.counts if other > place]:
        del activation.counts[inner]


def _turn(frame: FrameType) -> None:
    """Note a turn of a loop that counts for itself."""
    if RUNNING and RUNNING[-1].counts and RUNNING[-1].code is frame.f_code:
        _forget_inner(RUNNING[-1], _place(frame))


class Turns(Generic[T]):
    """Iterate over `items`, at most `bound` times."""

    __slots__ = ("_bound", "_items", "_taken")

    def __init__(self, items: Iterable[T], bound: int | None) -> None:
        self._items = iter(items)
        self._bound = bound
        self._taken = 0

    def __iter__(self) -> Turns[T]:
        return self

    def __next__(self) -> T:
        _turn(sys._getframe(1))
        item = next(self._items)
        if self._bound is not None and self._taken >= self._bound:
            raise BoundPanic(f"loop went past its bound of {self._bound} turns")
        self._taken += 1
        return item


def turns(items: Iterable[T], bound: int | None = None) -> Iterator[T]:
    """Iterate over `items`; one more than `bound` panics."""
    return Turns(items, bound)


def unroll(items: Iterable[T]) -> Iterator[T]:
    """Iterate over compile-time `items`; the compiler writes the body once for each."""
    return Turns(items, None)


def bound(limit: int) -> None:
    """Declare, as first statement of a `while` body, how many turns the loop takes at most."""
    frame = sys._getframe(1)
    if not RUNNING or RUNNING[-1].code is not frame.f_code:
        raise TypeError("bound() belongs in a while loop of a metal function")
    activation = RUNNING[-1]
    place = _place(frame)
    taken = activation.counts.get(place, 0) + 1
    _forget_inner(activation, place)
    if taken > limit:
        raise BoundPanic(f"loop went past its bound of {limit} turns")
    activation.counts[place] = taken


def forever() -> Literal[True]:
    """Return the condition of a loop that never ends: `while forever():`."""
    _turn(sys._getframe(1))
    processor.current().forever_turn()
    return True
