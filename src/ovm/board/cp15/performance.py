# SPDX-License-Identifier: Apache-2.0
"""Performance monitors: six counters and the cycle counter (ARM C12; events: A9 11.4.1).

A counter is brought up to date when anything looks at it, from counts that the board keeps anyway. Events of which the
board knows nothing count nothing. Secure and Non-secure execution both count.
"""

from typing import Final

from ovm.board.clock import now
from ovm.board.cp15.extra import PMU_COUNTERS, Extra, extra
from ovm.board.devices.gic_state import raise_line
from ovm.board.events import (
    CORE_COUNTS,
    COUNT_BRANCHES,
    COUNT_DATA_MICRO_MISSES,
    COUNT_DATA_MISSES,
    COUNT_EXCEPTIONS,
    COUNT_FETCH_MICRO_MISSES,
    COUNT_FETCH_MISSES,
    COUNT_INTERRUPTS,
    COUNT_MISPREDICTS,
    COUNT_WALK_CYCLES,
    COUNT_WRITE_BACKS,
)
from ovm.board.state import CPU
from ovm.metal import fn, u32, u64, unroll

CYCLE_COUNTER: Final = 31
ALL_COUNTERS: Final = 1 << CYCLE_COUNTER | (1 << PMU_COUNTERS) - 1
# PMCR (ARM B4.1.117).
PMCR_ENABLE: Final = 1
PMCR_RESET_COUNTERS: Final = 2
PMCR_RESET_CYCLES: Final = 4
PMCR_DIVIDE: Final = 8
PMCR_WRITABLE: Final = 0x39  # E, D, X, DP
PMCR_IDENTITY: Final = 0x41 << 24 | 0x09 << 16 | PMU_COUNTERS << 11
INTERRUPT: Final = 37  # of core 0; core 1's is next (UG585 table 7-3)
EVENT_SOFTWARE: Final = 0x00
EVENT_CONTEXT_WRITE: Final = 0x0B
EVENT_CYCLES: Final = 0x11
# Event number and the count behind it.
_COUNTED: Final = (
    (0x01, COUNT_FETCH_MISSES),
    (0x02, COUNT_FETCH_MICRO_MISSES),
    (0x03, COUNT_DATA_MISSES),
    (0x05, COUNT_DATA_MICRO_MISSES),
    (0x09, COUNT_EXCEPTIONS),
    (0x10, COUNT_MISPREDICTS),
    (0x12, COUNT_BRANCHES),
    (0x62, COUNT_WALK_CYCLES),
    (0x65, COUNT_WRITE_BACKS),
    (0x69, COUNT_DATA_MISSES),
    (0x93, COUNT_INTERRUPTS),
)


@fn
def _source(event: u32) -> u64:
    """Return how often an event has happened on this core."""
    for number, which in unroll(_COUNTED):
        if event == number:
            return CORE_COUNTS[CPU.number].of[which]
    if event == EVENT_CYCLES:
        return now()
    if event == EVENT_CONTEXT_WRITE:
        return extra().context_writes
    return u64(0)


@fn
def _advance(unit: Extra, index: u32, by: u64) -> None:
    total = u64(unit.values[index]) + by
    unit.values[index] = u32(total)
    if total >> 32 != 0:
        unit.overflowed |= u32(1) << index


@fn(inline=False)
def update() -> None:
    """Bring every counter of the running core up to date."""
    unit = extra()
    running = unit.enabled if unit.pmcr & PMCR_ENABLE != 0 else u32(0)
    for index in u32.range(PMU_COUNTERS):
        reached = _source(unit.types[index])
        if (running >> index) & 1 != 0:
            _advance(unit, index, reached - unit.seen[index])
        unit.seen[index] = reached
    time = now()
    if running >> CYCLE_COUNTER != 0:
        _advance_cycles(unit, time - unit.cycle_seen)
    unit.cycle_seen = time
    _signal()


@fn
def _signal() -> None:
    """Put the unit's interrupt to what PMOVSR and PMINTENSET say."""
    raise_line(INTERRUPT + CPU.number, extra().overflowed & extra().interrupts != 0)


@fn
def _advance_cycles(unit: Extra, by: u64) -> None:
    passed = by
    if unit.pmcr & PMCR_DIVIDE != 0:
        passed += u64(unit.cycle_rest)
        unit.cycle_rest = u32(passed) & 63
        passed >>= 6
    total = u64(unit.cycle_value) + passed
    unit.cycle_value = u32(total)
    if total >> 32 != 0:
        unit.overflowed |= u32(1) << CYCLE_COUNTER


@fn
def poll() -> None:
    """Let an overflow reach the interrupt controller: for whoever runs a core, from time to time."""
    if extra().interrupts != 0:
        update()


@fn
def read_control(offset: u32, mask: u32) -> u32:
    """PMCR."""
    return extra().pmcr | PMCR_IDENTITY


@fn
def write_control(offset: u32, mask: u32, value: u32) -> None:
    """PMCR."""
    update()
    unit = extra()
    unit.pmcr = value & PMCR_WRITABLE
    if value & PMCR_RESET_COUNTERS != 0:
        for index in u32.range(PMU_COUNTERS):
            unit.values[index] = u32(0)
    if value & PMCR_RESET_CYCLES != 0:
        unit.cycle_value = u32(0)
        unit.cycle_rest = u32(0)


@fn
def read_enabled(offset: u32, mask: u32) -> u32:
    """PMCNTENSET, PMCNTENCLR."""
    return extra().enabled


@fn
def write_enabled(offset: u32, mask: u32, value: u32) -> None:
    """PMCNTENSET; PMCNTENCLR where `mask` is 0."""
    update()
    chosen = value & ALL_COUNTERS
    extra().enabled = extra().enabled | chosen if mask != 0 else extra().enabled & ~chosen


@fn
def read_overflow(offset: u32, mask: u32) -> u32:
    """PMOVSR."""
    update()
    return extra().overflowed


@fn
def write_overflow(offset: u32, mask: u32, value: u32) -> None:
    """PMOVSR: ones clear."""
    update()
    extra().overflowed &= ~value
    _signal()


@fn
def write_increment(offset: u32, mask: u32, value: u32) -> None:
    """PMSWINC."""
    update()
    unit = extra()
    if unit.pmcr & PMCR_ENABLE == 0:
        return
    for index in u32.range(PMU_COUNTERS):
        if (value & unit.enabled) >> index & 1 != 0 and unit.types[index] == EVENT_SOFTWARE:
            _advance(unit, index, u64(1))
    _signal()


@fn
def read_cycles(offset: u32, mask: u32) -> u32:
    """PMCCNTR."""
    update()
    return extra().cycle_value


@fn
def write_cycles(offset: u32, mask: u32, value: u32) -> None:
    """PMCCNTR."""
    update()
    extra().cycle_value = value


@fn
def _chosen() -> u32:
    return min(extra().selected, u32(PMU_COUNTERS - 1))


@fn
def read_type(offset: u32, mask: u32) -> u32:
    """PMXEVTYPER."""
    return extra().types[_chosen()]


@fn
def write_type(offset: u32, mask: u32, value: u32) -> None:
    """PMXEVTYPER."""
    update()
    unit = extra()
    unit.types[_chosen()] = value & 0xFF
    unit.seen[_chosen()] = _source(value & 0xFF)


@fn
def read_value(offset: u32, mask: u32) -> u32:
    """PMXEVCNTR."""
    update()
    return extra().values[_chosen()]


@fn
def write_value(offset: u32, mask: u32, value: u32) -> None:
    """PMXEVCNTR."""
    update()
    extra().values[_chosen()] = value


@fn
def read_interrupts(offset: u32, mask: u32) -> u32:
    """PMINTENSET, PMINTENCLR."""
    return extra().interrupts


@fn
def write_interrupts(offset: u32, mask: u32, value: u32) -> None:
    """PMINTENSET; PMINTENCLR where `mask` is 0."""
    update()
    chosen = value & ALL_COUNTERS
    extra().interrupts = extra().interrupts | chosen if mask != 0 else extra().interrupts & ~chosen
    _signal()
