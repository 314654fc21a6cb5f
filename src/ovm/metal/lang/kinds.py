# SPDX-License-Identifier: Apache-2.0
"""Kinds: descriptions of things in memory.

A *kind* is a scalar class (integer, address, enum, bits), `bool`, a struct class, an `ArrayType` or a `PointerType`.
Layouts, arrays and pointers are described by kinds; the compiler reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

POINTER_SIZE = 4
#: The widest single access of the processor.
WORD_BYTES = 4


@dataclass(frozen=True)
class ArrayType:
    """`length` elements of kind `element`, in place."""

    element: Any
    length: int

    def __str__(self) -> str:
        return f"array({kind_name(self.element)}, {self.length})"


@dataclass(frozen=True)
class PointerType:
    """A 32-bit pointer to things of kind `target`."""

    target: Any

    def __str__(self) -> str:
        return f"Ptr[{kind_name(self.target)}]"


def kind_name(kind: Any) -> str:
    """Return a kind as a programmer writes it."""
    return kind.__name__ if isinstance(kind, type) else str(kind)


def is_struct(kind: Any) -> bool:
    """Tell whether a kind is a struct class."""
    return isinstance(kind, type) and getattr(kind, "IS_STRUCT", False)


def size_of(kind: Any) -> int:
    """Return how many bytes a thing of this kind takes."""
    if isinstance(kind, ArrayType):
        return size_of(kind.element) * kind.length
    if isinstance(kind, PointerType):
        return POINTER_SIZE
    if kind is bool:
        return 1
    return int(kind.LAYOUT.size if is_struct(kind) else kind.SIZE)


def align_of(kind: Any) -> int:
    """Return the natural alignment of a kind."""
    if isinstance(kind, ArrayType):
        return align_of(kind.element)
    return int(kind.LAYOUT.align) if is_struct(kind) else size_of(kind)
