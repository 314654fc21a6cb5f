# SPDX-License-Identifier: Apache-2.0
"""Registers of the performance monitors (ARM C12.7, C12.8)."""

from ovm.board.clock import now
from ovm.board.coprocessors import PMU_COUNTERS, extra
from ovm.board.cp15.monitors import (
    ALL_COUNTERS,
    EVENT_SOFTWARE,
    PMCR_ENABLE,
    PMCR_IDENTITY,
    PMCR_RESET_COUNTERS,
    PMCR_RESET_CYCLES,
    PMCR_WRITABLE,
    advance,
    look_again,
    signal,
    source,
    update,
)
from ovm.board.state import CPU
from ovm.metal import fn, u32


@fn
def read_control(offset: u32, mask: u32) -> u32:
    """Return PMCR."""
    return extra().pmcr | PMCR_IDENTITY


@fn
def write_control(offset: u32, mask: u32, value: u32) -> None:
    """Write PMCR."""
    update()
    unit = extra()
    unit.pmcr = value & PMCR_WRITABLE
    if value & PMCR_RESET_COUNTERS != 0:
        for index in u32.range(PMU_COUNTERS):
            unit.values[index] = 0
    if value & PMCR_RESET_CYCLES != 0:
        unit.cycle_value = 0
        unit.cycle_rest = 0


@fn
def read_enabled(offset: u32, mask: u32) -> u32:
    """Return PMCNTENSET, PMCNTENCLR."""
    return extra().enabled


@fn
def write_enabled(offset: u32, mask: u32, value: u32) -> None:
    """Write PMCNTENSET; PMCNTENCLR where `mask` is 0."""
    update()
    chosen = value & ALL_COUNTERS
    extra().enabled = extra().enabled | chosen if mask != 0 else extra().enabled & ~chosen


@fn
def read_overflow(offset: u32, mask: u32) -> u32:
    """Return PMOVSR."""
    update()
    return extra().overflowed


@fn
def write_overflow(offset: u32, mask: u32, value: u32) -> None:
    """Write PMOVSR: ones clear."""
    update()
    extra().overflowed &= ~value
    signal(CPU.number)


@fn
def write_increment(offset: u32, mask: u32, value: u32) -> None:
    """Write PMSWINC."""
    update()
    unit = extra()
    if unit.pmcr & PMCR_ENABLE == 0:
        return
    for index in u32.range(PMU_COUNTERS):
        if (value & unit.enabled) >> index & 1 != 0 and unit.types[index] == EVENT_SOFTWARE:
            advance(unit, index, 1)
    signal(CPU.number)


@fn
def read_cycles(offset: u32, mask: u32) -> u32:
    """Return PMCCNTR."""
    update()
    return extra().cycle_value


@fn
def write_cycles(offset: u32, mask: u32, value: u32) -> None:
    """Write PMCCNTR."""
    update()
    extra().cycle_value = value


@fn
def _chosen() -> u32:
    return min(extra().selected, PMU_COUNTERS - 1)


@fn
def read_type(offset: u32, mask: u32) -> u32:
    """Return PMXEVTYPER."""
    return extra().types[_chosen()]


@fn
def write_type(offset: u32, mask: u32, value: u32) -> None:
    """Write PMXEVTYPER."""
    update()
    unit = extra()
    unit.types[_chosen()] = value & 0xFF
    unit.seen[_chosen()] = source(CPU.number, value & 0xFF)


@fn
def read_value(offset: u32, mask: u32) -> u32:
    """Return PMXEVCNTR."""
    update()
    return extra().values[_chosen()]


@fn
def write_value(offset: u32, mask: u32, value: u32) -> None:
    """Write PMXEVCNTR."""
    update()
    extra().values[_chosen()] = value


@fn
def read_interrupts(offset: u32, mask: u32) -> u32:
    """Return PMINTENSET, PMINTENCLR."""
    return extra().interrupts


@fn
def write_interrupts(offset: u32, mask: u32, value: u32) -> None:
    """Write PMINTENSET; PMINTENCLR where `mask` is 0."""
    update()
    chosen = value & ALL_COUNTERS
    extra().interrupts = extra().interrupts | chosen if mask != 0 else extra().interrupts & ~chosen
    signal(CPU.number)
    look_again(CPU.number, now())
