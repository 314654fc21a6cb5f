# SPDX-License-Identifier: Apache-2.0
"""Time of the core that runs, in its clock cycles.

A cycle has two issue slots, since the core decodes up to two instructions in each (A9 TRM 1.1). The loop counts the slots
that instructions take in `CPU.slots` and leaves when that reaches `CPU.limit`. Everything that makes an instruction
wait (memory, walks, devices) is added by `stall`, which moves the limit instead: so waiting costs the loop nothing, and no
instruction is executed past the limit. A limit of 0 means none.
"""

from typing import Final

from ovm.board.state import CPU, Cpu
from ovm.metal import fn, u32, u64

SLOTS_PER_CYCLE: Final = 2
_LOG: Final = 1
# Cycles that a limit can be away: later than any device is due.
_FAR: Final = u64((1 << 63) - 1)


@fn(inline=True)
def time_of(core: Cpu) -> u64:
    """Return the cycle count of a core, waiting included."""
    return (core.slots >> _LOG) + core.stalled


@fn(inline=True)
def now() -> u64:
    """Return the cycle count of the core that runs, waiting included."""
    return time_of(CPU)


@fn
def stall(cycles: u32) -> None:
    """Add waiting time to the instruction in progress."""
    waited = u64(cycles)
    CPU.stalled += waited
    if CPU.limit != 0:
        slots = waited << _LOG
        CPU.limit = CPU.limit - slots if CPU.limit > slots else 1


@fn
def _limit_of(moment: u64) -> u64:
    """Return the count of slots at which the core reaches a moment of `now`; 1 is the past."""
    return min(moment - CPU.stalled, _FAR) << _LOG if moment > CPU.stalled else 1


@fn
def run_until(moment: u64) -> None:
    """Let the loop run up to a moment of `now`."""
    CPU.limit = _limit_of(moment)


@fn
def not_after(moment: u64) -> None:
    """Let the loop leave at a moment of `now` if it would run longer, since an event is due then."""
    limit = _limit_of(moment)
    if CPU.limit == 0 or limit < CPU.limit:
        CPU.limit = limit
