# SPDX-License-Identifier: Apache-2.0
"""Second-level shadow tables: a fixed pool, one equal share for each NRT guest.

A table maps one megabyte of one space and belongs to one *view*: its pages carry the rights of User mode and the
guest's first domain, or the rights of the privileged modes and the second domain, which DACR opens only in these modes.

Because of shares, one guest's use of tables never costs another guest anything. When a share is used up, its oldest table is
reclaimed. Releasing a table only unlinks it, so that dropping a whole guest stays short; it is emptied when it is taken again,
which touches only the groups of 16 entries that were used. A share has at least four tables: one instruction
can need two for its own bytes and two for its data, and the last four taken are never the oldest.
"""

from typing import Final

from ovm.abi.config import SPACE_ASID
from ovm.arm.descriptors import (
    AP_PRIVILEGED_ONLY,
    LEVEL1_ENTRIES,
    SMALL_NORMAL,
    SMALL_SHAREABLE,
    TYPE_SMALL,
    TYPE_TABLE,
)
from ovm.core.config import CONFIG
from ovm.core.guard import GUARD_TABLE, guard
from ovm.core.limits import MAX_GUESTS, MAX_PAGED, MAX_SPACES, MAX_TABLES
from ovm.core.memory.frames import FRAME_SHIFT
from ovm.core.memory.tlb import tlb_drop_asid
from ovm.core.vcpu import Vcpu
from ovm.metal import Enum, Ptr, Struct, VirtAddr, array, bound, ctz, dsb, fn, pointer, static, u8, u16, u32, unroll

_GROUPS: Final = 16  # of entries of a table, a bit for each in `used`
# No table: number 0 holds only a gate.
NO_TABLE: Final = 0
NO_OWNER: Final = 0xFF
_LEVEL1_SHIFT: Final = 14
_LEVEL2_SHIFT: Final = 10

TOP_MEGABYTE: Final = LEVEL1_ENTRIES - 1
# Addresses from here on are OVM's in every deprivileged space: a page that nothing maps, then the gate page.
GATE_START: Final = 0xFFFF_E000
GATE_PAGE: Final = 0xFFFF_F000
_GATE_ENTRY: Final = 255
_GATE_GROUP: Final = 1 << 15

# Table.marks: the view (View.raw), and that some pages come from a section or a supersection of the guest.
VIEW_MARK: Final = 1
COARSE_SECTION: Final = 2
COARSE_SUPERSECTION: Final = 4


class View(Enum, width=u8):
    """The side whose rights the pages of a table carry."""

    USER = 0
    PRIVILEGED = 1


class Table(Struct, size=16):
    """OVM's data about one second-level table."""

    # The space that owns it, or NO_OWNER; its place in the first-level table.
    space: u8
    marks: u8
    megabyte: u16
    # A bit for each group of 16 entries: some are used; some come from a large page of the guest.
    used: u16
    large: u16
    # Neighbours in the list of its space; `after` also links the free tables.
    before: u16
    after: u16
    # Neighbours among the tables that its guest has for the same megabyte in any space.
    same_before: u16
    same_after: u16


class Share(Struct):
    """Spaces and tables that one guest may use."""

    first_space: u32
    spaces: u32
    first_table: u32
    tables: u32
    # The free tables (a list), and the place of the oldest table in use.
    free: u32
    hand: u32
    # Some page of some space comes from a supersection of the guest.
    supersections: bool
    # A part of the guest's RAM that no space maps (`balloon`).
    unmapped_gpa: u32
    unmapped_bytes: u32


TABLES = static(array(Table, MAX_TABLES))
# The first table of each space, and of each megabyte of each NRT guest (Vcpu.first_with).
FIRST = static(array(u16, MAX_SPACES))
FIRST_WITH = static(array(u16, MAX_PAGED * LEVEL1_ENTRIES))
# The time when each space was used: larger is later, 0 is a dead space, in which no guest runs (`space`).
STAMPS = static(array(u32, MAX_SPACES))
SHARES = static(array(Share, MAX_GUESTS))


@fn(inline=True)
def level1_of(space: u32) -> Ptr[u32]:
    """Return a space's first-level table."""
    # SAFETY: tables lie in the block that the description reserves, as Normal memory of the flat map.
    return pointer(u32, VirtAddr(u32(CONFIG.level1_phys) + (space << _LEVEL1_SHIFT)))


@fn(inline=True)
def level2_of(table: u32) -> Ptr[u32]:
    """Return the entries of a second-level table."""
    # SAFETY: as above; `table` is below CONFIG.level2_count.
    return pointer(u32, VirtAddr(u32(CONFIG.level2_phys) + (table << _LEVEL2_SHIFT)))


@fn(inline=True)
def asid_of(space: u32) -> u32:
    """Return the hardware ASID of a space; 0 is never one; it is used while TTBR0 changes."""
    return space + SPACE_ASID


@fn(inline=True)
def space_lives(space: u32) -> bool:
    """Return whether a guest may run in a space now."""
    return STAMPS[space] != 0


@fn(inline=True)
def table_with(vcpu: Vcpu, megabyte: u32) -> u32:
    """Return the first of a guest's tables that map a megabyte, in whatever space; NO_TABLE if there is none."""
    return u32(FIRST_WITH[vcpu.first_with + megabyte])


@fn(inline=True)
def view_of(table: u32) -> View:
    """Return the view to which a table belongs."""
    return View.PRIVILEGED if u32(TABLES[table].marks) & VIEW_MARK != 0 else View.USER


@fn(inline=True)
def level1_entry(table: u32, domain: u32) -> u32:
    """Return the first-level descriptor of a table. The walk is Non-secure, its NS bit means nothing."""
    return (u32(CONFIG.level2_phys) + (table << _LEVEL2_SHIFT)) | domain << 5 | TYPE_TABLE


@fn(inline=True)
def table_at(space: u32, megabyte: u32) -> u32:
    """Return the table that maps a megabyte of a space for its guest, NO_TABLE if there is none.

    The tables that the hardware walks are in memory that an HRT guest can write, so an entry counts only if TABLES confirms it.
    """
    table = (level1_of(space)[megabyte] - u32(CONFIG.level2_phys)) >> _LEVEL2_SHIFT
    if table < MAX_TABLES and u32(TABLES[table].space) == space and u32(TABLES[table].megabyte) == megabyte:
        return table
    return NO_TABLE


@fn
def gate_write(table: u32, cpu: u32) -> None:
    """Put the gate page of a CPU into a table of the last megabyte: global, for privileged modes only."""
    entries = level2_of(table)
    common = u32(TYPE_SMALL | SMALL_NORMAL | SMALL_SHAREABLE)
    entries[_GATE_ENTRY] = u32(CONFIG.gate_phys) + (cpu << FRAME_SHIFT) | common | AP_PRIVILEGED_ONLY << 4


@fn
def _empty(table: u32) -> None:
    """Clear the entries that were used."""
    info = TABLES[table]
    if info.used == 0:
        return
    entries = level2_of(table)
    groups = u32(info.used)
    while groups != 0:
        bound(_GROUPS)
        first = ctz(groups) << 4
        for place in unroll(range(16)):
            entries[first + place] = 0
        groups &= groups - 1
    info.used = 0
    info.large = 0
    info.marks = 0
    dsb()


@fn(inline=True)
def _domain(vcpu: Vcpu, megabyte: u32, view: View) -> u32:
    """Return the domain of a table. The last megabyte shares its table with the gate, which every mode needs."""
    return 0 if megabyte == TOP_MEGABYTE else u32(vcpu.domain) + view.raw


@fn
def table_release(vcpu: Vcpu, table: u32) -> None:
    """Take a table out of its space and put it, without emptying it, among the free ones.

    The caller drops the space from the TLB, once for all tables that it releases.
    """
    guard(table < MAX_TABLES and TABLES[table].space != NO_OWNER, GUARD_TABLE)
    info = TABLES[table]
    share = SHARES[vcpu.guest]
    megabyte = u32(info.megabyte)
    # The last megabyte goes back to the table that holds only the gate.
    gate = level1_entry(u32(vcpu.cpu), 0)
    level1_of(u32(info.space))[megabyte] = gate if megabyte == TOP_MEGABYTE else 0
    if info.before == NO_TABLE:
        FIRST[info.space] = info.after
    else:
        TABLES[info.before].after = info.after
    if info.after != NO_TABLE:
        TABLES[info.after].before = info.before
    if info.same_before == NO_TABLE:
        FIRST_WITH[vcpu.first_with + megabyte] = info.same_after
    else:
        TABLES[info.same_before].same_after = info.same_after
    if info.same_after != NO_TABLE:
        TABLES[info.same_after].same_before = info.same_before
    info.space = NO_OWNER
    if vcpu.maintained == table:
        vcpu.maintained = NO_TABLE
    info.after = u16(share.free)
    share.free = table


@fn
def _reclaim_dead(vcpu: Vcpu) -> bool:
    """Reclaim a table of a dead space; return False if none has any."""
    share = SHARES[vcpu.guest]
    for number in u32.range(share.spaces, bound=MAX_SPACES):
        space = share.first_space + number
        if not space_lives(space) and FIRST[space] != NO_TABLE:
            table_release(vcpu, u32(FIRST[space]))
            return True
    return False


@fn(inline=False)
def _reclaim(vcpu: Vcpu) -> None:
    """Reclaim a table of a share in which none is free: one of a dead space, else the oldest."""
    if _reclaim_dead(vcpu):
        return
    share = SHARES[vcpu.guest]
    table = share.first_table + share.hand
    share.hand = share.hand + 1 if share.hand + 1 < share.tables else 0
    space = u32(TABLES[table].space)
    table_release(vcpu, table)
    tlb_drop_asid(asid_of(space))
    vcpu.counters.reclaims += 1


@fn
def _put(vcpu: Vcpu, table: u32, view: View) -> None:
    """Make an empty table the table of its megabyte."""
    info = TABLES[table]
    megabyte = u32(info.megabyte)
    info.marks = u8(view.raw)
    if megabyte == TOP_MEGABYTE:
        info.used = _GATE_GROUP
        gate_write(table, u32(vcpu.cpu))
    level1_of(u32(info.space))[megabyte] = level1_entry(table, _domain(vcpu, megabyte, view))


@fn
def table_take(vcpu: Vcpu, megabyte: u32, view: View) -> u32:
    """Give a megabyte of the guest's present space an empty table."""
    share = SHARES[vcpu.guest]
    if share.free == NO_TABLE:
        _reclaim(vcpu)
    table = share.free
    info = TABLES[table]
    share.free = u32(info.after)
    # ORDER: emptied before any first-level entry points at it.
    _empty(table)
    info.space = u8(vcpu.space)
    info.megabyte = u16(megabyte)
    info.before = NO_TABLE
    info.after = FIRST[vcpu.space]
    if info.after != NO_TABLE:
        TABLES[info.after].before = u16(table)
    FIRST[vcpu.space] = u16(table)
    info.same_before = NO_TABLE
    info.same_after = u16(table_with(vcpu, megabyte))
    if info.same_after != NO_TABLE:
        TABLES[info.same_after].same_before = u16(table)
    FIRST_WITH[vcpu.first_with + megabyte] = u16(table)
    _put(vcpu, table, view)
    if megabyte == TOP_MEGABYTE:
        # The only first-level entry that was valid before.
        tlb_drop_asid(asid_of(vcpu.space))
    return table


@fn(inline=False)
def table_turn(vcpu: Vcpu, table: u32, view: View) -> None:
    """Empty a table and let it belong to the other view."""
    _empty(table)
    _put(vcpu, table, view)
    tlb_drop_asid(asid_of(u32(TABLES[table].space)))


@fn
def tables_disown() -> None:
    """Note that no space has any table. At boot only."""
    for table in u32.range(MAX_TABLES):
        TABLES[table].space = NO_OWNER


@fn
def tables_initialise(share: Share) -> None:
    """Put all tables of a share, which memory holds as zeros, among the free ones."""
    share.free = NO_TABLE
    share.hand = 0
    share.supersections = False
    share.unmapped_bytes = 0
    for number in u32.range(share.tables, bound=MAX_TABLES):
        # The lowest one is taken first.
        table = share.first_table + share.tables - 1 - number
        TABLES[table].used = 0
        TABLES[table].after = u16(share.free)
        share.free = table
