# SPDX-License-Identifier: Apache-2.0
"""Loop bounds under CPython: exact at the bound, right for nested and re-entered loops."""

import pytest

from ovm.metal import bound, fn, forever, u32, unroll
from ovm.metal.lang.errors import BoundPanic, SimulationEnd
from ovm.metal.simulate import simulate


@fn
def simple(turns: u32) -> u32:
    done = u32(0)
    while done < turns:
        bound(4)
        done += 1
    return done


@fn
def nested(outer: u32, inner: u32) -> u32:
    total = u32(0)
    i = u32(0)
    while i < outer:
        bound(3)
        j = u32(0)
        while j < inner:
            bound(2)
            j += 1
            total += 1
        i += 1
    return total


@fn
def within_range(rounds: u32, inner: u32) -> u32:
    total = u32(0)
    for _ in u32.range(rounds, bound=8):
        j = u32(0)
        while j < inner:
            bound(2)
            j += 1
            total += 1
    return total


@fn
def within_unrolled(inner: u32) -> u32:
    total = u32(0)
    for step in unroll((1, 2, 3)):
        j = u32(0)
        while j < inner:
            bound(2)
            j += 1
            total += step
    return total


@fn
def two_in_a_row(a: u32, b: u32) -> u32:
    while a > 0:
        bound(3)
        a -= 1
    while b > 0:
        bound(3)
        b -= 1
    return a + b


@fn
def inner_call(turns: u32) -> u32:
    total = u32(0)
    i = u32(0)
    while i < turns:
        bound(3)
        total += simple(u32(4))
        i += 1
    return total


@fn
def range_inside_while(turns: u32) -> u32:
    total = u32(0)
    i = u32(0)
    while i < turns:
        bound(3)
        for _ in u32.range(5):
            total += 1
        i += 1
    return total


@fn
def endless() -> u32:
    total = u32(0)
    while forever():
        j = u32(0)
        while j < 2:
            bound(2)
            j += 1
        total += 1
        if total == 10:
            break
    return total


def test_at_the_bound_and_past_it() -> None:
    assert simple(u32(4)) == 4
    with pytest.raises(BoundPanic, match="bound of 4 turns"):
        simple(u32(5))
    assert simple(u32(4)) == 4


def test_each_entry_counts_anew() -> None:
    assert nested(u32(3), u32(2)) == 6
    assert within_range(u32(8), u32(2)) == 16
    assert within_unrolled(u32(2)) == 12
    assert two_in_a_row(u32(3), u32(3)) == 0
    assert inner_call(u32(3)) == 12
    assert endless() == 10


def test_inner_and_outer_bounds_both_hold() -> None:
    for outer, inner in ((4, 1), (1, 3), (3, 3)):
        with pytest.raises(BoundPanic):
            nested(u32(outer), u32(inner))
    with pytest.raises(BoundPanic):
        within_range(u32(9), u32(0))
    with pytest.raises(BoundPanic):
        within_range(u32(2), u32(3))
    with pytest.raises(BoundPanic):
        within_unrolled(u32(3))
    with pytest.raises(BoundPanic):
        two_in_a_row(u32(0), u32(4))
    with pytest.raises(BoundPanic):
        inner_call(u32(4))


def test_a_range_inside_does_not_reset_the_loop_around_it() -> None:
    assert range_inside_while(u32(3)) == 15
    with pytest.raises(BoundPanic):
        range_inside_while(u32(4))


def test_bound_belongs_in_a_metal_function() -> None:
    with pytest.raises(TypeError, match="belongs in"):
        bound(4)


def test_a_simulation_ends_forever() -> None:
    with simulate(turns=3), pytest.raises(SimulationEnd):
        endless()
