# SPDX-License-Identifier: Apache-2.0
"""Accesses that level 1 does not take: RAM through level 2 where that may hold it, and devices."""

from ovm.board import bus
from ovm.board.events import COUNT_UNCACHED, count
from ovm.board.mmu.mapping import MAPPING
from ovm.board.state import CPU
from ovm.metal import fn, u32, u64


@fn
def read(physical: u32, size: u32) -> u64:
    """Read what MAPPING describes; bus.FAULT is an external abort."""
    count(u32(COUNT_UNCACHED), u32(1))
    return bus.read(physical, size, MAPPING.ns, CPU.number)


@fn
def write(physical: u32, value: u32, size: u32) -> bool:
    """Write what MAPPING describes; True is an external abort."""
    count(u32(COUNT_UNCACHED), u32(1))
    return bus.write(physical, value, size, MAPPING.ns, CPU.number)
