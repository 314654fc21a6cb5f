# SPDX-License-Identifier: Apache-2.0
"""The translation table walk, short descriptors (ARM B3.5; A9 6.3).

A walk checks no rights. It reads the tables in the physical address space of the security state that walks, with the
cacheability from TTBR. Its result goes to FOUND in the format of a TLB entry.
"""

from typing import Final

from ovm.arm.control import SCTLR_AFE, SCTLR_EE
from ovm.arm.descriptors import (
    LOCK_SIZE_LARGE,
    LOCK_SIZE_PAGE,
    LOCK_SIZE_SECTION,
    LOCK_SIZE_SUPERSECTION,
    TYPE_FAULT,
    TYPE_LARGE,
    TYPE_SECTION,
    TYPE_TABLE,
    LargeDescriptor,
    SectionDescriptor,
    SmallDescriptor,
    TableDescriptor,
    Ttbcr,
)
from ovm.arm.faults import (
    FS_ACCESS_FLAG_PAGE,
    FS_ACCESS_FLAG_SECTION,
    FS_EXTERNAL_WALK_PAGE,
    FS_EXTERNAL_WALK_SECTION,
    FS_TRANSLATION_PAGE,
    FS_TRANSLATION_SECTION,
    FSR_DOMAIN_SHIFT,
)
from ovm.board.cache.table_reads import walk_read
from ovm.board.mmu.entry import (
    ATTRIBUTE_CB,
    ATTRIBUTE_DOMAIN,
    ATTRIBUTE_NS,
    ATTRIBUTE_TEX,
    ATTRIBUTE_XN,
    PAGE_MASK,
    PHYSICAL_ACCESS,
    PHYSICAL_SIZE,
    PHYSICAL_VALID,
    VIRTUAL_ASID,
    VIRTUAL_GLOBAL,
    VIRTUAL_NSTID,
    Entry,
)
from ovm.board.state import CPU
from ovm.metal import byte_swap, fn, static, u32, u64

FAILED: Final = 1 << 32  # together with a descriptor: external abort
TTBR0_BITS: Final = u32(14)  # log2 of the bytes of a full first-level table

FOUND = static(Entry)


@fn
def _descriptor(place: u32, base: u32, world: u32) -> u64:
    """Read a descriptor at a physical address by the attributes of `base`, a TTBR (ARM B4.1.154)."""
    inner = ((base & 1) << 1) | ((base >> 6) & 1)
    word = walk_read(place, world, inner, (base >> 3) & 3, (base >> 1) & 1)
    if CPU.world[world].sctlr & SCTLR_EE == 0:
        return word
    return (word & FAILED) | u64(byte_swap(u32(word)))


@fn
def _found(address: u32, world: u32, size: u32, global_page: bool, base: u32) -> None:
    mask = PAGE_MASK[size]
    FOUND.virtual = (address & mask) | (world * VIRTUAL_NSTID)
    if global_page:
        FOUND.virtual |= VIRTUAL_GLOBAL
    else:
        FOUND.virtual |= CPU.world[world].contextidr & VIRTUAL_ASID
    FOUND.physical = (base & mask) | (size << PHYSICAL_SIZE) | PHYSICAL_VALID
    FOUND.attributes = 0
    FOUND.locked = 0


@fn
def _judged(access: u32, tex: u32, low: u32, domain: u32, world: u32, status: u32) -> u32:
    """Add AP, TEX, C, B, S and the domain; return `status` with the domain if the access flag is clear, else 0."""
    FOUND.physical |= access << PHYSICAL_ACCESS
    FOUND.attributes |= (tex << ATTRIBUTE_TEX) | low | (domain << ATTRIBUTE_DOMAIN)
    if CPU.world[world].sctlr & SCTLR_AFE != 0 and access & 1 == 0:
        return status | (domain << FSR_DOMAIN_SHIFT)
    return 0


@fn
def walk(address: u32, world: u32) -> u32:
    """Walk the tables of a world for a virtual address; return 0 and FOUND, or the fault status."""
    control = Ttbcr(CPU.world[world].ttbcr)
    low = control.n == 0 or address >> (32 - control.n) == 0
    if (low and control.no_walk_0) or (not low and control.no_walk_1):
        return FS_TRANSLATION_SECTION
    base = CPU.world[world].ttbr0 if low else CPU.world[world].ttbr1
    reach = TTBR0_BITS - control.n if low else TTBR0_BITS
    first = base & ~((1 << reach) - 1)
    word = _descriptor(first | ((address >> 20) << 2), base, world)
    if word & FAILED != 0:
        return FS_EXTERNAL_WALK_SECTION
    kind = u32(word) & 3
    if kind == TYPE_SECTION:
        return _section(address, world, SectionDescriptor(u32(word)))
    if kind == TYPE_TABLE:
        return _page(address, world, TableDescriptor(u32(word)), base)
    return FS_TRANSLATION_SECTION


@fn
def _section(address: u32, world: u32, section: SectionDescriptor) -> u32:
    size = u32(LOCK_SIZE_SUPERSECTION if section.supersection else LOCK_SIZE_SECTION)
    _found(address, world, size, not section.not_global, section.raw)
    if world != 0 or section.non_secure:
        FOUND.attributes |= ATTRIBUTE_NS
    if section.execute_never:
        FOUND.attributes |= ATTRIBUTE_XN
    domain = u32(0) if section.supersection else section.domain
    low = (((section.raw >> 2) & 3) << ATTRIBUTE_CB) | u32(section.shareable)
    access = section.access | (section.access_2 << 2)
    return _judged(access, section.tex, low, domain, world, FS_ACCESS_FLAG_SECTION)


@fn
def _page(address: u32, world: u32, table: TableDescriptor, base: u32) -> u32:
    about = table.domain << FSR_DOMAIN_SHIFT
    word = _descriptor((table.base << 10) | (((address >> 12) & 0xFF) << 2), base, world)
    if word & FAILED != 0:
        return about | FS_EXTERNAL_WALK_PAGE
    kind = u32(word) & 3
    if kind == TYPE_FAULT:
        return about | FS_TRANSLATION_PAGE
    page = SmallDescriptor(u32(word))
    large = LargeDescriptor(u32(word))
    size = u32(LOCK_SIZE_LARGE if kind == TYPE_LARGE else LOCK_SIZE_PAGE)
    _found(address, world, size, not page.not_global, page.raw)
    if world != 0 or table.non_secure:
        FOUND.attributes |= ATTRIBUTE_NS
    if large.execute_never if kind == TYPE_LARGE else page.execute_never:
        FOUND.attributes |= ATTRIBUTE_XN
    tex = large.tex if kind == TYPE_LARGE else page.tex
    low = (((page.raw >> 2) & 3) << ATTRIBUTE_CB) | u32(page.shareable)
    return _judged(page.access | (page.access_2 << 2), tex, low, table.domain, world, FS_ACCESS_FLAG_PAGE)
