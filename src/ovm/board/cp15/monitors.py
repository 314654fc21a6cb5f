# SPDX-License-Identifier: Apache-2.0
"""Performance monitors: the advance of their six counters and the cycle counter (ARM C12; events: A9 11.4.1).

A counter is updated when it is read, from counts that the board keeps anyway. Events that the board doesn't model count
nothing. Secure and Non-secure execution both count.
"""

from typing import Final

from ovm.board import clock
from ovm.board.coprocessors import EXTRA, PMU_COUNTERS, Extra
from ovm.board.devices.due import DUE_MONITORS, due_at, never
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
    fold_branches,
)
from ovm.board.parameters import PARAMETERS
from ovm.board.state import CPU, core_of
from ovm.board.wiring import WIRING
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
POLL_CYCLES: Final = 1000  # assumed to be soon enough for an overflow
EVENT_SOFTWARE: Final = 0x00
EVENT_CONTEXT_WRITE: Final = 0x0B
EVENT_CYCLES: Final = 0x11
EVENT_FETCH_WALKS: Final = 0x82  # cycles of waiting; 0x83 for data
EVENT_DATA_WALKS: Final = 0x83
EVENT_FETCH_MICRO: Final = 0x84  # cycles of waiting for the main TLB
EVENT_DATA_MICRO: Final = 0x85
# Event numbers and the counts behind them.
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
def _now(core: u32) -> u64:
    return clock.time_of(core_of(core))


@fn
def source(core: u32, event: u32) -> u64:
    """Return the number of times that an event has happened on a core."""
    for number, which in unroll(_COUNTED):
        if event == number:
            return CORE_COUNTS[core].of[which]
    if event == EVENT_CYCLES:
        return _now(core)
    if event == EVENT_CONTEXT_WRITE:
        return EXTRA[core].context_writes
    if event == EVENT_FETCH_WALKS:
        return EXTRA[core].fetch_walk_cycles
    if event == EVENT_DATA_WALKS:
        return CORE_COUNTS[core].of[COUNT_WALK_CYCLES] - EXTRA[core].fetch_walk_cycles
    if event == EVENT_FETCH_MICRO or event == EVENT_DATA_MICRO:
        misses = u32(COUNT_FETCH_MICRO_MISSES if event == EVENT_FETCH_MICRO else COUNT_DATA_MICRO_MISSES)
        return CORE_COUNTS[core].of[misses] * u64(PARAMETERS.micro_tlb_miss)
    return 0


@fn
def advance(unit: Extra, index: u32, by: u64) -> None:
    """Advance a counter."""
    total = u64(unit.values[index]) + by
    unit.values[index] = u32(total)
    if total >> 32 != 0:
        unit.overflowed |= 1 << index


@fn(inline=False)
def _update(core: u32) -> None:
    """Update every counter of a core."""
    if core == CPU.number:
        fold_branches()
    unit = EXTRA[core]
    running = unit.enabled if unit.pmcr & PMCR_ENABLE != 0 else u32(0)
    for index in u32.range(PMU_COUNTERS):
        reached = source(core, unit.types[index])
        if (running >> index) & 1 != 0:
            advance(unit, index, reached - unit.seen[index])
        unit.seen[index] = reached
    time = _now(core)
    if running >> CYCLE_COUNTER != 0:
        _advance_cycles(unit, time - unit.cycle_seen)
    unit.cycle_seen = time
    signal(core)


@fn
def update() -> None:
    """Update every counter of the running core."""
    _update(CPU.number)


@fn
def signal(core: u32) -> None:
    """Set a unit's interrupt by PMOVSR and PMINTENSET."""
    raise_line(WIRING.monitors[core], EXTRA[core].overflowed & EXTRA[core].interrupts != 0)


@fn
def monitors_expire(core: u32, moment: u64) -> None:
    """Check for overflows: an interrupt comes up to POLL_CYCLES late."""
    _update(core)
    look_again(core, moment)


@fn
def look_again(core: u32, moment: u64) -> None:
    """Schedule the check for overflows, if they interrupt. A core that sleeps may be long before `moment`."""
    if EXTRA[core].interrupts != 0:
        due_at(DUE_MONITORS + core, max(_now(core), moment) + POLL_CYCLES)
    else:
        never(DUE_MONITORS + core)


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
        unit.overflowed |= 1 << CYCLE_COUNTER
