# SPDX-License-Identifier: Apache-2.0
"""PLD and PLDW, for which a separate unit brings the line to level 1 behind the core (A9 TRM 7.6.1).

The core never waits, and there are no faults. The page has to be in a TLB: it is assumed that a hint causes no walk. Both
instructions do the same here. Lines of the other core stay there.
"""

from ovm.board.cache import data
from ovm.board.cache.prefetch import prefetch_stop
from ovm.board.mapping import ACCESS_READ
from ovm.board.mmu import main, micro
from ovm.board.mmu.attributes import show
from ovm.board.mmu.entry import PAGE_MASK, PHYSICAL_SIZE, owner
from ovm.board.mmu.rights import denied
from ovm.board.mmu.translate import refill
from ovm.board.state import CPU, running
from ovm.metal import fn, u32


@fn
def _page(address: u32) -> u32:
    """Return the data micro-TLB entry for an address, taken from the main TLB if needed, or micro.NONE."""
    world = CPU.context >> 1
    index = micro.find(micro.micro_of(micro.DATA), address, world)
    if index != micro.NONE:
        return index
    if main.find(address, owner(world, CPU.world[world].contextidr)) == main.NO_ENTRY:
        return micro.NONE
    return refill(address, ACCESS_READ, micro.DATA, world)


@fn
def _bring(address: u32) -> None:
    index = _page(address)
    if index == micro.NONE:
        return
    tlb = micro.micro_of(micro.DATA)
    physical = tlb.physical[index]
    show(tlb.memory[index], index)
    status = denied(physical, tlb.attributes[index], ACCESS_READ, CPU.context & 1 != 0, CPU.context >> 1)
    if status == 0 and data.cacheable():
        mask = PAGE_MASK[(physical >> PHYSICAL_SIZE) & 3]
        data.preload_line((physical & mask) | (address & ~mask))


@fn(inline=False)
def preload(address: u32) -> None:
    """Request the line of an address; the automatic prefetcher drops its streams (A9 TRM 7.6.2)."""
    stalled = CPU.stalled
    limit = CPU.limit
    prefetch_stop(running())
    _bring(address)
    CPU.stalled = stalled
    CPU.limit = limit
