# SPDX-License-Identifier: Apache-2.0
"""Branch prediction, which decides the cost of mispredicted branches (A9 TRM 7.3.2).

A Cortex-A9 has a global history buffer (GHB) of 4096 counters of two bits for the directions of conditional branches, a branch
target address cache (BTAC) of 2 x 256 entries for the targets of indirect ones, and a stack of 8 return addresses. Targets
in the instruction itself are taken as known, so a direct branch without a condition is always predicted right.

The manual does not say how counters are found. Assumed: by the branch's place in its page (the same virtually and
physically) XOR the directions of the last branches, as many as PARAMETERS.branch_history. Assumed too: the BTAC is found by
virtual address and replaces in turn, an invalidation empties it and the return stack and leaves the counters, exceptions and
changes of world change none of it.

While SCTLR.Z is 0 nothing is predicted, and a taken branch costs a misprediction (Cortex-A8 TRM 5.1 and Cortex-A15 TRM 6.5 say
this of those cores; it is assumed here). Calls fill the return stack in any case.
"""

from typing import Final

from ovm.arm.control import SCTLR_Z
from ovm.board.parameters import PARAMETERS
from ovm.board.sizes import WORD_BITS
from ovm.board.state import CORES, CPU, RETURNS
from ovm.metal import Struct, address, array, bound, ctz, fn, static, u8, u32

COUNTERS: Final = 4096
MOST_HISTORY: Final = u32(12)
SETS: Final = 256
WAYS: Final = 2
WORDS: Final = SETS // 32
VALID: Final = 1


class Target(Struct):
    """An entry of the BTAC."""

    branch: u32  # its address | VALID; 0 is none
    target: u32  # with the instruction set in bit 0


# One for each core; the third is written while prediction is off, and never read.
GHB = static(array(u8, COUNTERS * 3))
BTAC = static(array(Target, 2 * SETS * WAYS))
NEXT_WAY = static(array(u8, 2 * SETS))
USED_SETS = static(array(u32, 2 * WORDS))


@fn
def select_predictor(control: u32) -> None:
    """Switch the running core's prediction by its SCTLR."""
    off = control & SCTLR_Z == 0
    CPU.unpredicted = u32(off)
    CPU.counter_mask = 0 if off else 3
    CPU.counters = u32(address(GHB)) + (u32(2) if off else CPU.number) * COUNTERS
    CPU.history_mask = (1 << min(PARAMETERS.branch_history, MOST_HISTORY)) - 1


@fn(inline=True)
def counter_of(where: u32) -> u32:
    """Return the counter of a branch at an address, without the history."""
    return (where >> 1) & 0x7FF


@fn(inline=False)
def invalidate_predictor(core: u32) -> None:
    """Empty the BTAC and the return stack of a core."""
    _invalidate_targets(core)
    for index in u32.range(RETURNS):
        if core == CPU.number:
            CPU.returns[index] = 0
        else:
            CORES[core].returns[index] = 0


@fn
def _invalidate_targets(core: u32) -> None:
    for word in u32.range(WORDS):
        while USED_SETS[core * WORDS + word] != 0:
            bound(WORD_BITS)
            left = USED_SETS[core * WORDS + word]
            USED_SETS[core * WORDS + word] = left & (left - 1)
            first = ((core * WORDS + word) * 32 + ctz(left)) * WAYS
            for way in u32.range(WAYS):
                BTAC[first + way].branch = 0


@fn
def invalidate_branch(where: u32) -> None:
    """Remove one branch from the running core's BTAC."""
    first = (CPU.number * SETS + (where >> 2) % SETS) * WAYS
    for way in u32.range(WAYS):
        if BTAC[first + way].branch == where & 0xFFFF_FFFE | VALID:
            BTAC[first + way].branch = 0


@fn(inline=False)
def predictor_reset() -> None:
    """Reset the running core's predictor; its part in CPU is reset with CPU."""
    _invalidate_targets(CPU.number)
    for index in u32.range(COUNTERS):
        GHB[CPU.number * COUNTERS + index] = 0
