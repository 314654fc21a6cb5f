# SPDX-License-Identifier: Apache-2.0
"""Coprocessor registers that only their own instructions read, one set for each core."""

from typing import Final

from ovm.board.state import CPU
from ovm.metal import Array, Struct, array, fn, static, u32, u64

PMU_COUNTERS: Final = 6
BREAKPOINTS: Final = 6
WATCHPOINTS: Final = 4


class Extra(Struct):
    """Registers of one core that `state.Cpu` does not hold."""

    power: u32  # c15,c0,0 (A9 4.3.23)
    diagnostic: u32  # c15,c0,1
    base: u32  # CBAR: gives the address of the private peripherals; a write moves nothing (A9 4.3.24)
    teecr: u32  # CP14
    teehbr: u32
    joscr: u32
    jmcr: u32
    # Debug registers that software may use as it likes; nothing acts on them.
    watchpoint_fault: u32  # DBGWFAR
    vector_catch: u32  # DBGVCR
    breakpoint_values: Array[u32] = array(u32, BREAKPOINTS)
    breakpoint_controls: Array[u32] = array(u32, BREAKPOINTS)
    watchpoint_values: Array[u32] = array(u32, WATCHPOINTS)
    watchpoint_controls: Array[u32] = array(u32, WATCHPOINTS)
    # Performance monitors (ARM C12); `performance` defines the counts.
    pmcr: u32
    enabled: u32  # PMCNTENSET
    overflowed: u32  # PMOVSR
    selected: u32  # PMSELR
    user: u32  # PMUSERENR
    interrupts: u32  # PMINTENSET
    types: Array[u32] = array(u32, PMU_COUNTERS)
    values: Array[u32] = array(u32, PMU_COUNTERS)
    seen: Array[u64] = array(u64, PMU_COUNTERS)  # of the source, when the value was updated
    cycle_value: u32  # PMCCNTR
    cycle_rest: u32  # cycles short of 64
    cycle_seen: u64
    context_writes: u64  # event 0x0B
    fetch_walk_cycles: u64  # of COUNT_WALK_CYCLES, those for fetches


EXTRA = static(array(Extra, 2))


@fn(inline=True)
def extra() -> Extra:
    """Return the registers of the running core."""
    return EXTRA[CPU.number]
