# SPDX-License-Identifier: Apache-2.0
"""Walk of a guest's own translation tables (ARM B3.5, short-descriptor format; B3.12 for the checks).

It reads the guest's descriptors through the guest-physical map and trusts none of them: every address in them is a
guest-physical address, which is looked up again. The order of checks is the manual's (ARM B3.12.4), so
the guest sees the fault that hardware would have reported. Table memory that was never touched reads as zero.
"""

from typing import Final

from ovm.arm.control import Sctlr
from ovm.arm.descriptors import (
    DOMAIN_CLIENT,
    DOMAIN_MANAGER,
    TYPE_LARGE,
    TYPE_SECTION,
    TYPE_SMALL,
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
    FS_DOMAIN_SECTION,
    FS_EXTERNAL_WALK_PAGE,
    FS_EXTERNAL_WALK_SECTION,
    FS_PAGE,
    FS_PERMISSION_SECTION,
    FS_TRANSLATION_PAGE,
    FS_TRANSLATION_SECTION,
    FSR_DOMAIN_SHIFT,
)
from ovm.core.memory.access import (
    EXECUTE,
    PRIVILEGED_READ,
    PRIVILEGED_WRITE,
    RIGHTS_ALL,
    USER_READ,
    USER_WRITE,
)
from ovm.core.memory.guest_map import Lookup, Place, Touch, look_up, touched
from ovm.core.vcpu import Vcpu
from ovm.metal import Enum, GuestPhysAddr, Struct, VirtAddr, byte_swap, fn, pointer, table, u8, u32

_LEVEL1_BASE: Final = 0xFFFF_C000
_PRIVILEGED: Final = PRIVILEGED_READ | PRIVILEGED_WRITE
_READ: Final = PRIVILEGED_READ | USER_READ
# Rights by AP[2:0] (ARM B3.7.1, table B3-8). 0b100 is reserved and grants nothing, as on hardware that faults it.
_RIGHTS = table(
    u8,
    [
        0,
        _PRIVILEGED,
        _PRIVILEGED | USER_READ,
        _PRIVILEGED | USER_READ | USER_WRITE,
        0,
        PRIVILEGED_READ,
        _READ,
        _READ,
    ],
)


class Extent(Enum, width=u8):
    """The size that one translation covers: the addresses that a TLB entry made from it would match."""

    PAGE = 0
    LARGE = 1
    SECTION = 2
    SUPERSECTION = 3


class Translation(Struct):
    """Result of a walk."""

    # Fault status with the domain field, without direction; 0 when there is a translation.
    status: u32
    # Status to report if the access is not among the rights.
    denied: u32
    # RIGHTS bits of `access`.
    rights: u32
    gpa: GuestPhysAddr
    extent: Extent


# Not the address of a descriptor: these are word-aligned.
_NO_WALK: Final = u32(1)
_OUTSIDE: Final = u32(1)


@fn(inline=True)
def _level1_address(vcpu: Vcpu, va: u32) -> u32:
    """Return the place of an address's first-level descriptor; _NO_WALK if TTBCR forbids the walk (ARM B3.5.4)."""
    control = Ttbcr(vcpu.ttbcr)
    n = control.n
    if n != 0 and va >> (32 - n) != 0:
        if control.no_walk_1:
            return _NO_WALK
        return (vcpu.ttbr1 & _LEVEL1_BASE) | (va >> 20) << 2
    if control.no_walk_0:
        return _NO_WALK
    # The n top bits of the address are 0 here, so its index fits the smaller table.
    base = (vcpu.ttbr0 >> (14 - n)) << (14 - n)
    return base | (va >> 20) << 2


@fn(inline=False)
def _find_elsewhere(vcpu: Vcpu, address: GuestPhysAddr) -> u32:
    """Return the place of a descriptor in a region; 0 in untouched RAM, _OUTSIDE where the guest has no memory."""
    place = Place()
    found = look_up(vcpu, address, Touch.NO, place)
    if found == Lookup.EMPTY:
        return 0
    return u32(place.phys) if found == Lookup.FOUND and not place.device else _OUTSIDE


@fn(inline=True)
def _descriptor(vcpu: Vcpu, address: u32, external: u32, out: Translation) -> u32:
    """Read one descriptor; outside the guest's memory, set out.status to `external` and return 0."""
    where = touched(vcpu, GuestPhysAddr(address))
    if where == 0:
        where = _find_elsewhere(vcpu, GuestPhysAddr(address))
        if where == _OUTSIDE:
            out.status = external
            out.gpa = GuestPhysAddr(address)
        if where == _OUTSIDE or where == 0:
            return 0
    # SAFETY: a word of a frame that the guest holds.
    value = pointer(u32, VirtAddr(where))[0]
    return byte_swap(value) if Sctlr(vcpu.sctlr).big_endian_exceptions else value


@fn(inline=True)
def _check(vcpu: Vcpu, access: u32, execute_never: bool, where: u32, out: Translation) -> None:
    """Set rights or status; `where` is the domain field together with FS_PAGE for a second-level descriptor."""
    out.denied = where | FS_PERMISSION_SECTION
    if Sctlr(vcpu.sctlr).access_flag and access & 1 == 0:
        is_page = where & FS_PAGE != 0
        out.status = where | (FS_ACCESS_FLAG_PAGE if is_page else FS_ACCESS_FLAG_SECTION)
        return
    allowed = (vcpu.dacr >> ((where >> FSR_DOMAIN_SHIFT) * 2)) & 3
    if allowed == DOMAIN_MANAGER:
        out.rights = RIGHTS_ALL
    elif allowed == DOMAIN_CLIENT:
        out.rights = u32(_RIGHTS[access]) | (0 if execute_never else EXECUTE)
    else:
        out.status = where | FS_DOMAIN_SECTION


@fn(inline=True)
def _walk_section(vcpu: Vcpu, va: u32, raw: u32, out: Translation) -> None:
    entry = SectionDescriptor(raw)
    domain = entry.domain
    if entry.supersection:
        domain = u32(0)
        out.extent = Extent.SUPERSECTION
        out.gpa = GuestPhysAddr(raw & 0xFF00_0000 | va & 0x00FF_FFFF)
    else:
        out.extent = Extent.SECTION
        out.gpa = GuestPhysAddr(raw & 0xFFF0_0000 | va & 0x000F_FFFF)
    access = entry.access | entry.access_2 << 2
    _check(vcpu, access, entry.execute_never, domain << FSR_DOMAIN_SHIFT, out)


@fn(inline=True)
def _walk_page(vcpu: Vcpu, va: u32, level1: TableDescriptor, out: Translation) -> None:
    where = level1.domain << FSR_DOMAIN_SHIFT | FS_PAGE
    address = level1.base << 10 | ((va >> 12) & 0xFF) << 2
    raw = _descriptor(vcpu, address, where | FS_EXTERNAL_WALK_PAGE, out)
    if raw & TYPE_SMALL != 0:
        small = SmallDescriptor(raw)
        out.extent = Extent.PAGE
        out.gpa = GuestPhysAddr(raw & 0xFFFF_F000 | va & 0xFFF)
        _check(vcpu, small.access | small.access_2 << 2, small.execute_never, where, out)
    elif raw & 3 == TYPE_LARGE:
        large = LargeDescriptor(raw)
        out.extent = Extent.LARGE
        out.gpa = GuestPhysAddr(raw & 0xFFFF_0000 | va & 0xFFFF)
        _check(vcpu, large.access | large.access_2 << 2, large.execute_never, where, out)
    elif out.status == 0:
        out.status = where | FS_TRANSLATION_PAGE


@fn(inline=True)
def walk_here(vcpu: Vcpu, va: u32, out: Translation) -> None:
    """Do the same as `walk`, inlined, for the path of a fill."""
    out.status = 0
    if not Sctlr(vcpu.sctlr).mmu:
        out.gpa = GuestPhysAddr(va)
        out.rights = RIGHTS_ALL
        out.extent = Extent.PAGE
        return
    address = _level1_address(vcpu, va)
    if address == _NO_WALK:
        out.status = FS_TRANSLATION_SECTION
        return
    raw = _descriptor(vcpu, address, FS_EXTERNAL_WALK_SECTION, out)
    if raw & 3 == TYPE_SECTION:
        _walk_section(vcpu, va, raw, out)
    elif raw & 3 == TYPE_TABLE:
        _walk_page(vcpu, va, TableDescriptor(raw), out)
    elif out.status == 0:
        out.status = FS_TRANSLATION_SECTION


@fn(inline=False)
def walk(vcpu: Vcpu, va: u32, out: Translation) -> None:
    """Translate an NRT guest's virtual address by the guest's own tables and virtual CP15."""
    walk_here(vcpu, va, out)
