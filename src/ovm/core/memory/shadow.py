# SPDX-License-Identifier: Apache-2.0
"""Shadow mappings: the frame of each page, and its rights.

The shadow tables are a software TLB: filled here one small page at a time from walks of the guest's tables, dropped by
the guest's own TLB maintenance. A page whose rights differ between User mode and the privileged modes needs a
table of the right view (docs/decisions/0005-shadow-views.md): User mode only ever fills a table of the user
view; a privileged mode uses the table that is there if its rights suffice, and turns the table if they don't.
"""

from typing import Final

from ovm.arm.descriptors import (
    AP_READ_WRITE,
    SMALL_DEVICE,
    SMALL_EXECUTE_NEVER,
    SMALL_NORMAL,
    SMALL_NOT_GLOBAL,
    SMALL_SHAREABLE,
    TYPE_SMALL,
)
from ovm.core.memory.access import EXECUTE, WRITE, rights_of
from ovm.core.memory.frames import FRAME_MASK
from ovm.core.memory.guest_map import Place
from ovm.core.memory.guest_walk import Extent, Translation
from ovm.core.memory.tables import (
    COARSE_SECTION,
    COARSE_SUPERSECTION,
    GATE_START,
    NO_TABLE,
    SHARES,
    TABLES,
    View,
    asid_of,
    level2_of,
    table_at,
    table_take,
    table_turn,
    view_of,
)
from ovm.core.memory.tlb import tlb_drop_asid, tlb_drop_page
from ovm.core.vcpu import Vcpu
from ovm.metal import dsb, fn, u16, u32

# Bits of every mapping: readable in all modes (the domain decides which mode gets here), tagged with the space's ASID.
_COMMON: Final = TYPE_SMALL | AP_READ_WRITE << 4 | SMALL_SHAREABLE | SMALL_NOT_GLOBAL
_READ_ONLY: Final = u32(1 << 9)


@fn(inline=True)
def _descriptor(place: Place, rights: u32) -> u32:
    """Return the small-page descriptor that grants these rights. Attributes follow the memory, not the guest."""
    attributes = SMALL_DEVICE | SMALL_EXECUTE_NEVER if place.device else u32(SMALL_NORMAL)
    writable = u32(0) if rights & WRITE != 0 else _READ_ONLY
    executable = u32(0 if rights & EXECUTE != 0 else SMALL_EXECUTE_NEVER)
    return (u32(place.phys) & FRAME_MASK) | _COMMON | attributes | writable | executable


@fn(inline=True)
def _table_for(vcpu: Vcpu, va: u32, rights: u32, needed: u32) -> u32:
    """Return a table for the page, with a view in which an access that needs `needed` will succeed."""
    privileged = vcpu.privileged != 0
    user = rights_of(rights, False)
    table = table_at(vcpu.space, va >> 20)
    if table == NO_TABLE:
        differs = user != rights_of(rights, True)
        return table_take(vcpu, va >> 20, View.PRIVILEGED if privileged and differs else View.USER)
    if not privileged:
        if view_of(table) != View.USER:
            table_turn(vcpu, table, View.USER)
    elif view_of(table) == View.USER and user & needed != needed:
        table_turn(vcpu, table, View.PRIVILEGED)
    return table


@fn(inline=True)
def _note_extent(vcpu: Vcpu, table: u32, group: u32, extent: Extent) -> None:
    """Note that maintenance of any address of the guest's larger page must reach this one."""
    info = TABLES[table]
    info.used = info.used | u16(1 << group)
    if extent == Extent.LARGE:
        info.large = info.large | u16(1 << group)
    elif extent == Extent.SECTION:
        info.marks = info.marks | COARSE_SECTION
    elif extent == Extent.SUPERSECTION:
        info.marks = info.marks | COARSE_SUPERSECTION
        SHARES[vcpu.guest].supersections = True


@fn(inline=True)
def shadow_fill(vcpu: Vcpu, va: u32, place: Place, translation: Translation, needed: u32) -> None:
    """Map one page in the guest's present space. The frame's key has been checked by `look_up`."""
    table = _table_for(vcpu, va, translation.rights, needed)
    number = (va >> 12) & 0xFF
    _note_extent(vcpu, table, number >> 4, translation.extent)
    rights = rights_of(translation.rights, view_of(table) == View.PRIVILEGED)
    entries = level2_of(table)
    before = entries[number]
    entries[number] = _descriptor(place, rights)
    if before == 0:
        # The walk that follows sees the entry; nothing of this page can be in the TLB.
        dsb()
    else:
        tlb_drop_page(va, asid_of(vcpu.space))
    share = SHARES[vcpu.guest]
    if u32(translation.gpa) - share.unmapped_gpa < share.unmapped_bytes:
        share.unmapped_bytes = 0
    vcpu.counters.fills += 1


@fn
def _drop_group(space: u32, table: u32, va: u32) -> None:
    """Drop the 16 pages around an address, and their space from the TLB, once."""
    entries = level2_of(table)
    for number in u32.range(16):
        place = va & 0xFFFF_0000 | number << 12
        # The guest can't drop the gate.
        if place < GATE_START:
            entries[(place >> 12) & 0xFF] = 0
    tlb_drop_asid(asid_of(space))


@fn
def shadow_drop(space: u32, table: u32, va: u32) -> None:
    """Drop the page at an address, or all 16 pages of its group if a large page of the guest is among them."""
    group = 1 << ((va >> 16) & 0xF)
    if u32(TABLES[table].large) & group != 0:
        _drop_group(space, table, va)
    elif u32(TABLES[table].used) & group != 0 and va < GATE_START:
        entries = level2_of(table)
        number = (va >> 12) & 0xFF
        if entries[number] != 0:
            entries[number] = 0
            tlb_drop_page(va, asid_of(space))
