# SPDX-License-Identifier: Apache-2.0
"""Instruction fetches and frames that change owners.

Fetches look into the instruction cache and then past the L1 data cache, from the point of unification on (ARM B2.2.9).
So the zeros of a fresh frame are cleaned to there, and when frames have lost their owner they are invalidated in the
instruction cache before they get another: otherwise the next owner, executing the frame, could run bytes of the previous one.
In between there are no fetches from the frame, because the secure map has guests' memory as Execute-never and no other map has
it.
"""

from typing import Final

from ovm.abi.config import FRAME_BYTES
from ovm.arm.cp15 import BPIALL, DCCMVAU, ICIALLU
from ovm.metal import PhysAddr, cp15_write, dsb, fn, isb, u32

# Bytes of a line of the Cortex-A9's L1 caches (A9 7.1).
LINE_BYTES: Final = 32


@fn
def lines_clean(phys: PhysAddr, length: u32) -> None:
    """Clean a part of a frame to the point of unification, by its address in the flat map. A DSB has to follow."""
    # ORDER: erratum 775420 requires the DSB before cleans by address.
    dsb()
    for offset in u32.range(0, length, LINE_BYTES, bound=FRAME_BYTES):
        cp15_write(DCCMVAU, u32(phys) + offset)


@fn
def fetches_forget() -> None:
    """Invalidate all instructions and branches of this CPU: no other CPU fetches from its guests' frames."""
    dsb()
    cp15_write(ICIALLU, 0)
    cp15_write(BPIALL, 0)
    dsb()
    isb()
