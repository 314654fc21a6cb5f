# SPDX-License-Identifier: Apache-2.0
"""What instruction fetches see of frames that change hands.

Fetches look into the instruction cache and then past the L1 data cache, from the point of unification on (ARM B2.2.9).
So the zeros of a fresh frame are cleaned to there, and when frames have lost their owner the instruction cache forgets
them before one gets another: otherwise the next owner, executing the frame, could run bytes of the one before. In between
nothing fetches from the frame, because the secure map has guests' memory as Execute-never and no other map has it.
"""

from typing import Final

from ovm.abi.config import FRAME_BYTES
from ovm.arm.cp15 import BPIALL, DCCMVAU, ICIALLU
from ovm.metal import PhysAddr, cp15_write, dsb, fn, isb, u32

# Bytes of a line of the Cortex-A9's L1 caches (A9 7.1).
LINE_BYTES: Final = 32


@fn
def lines_clean(phys: PhysAddr, length: u32) -> None:
    """Clean a part of a frame to the point of unification, by its place in the flat map. A DSB has to follow."""
    # ORDER: the DSB before cleans by address is what erratum 775420 asks for.
    dsb()
    for offset in u32.range(0, length, LINE_BYTES, bound=FRAME_BYTES):
        cp15_write(DCCMVAU, u32(phys) + offset)


@fn
def fetches_forget() -> None:
    """Forget all instructions and branches of this CPU: its guests' frames are fetched by no other."""
    dsb()
    cp15_write(ICIALLU, u32(0))
    cp15_write(BPIALL, u32(0))
    dsb()
    isb()
