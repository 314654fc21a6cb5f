# SPDX-License-Identifier: Apache-2.0
"""Callers of the functions of the other modules, directly and through a table."""

from ovm.metal import fn, function_table, u32

from .low import add, given, twice


@fn
def first(value: u32) -> u32:
    return add(value) + 1


@fn
def second(value: u32) -> u32:
    return twice(value) + given(value)


CHOICES = function_table(first, second)


@fn(export="choose")
def choose(which: u32, value: u32) -> u32:
    return CHOICES[which](value)
