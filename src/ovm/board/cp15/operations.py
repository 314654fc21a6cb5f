# SPDX-License-Identifier: Apache-2.0
"""Operations of c7 and c8: caches, branch predictor, address translation, TLBs (ARM B4.2)."""

from typing import Final

from ovm.arm.control import SCTLR_M
from ovm.arm.descriptors import LOCK_SIZE_SUPERSECTION
from ovm.arm.faults import FS_EXTERNAL_WALK_PAGE, FS_EXTERNAL_WALK_SECTION
from ovm.board.cache import maintain as cache
from ovm.board.cache.prefetch import prefetch_stop
from ovm.board.clock import stall
from ovm.board.mapping import (
    ACCESS_READ,
    ACCESS_WRITE,
    KIND_DEVICE,
    KIND_NORMAL,
    MAPPING,
    MEMORY_INNER,
    MEMORY_NOT_OUTER,
    MEMORY_NS,
    MEMORY_OUTER,
    MEMORY_SHAREABLE,
)
from ovm.board.mmu import maintain as tlb
from ovm.board.mmu.attributes import memory_of
from ovm.board.mmu.entry import PAGE_BITS, PAGE_MASK, size_of
from ovm.board.mmu.main import MAIN
from ovm.board.mmu.rights import denied
from ovm.board.mmu.translate import ENTRY, main_entry, record_fault, translate
from ovm.board.parameters import PARAMETERS
from ovm.board.state import CPU
from ovm.board.worlds import state_world, world
from ovm.metal import fn, u32

# PAR of a failure and of a success (ARM B4.1.112).
PAR_FAILED: Final = 1
PAR_STATUS: Final = 1
PAR_SUPERSECTION: Final = 1 << 1
PAR_OUTER: Final = 2
PAR_INNER: Final = 4
PAR_SHAREABLE: Final = 1 << 7
PAR_NS: Final = 1 << 9
PAR_NOT_OUTER: Final = 1 << 10
PAR_STRONGLY_ORDERED: Final = u32(0b001 << PAR_INNER)
PAR_DEVICE: Final = u32(0b011 << PAR_INNER)
DATA_SYNCHRONISE: Final = 1
_CACHED: Final = 0b100  # together with the inner policy
# The rights and the direction of ATS operations: op2 of the encoding.
OTHER_WORLD: Final = 4
AS_USER: Final = 2
AS_WRITE: Final = 1


@fn(inline=False)
def data_line(offset: u32, mask: u32, value: u32) -> None:
    """Do data cache maintenance by MVA; `mask` is the operation."""
    stall(PARAMETERS.maintenance)
    physical = translate(value, ACCESS_READ)
    if CPU.fault != 0:
        CPU.fault_write = 1
        return
    cache.data_line(physical, MAPPING.ns, mask)


@fn(inline=False)
def data_set_way(offset: u32, mask: u32, value: u32) -> None:
    """Do data cache maintenance by set and way: only level 1 belongs to the core."""
    stall(PARAMETERS.maintenance)
    if (value >> 1) & 7 == 0:
        cache.data_set_way(value, mask)


@fn
def instruction_all(offset: u32, mask: u32, value: u32) -> None:
    """Do ICIALLU."""
    stall(PARAMETERS.maintenance)
    cache.instruction_all()


@fn
def instruction_all_shared(offset: u32, mask: u32, value: u32) -> None:
    """Do ICIALLUIS."""
    stall(PARAMETERS.maintenance)
    cache.instruction_all_shared()


@fn(inline=False)
def instruction_line(offset: u32, mask: u32, value: u32) -> None:
    """Do ICIMVAU."""
    stall(PARAMETERS.maintenance)
    physical = translate(value, ACCESS_READ)
    if CPU.fault != 0:
        CPU.fault_write = 1
        return
    cache.instruction_line(physical, MAPPING.ns)


@fn
def branch_all(offset: u32, mask: u32, value: u32) -> None:
    """Do BPIALL."""
    stall(PARAMETERS.maintenance)
    cache.branch_all()


@fn
def branch_all_shared(offset: u32, mask: u32, value: u32) -> None:
    """Do BPIALLIS."""
    stall(PARAMETERS.maintenance)
    cache.branch_all_shared()


@fn
def branch_at(offset: u32, mask: u32, value: u32) -> None:
    """Do BPIMVA."""
    stall(PARAMETERS.maintenance)
    cache.branch_at(value)


@fn
def barrier(offset: u32, mask: u32, value: u32) -> None:
    """Do DSB, DMB or ISB as CP15 operations; `mask` says whether it is DSB."""
    if mask == DATA_SYNCHRONISE:
        prefetch_stop(CPU.number)
    stall(PARAMETERS.barrier)


@fn
def translation_buffers(offset: u32, mask: u32, value: u32) -> None:
    """Do TLB maintenance; `mask` is the operation."""
    stall(PARAMETERS.maintenance)
    tlb.maintain(mask, value)


@fn
def _success(physical: u32, memory: u32, supersection: bool, of: u32) -> u32:
    """Return PAR of a success."""
    par = physical
    kind = memory & 3
    if kind == KIND_NORMAL:
        inner = (memory >> MEMORY_INNER) & 3
        if inner != 0:
            par |= (inner | _CACHED) << PAR_INNER
        par |= ((memory >> MEMORY_OUTER) & 3) << PAR_OUTER
    else:
        par |= PAR_DEVICE if kind == KIND_DEVICE else PAR_STRONGLY_ORDERED
    if memory & MEMORY_SHAREABLE != 0:
        par |= PAR_SHAREABLE
    if memory & MEMORY_NOT_OUTER != 0:
        par |= PAR_NOT_OUTER
    if memory & MEMORY_NS != 0 and of == 0:
        par |= PAR_NS
    return par | PAR_SUPERSECTION if supersection else par


@fn(inline=False)
def address_translation(offset: u32, mask: u32, value: u32) -> None:
    """Do ATS1C*, ATS12NSO*; `mask` gives rights, direction and world. The result is in PAR."""
    stall(PARAMETERS.maintenance)
    of = u32(1) if mask & OTHER_WORLD != 0 else state_world()
    bank = CPU.world[world()]
    if CPU.world[of].sctlr & SCTLR_M == 0:
        bank.par = _success(value & PAGE_BITS, MEMORY_SHAREABLE, False, of)
        return
    status = main_entry(value, ACCESS_READ, of)
    if status & 15 == FS_EXTERNAL_WALK_SECTION or status & 15 == FS_EXTERNAL_WALK_PAGE:
        record_fault(status, value, ACCESS_WRITE)
        return
    entry = MAIN[CPU.number].entries[ENTRY.value]
    access = (mask & AS_WRITE) * ACCESS_WRITE
    if status == 0:
        status = denied(entry.physical, entry.attributes, access, mask & AS_USER != 0, of)
    if status != 0:
        bank.par = ((status & 15) << PAR_STATUS) | PAR_FAILED
        return
    chosen = PAGE_MASK[size_of(entry)]
    large = size_of(entry) == LOCK_SIZE_SUPERSECTION
    page = entry.physical & chosen
    if not large:
        page |= value & ~chosen & PAGE_BITS
    bank.par = _success(page, memory_of(entry.attributes, of), large, of)
