# SPDX-License-Identifier: Apache-2.0
"""Maintenance of the L2C-310 by line, by index and way, and by way (ARM DDI0246 3.3.10).

Locked lines are affected too (3.3.11).
"""

from ovm.board.cache import level2_tags as tags
from ovm.board.clock import stall
from ovm.board.parameters import PARAMETERS
from ovm.metal import fn, u32


@fn
def _line(index: u32, ns: u32, cleans: bool, invalidates: bool) -> None:
    tag = tags.TAGS[index]
    if tag & tags.VALID == 0 or (ns != 0 and tag & tags.NON_SECURE == 0):
        return
    if cleans:
        tags.clean(index)
    if invalidates:
        tags.TAGS[index] = 0


@fn
def by_line(physical: u32, ns: u32, cleans: bool, invalidates: bool) -> None:
    """Act on the line of a physical address in the world of the access."""
    stall(PARAMETERS.maintenance)
    index = tags.find(physical, ns)
    if index != tags.NONE:
        _line(index, ns, cleans, invalidates)


@fn
def by_index(value: u32, ns: u32, cleans: bool, invalidates: bool) -> None:
    """Act on way [31:28] of set [15:5]."""
    stall(PARAMETERS.maintenance)
    _line(((value >> 5) % tags.SETS) * tags.WAYS + (value >> 28) % tags.WAYS, ns, cleans, invalidates)


@fn
def by_way(ways: u32, ns: u32, cleans: bool, invalidates: bool) -> None:
    """Act on all lines of the ways that bits 7 to 0 name."""
    stall(PARAMETERS.maintenance)
    for index in u32.range(tags.LINES):
        if (ways >> (index % tags.WAYS)) & 1 != 0:
            _line(index, ns, cleans, invalidates)


@fn
def unlock_lines(ways: u32) -> None:
    """Unlock the lines of some ways that lockdown by line kept."""
    for index in u32.range(tags.LINES):
        if (ways >> (index % tags.WAYS)) & 1 != 0:
            tags.TAGS[index] &= ~tags.LOCKED
