# SPDX-License-Identifier: Apache-2.0
"""Inputs for metal functions: numbers at the edges of their types, and anything in between."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

from ovm.metal.lang.enums import Enum
from ovm.metal.lang.integers import Scalar
from ovm.metal.lang.kinds import PointerType, is_struct
from tests.metal.twin.machines import Static, Twin


def edges(bits: int) -> list[int]:
    """Return the bit patterns where arithmetic of this width likes to be wrong."""
    top = 1 << (bits - 1)
    near = [0, 1, 2, 3, 4, 5, 7, 8, 10, bits - 1, bits, bits + 1, 100]
    far = [top - 1, top, top + 1, 2 * top - 1, 2 * top - 2, 2 * top - 3, 2 * top - 7, top // 2, 0x5555_5555_5555_5555]
    return sorted({number % (2 * top) for number in near + far})


def value_from(kind: Any, bits: int) -> Any:
    """Make a parameter's value from drawn bits."""
    if kind is bool:
        return bool(bits & 1)
    return kind.from_bits(bits & ((1 << (8 * kind.SIZE)) - 1))


def is_reference(kind: Any) -> bool:
    """Tell whether a parameter of this kind is given a static."""
    return isinstance(kind, tuple | PointerType) or is_struct(kind)


def bits_strategy(kind: Any) -> st.SearchStrategy[int]:
    """Draw bits for a scalar kind."""
    width = 1 if kind is bool else 8 * kind.SIZE
    anything = st.integers(0, (1 << width) - 1)
    if issubclass(kind, Enum):
        return st.one_of(st.sampled_from([member.to_bits() for member in kind]), anything)
    if width == 1 or not issubclass(kind, Scalar):
        return anything
    return st.one_of(st.sampled_from(edges(width)), st.integers(0, 40), anything)


@st.composite
def arguments(draw: st.DrawFn, twin: Twin, name: str) -> list[Any]:
    """Draw the arguments of one call."""
    values: list[Any] = []
    for kind in parameter_kinds(twin, name):
        if is_reference(kind):
            values.append(twin.static_for(kind))
        else:
            values.append(value_from(kind, draw(bits_strategy(kind))))
    return values


def parameter_kinds(twin: Twin, name: str) -> list[Any]:
    """Return the kinds of a function's parameters in order."""
    signature = twin.functions[name].signature
    return [signature.kinds[parameter] for parameter in signature.names]


def random_arguments(twin: Twin, name: str, source: random.Random) -> list[Any]:
    """Draw arguments without Hypothesis, for large fixed grids."""
    values: list[Static | Any] = []
    bits = 0
    for kind in parameter_kinds(twin, name):
        if is_reference(kind):
            values.append(twin.static_for(kind))
            continue
        width = 1 if kind is bool else 8 * kind.SIZE
        choice = source.random()
        if choice < 0.1:
            pass  # the same again: equality is an edge of its own
        elif choice < 0.45:
            bits = source.choice(edges(max(width, 2)))
        else:
            bits = source.getrandbits(width) if choice < 0.75 else source.randrange(41)
        values.append(value_from(kind, bits))
    return values


def check_all(twin: Twin, cases: int, seed: int) -> int:
    """Check every function with random arguments; return how many cases ran."""
    source = random.Random(seed)
    for name in twin.functions:
        for _ in range(cases):
            twin.check(name, random_arguments(twin, name, source), source.getrandbits(32))
    return cases * len(twin.functions)
