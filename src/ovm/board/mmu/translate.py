# SPDX-License-Identifier: Apache-2.0
"""The translation of an access: the memory management unit's front (ARM B3; A9 6.3).

Micro-TLB, main TLB and walk are tried in this order; then rights are checked. `translate` gives the physical address with
MAPPING, or records a
fault in the core. With the MMU off an address is its own physical one, data is Strongly-ordered and instructions are
Normal memory (ARM B3.2.1). The bus decides whether anything answers at a physical address.
"""

from typing import Final

from ovm.arm.control import SCTLR_I, SCTLR_M
from ovm.arm.psr import MODE_USR
from ovm.board.clock import now, stall
from ovm.board.coprocessors import extra
from ovm.board.events import (
    COUNT_DATA_MICRO_MISSES,
    COUNT_FETCH_MICRO_MISSES,
    COUNT_MAIN_MISSES,
    COUNT_WALK_CYCLES,
    FAULT,
    WALK,
    count,
    happened,
)
from ovm.board.mapping import (
    ACCESS_FETCH,
    ACCESS_USER,
    ACCESS_WRITE,
    CACHE_WRITE_THROUGH,
    KIND_NORMAL,
    KIND_STRONGLY_ORDERED,
    MEMORY_INNER,
    MEMORY_NS,
    MEMORY_OUTER,
    MEMORY_SHAREABLE,
    NO_MICRO,
)
from ovm.board.mmu import main, micro
from ovm.board.mmu.attributes import show
from ovm.board.mmu.entry import PAGE_MASK, PHYSICAL_SIZE, owner
from ovm.board.mmu.rights import denied
from ovm.board.mmu.table_walk import walk
from ovm.board.parameters import PARAMETERS
from ovm.board.state import CPU, running
from ovm.board.worlds import state_world
from ovm.metal import fn, static, u32, u64

FAULT_RECORDED: Final = 0x8000_0000
ENTRY = static(u32)  # of the main TLB: the result of `main_entry`
_FLAT_DATA: Final = u32(KIND_STRONGLY_ORDERED | MEMORY_SHAREABLE)
_FLAT_FETCH: Final = u32(KIND_NORMAL | MEMORY_SHAREABLE)
_FLAT_CACHED: Final = u32(_FLAT_FETCH | CACHE_WRITE_THROUGH << MEMORY_INNER | CACHE_WRITE_THROUGH << MEMORY_OUTER)


@fn
def record_fault(status: u32, address: u32, access: u32) -> None:
    """Record a fault of the core that runs."""
    CPU.fault = FAULT_RECORDED | status
    CPU.fault_address = address
    CPU.fault_write = access & ACCESS_WRITE
    happened(FAULT, address, status)


@fn(inline=False)
def translate(address: u32, access: u32) -> u32:
    """Return the physical address; a failure is in CPU.fault, CPU.fault_address and CPU.fault_write."""
    world = state_world()
    if CPU.world[world].sctlr & SCTLR_M == 0:
        return _flat(address, access, world)
    side = u32(micro.FETCH if access & ACCESS_FETCH != 0 else micro.DATA)
    tlb = micro.micro_of(side)
    index = micro.find(tlb, address, world)
    if index == micro.NONE:
        index = refill(address, access, side, world)
        if CPU.fault != 0:
            return address
    user = CPU.mode == MODE_USR or access & ACCESS_USER != 0
    physical = tlb.physical[index]
    status = denied(physical, tlb.attributes[index], access, user, world)
    if status != 0:
        record_fault(status, address, access)
        return address
    show(tlb.memory[index], index)
    mask = PAGE_MASK[(physical >> PHYSICAL_SIZE) & 3]
    return (physical & mask) | (address & ~mask)


@fn
def _flat(address: u32, access: u32, world: u32) -> u32:
    memory = _FLAT_DATA
    if access & ACCESS_FETCH != 0:
        memory = _FLAT_CACHED if CPU.world[world].sctlr & SCTLR_I != 0 else _FLAT_FETCH
    show(memory | world * MEMORY_NS, NO_MICRO)
    return address


@fn
def refill(address: u32, access: u32, side: u32, world: u32) -> u32:
    """Fill the micro-TLB from the main TLB or a walk; return the entry, unless there is a fault."""
    count(COUNT_FETCH_MICRO_MISSES if side == micro.FETCH else COUNT_DATA_MICRO_MISSES, 1)
    stall(PARAMETERS.micro_tlb_miss)
    status = main_entry(address, access, world)
    if status != 0:
        record_fault(status, address, access)
        return 0
    return micro.fill(side, address, world, main.MAIN[running()].entries[ENTRY.value])


@fn
def main_entry(address: u32, access: u32, world: u32) -> u32:
    """Find an address in the main TLB, by a walk if needed; return 0 and ENTRY, or the fault status."""
    index = main.find(address, owner(world, CPU.world[world].contextidr))
    if index == main.NO_ENTRY:
        begun = now()
        count(COUNT_MAIN_MISSES, 1)
        stall(PARAMETERS.walk_base)
        status = walk(address, world)
        taken = u32(now() - begun)
        count(COUNT_WALK_CYCLES, taken)
        if access & ACCESS_FETCH != 0:
            extra().fetch_walk_cycles += u64(taken)
        happened(WALK, address, taken)
        if status != 0:
            return status
        index = main.fill()
    ENTRY.value = index
    return 0
