# SPDX-License-Identifier: Apache-2.0
"""Functions and statics that the other modules use."""

from ovm.metal import array, fn, static, table, u32

TOTAL = static(u32)
GIVEN = static(array(u32, 4), section=".rodata.given")
KNOWN = table(u32, [5, 6, 7, 8])


@fn(inline=True)
def twice(value: u32) -> u32:
    return value * 2


@fn(inline=False)
def add(value: u32) -> u32:
    TOTAL.value += twice(value)
    return TOTAL.value


@fn
def given(index: u32) -> u32:
    return GIVEN[index & 3] + KNOWN[index & 3]
