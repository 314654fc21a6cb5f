# SPDX-License-Identifier: Apache-2.0
"""Time of the core that runs, in its clock cycles.

The loop counts what instructions take to issue in `CPU.cycles` and leaves when that reaches `CPU.limit`. Everything
that makes an instruction wait (memory, walks, devices) is added by `stall`, which moves the limit instead: so waiting
costs the loop nothing, and no instruction is executed past the limit. A limit of 0 is none.
"""

from ovm.board.state import CPU
from ovm.metal import fn, u32, u64


@fn(inline=True)
def now() -> u64:
    """Return the cycle count of the core that runs, waiting included."""
    return CPU.cycles + CPU.stalled


@fn
def stall(cycles: u32) -> None:
    """Let the instruction in progress wait."""
    waited = u64(cycles)
    CPU.stalled += waited
    if CPU.limit != 0:
        CPU.limit = CPU.limit - waited if CPU.limit > waited else u64(1)


@fn
def run_until(moment: u64) -> None:
    """Let the loop run up to a moment of `now`."""
    CPU.limit = moment - CPU.stalled if moment > CPU.stalled else u64(1)


@fn
def not_after(moment: u64) -> None:
    """Let the loop leave at a moment of `now` if it would run longer: something is due then."""
    limit = moment - CPU.stalled if moment > CPU.stalled else u64(1)
    if CPU.limit == 0 or limit < CPU.limit:
        CPU.limit = limit
