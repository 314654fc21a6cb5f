# SPDX-License-Identifier: Apache-2.0
"""Maintenance of the hardware TLB, always by ASID.

An entry that faults is never held in a TLB, so a new mapping where there was none only has to be visible to the walk (DSB);
every change of a valid one ends here (ARM B3.10.1). The order is the manual's: table write, DSB, invalidate,
DSB, ISB (ARM B3.10.2). Neither operation can hit a lock entry of an SRT guest, because these carry ASIDs
of their own, nor the entry of the gate page, which is global and whose address is never named.
Maintenance is local: a guest's ASIDs are only ever used on its own CPU. Cortex-A9 walks look up the L1 data cache
(TTBR_WALK), so table writes need no clean. Its branch predictor has to be invalidated for new mappings (ID_MMFR1.BPred = 2, ARM
B4.1.90), hence BPIALL.
"""

from ovm.arm.cp15 import BPIALL, TLBIASID, TLBIMVA
from ovm.core.memory.frames import FRAME_MASK
from ovm.metal import cp15_write, dsb, fn, isb, u32


@fn
def tlb_drop_page(va: u32, asid: u32) -> None:
    """Invalidate one page of one space, after its descriptor was changed."""
    dsb()
    cp15_write(TLBIMVA, va & FRAME_MASK | asid)
    cp15_write(BPIALL, 0)
    dsb()
    isb()


@fn
def tlb_drop_asid(asid: u32) -> None:
    """Invalidate one whole space, after descriptors of it were changed."""
    dsb()
    cp15_write(TLBIASID, asid)
    cp15_write(BPIALL, 0)
    dsb()
    isb()
