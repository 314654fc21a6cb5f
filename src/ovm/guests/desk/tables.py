# SPDX-License-Identifier: Apache-2.0
"""Translation tables: descriptors and their places, TLB maintenance (ARM DDI0406C B3.5, B3.10).

Entries that become valid need no maintenance, since an entry that faulted is in no TLB; entries that change or are removed do.
One operation by address drops any entry that holds that address, of any size.
"""

from typing import Final

from ovm.abi.hypercalls import TLB_ADDRESS, TLB_ASID, TLB_INVALIDATE
from ovm.arm.descriptors import (
    AP_PRIVILEGED_ONLY,
    AP_READ_ONLY,
    AP_READ_WRITE,
    SECTION_EXECUTE_NEVER,
    SECTION_NORMAL,
    SECTION_NOT_GLOBAL,
    SECTION_SHAREABLE,
    SMALL_EXECUTE_NEVER,
    SMALL_NORMAL,
    SMALL_NOT_GLOBAL,
    SMALL_SHAREABLE,
    TYPE_LARGE,
    TYPE_SECTION,
    TYPE_SMALL,
    TYPE_TABLE,
)
from ovm.guests.desk.frames import NO_FRAME, frame_place, frame_take_zeroed
from ovm.guests.desk.layout import KERNEL_DOMAIN, PAGE, USER_DOMAIN
from ovm.guests.lib.call import call
from ovm.metal import GuestPhysAddr, Ptr, VirtAddr, dsb, fn, pointer, u32

# The kernel writes, the user reads: the one encoding that the deprivileged kernel and its programs don't share.
_AP_USER_READ: Final = 0b010
_LARGE_NORMAL: Final = 1 << 12 | 1 << 3 | 1 << 2
_LARGE_EXECUTE_NEVER: Final = 1 << 15
_TYPE: Final = 0b11
_SMALL_PLACE: Final = u32(0xFFFF_F000)
_TABLE_PLACE: Final = 0xFFFF_FC00


def _small(access: int, flags: int) -> int:
    """Return the constant part of a small page's descriptor."""
    return TYPE_SMALL | SMALL_NORMAL | SMALL_SHAREABLE | (access & 3) << 4 | (access >> 2) << 9 | flags


def _section(access: int, domain: int, flags: int) -> int:
    """Return the constant part of a section's descriptor."""
    rights = (access & 3) << 10 | (access >> 2) << 15 | domain << 5
    return TYPE_SECTION | SECTION_NORMAL | SECTION_SHAREABLE | rights | flags


# The bits of a descriptor besides the address.
CODE_PAGE: Final = _small(AP_READ_ONLY, SMALL_NOT_GLOBAL)
DATA_PAGE: Final = _small(AP_READ_WRITE, SMALL_NOT_GLOBAL | SMALL_EXECUTE_NEVER)
COPY_PAGE: Final = _small(AP_READ_ONLY, SMALL_NOT_GLOBAL | SMALL_EXECUTE_NEVER)
INFO_PAGE: Final = _small(_AP_USER_READ, SMALL_NOT_GLOBAL | SMALL_EXECUTE_NEVER)
WINDOW_PAGE: Final = _small(AP_PRIVILEGED_ONLY, SMALL_EXECUTE_NEVER)
LARGE_DATA: Final = TYPE_LARGE | _LARGE_NORMAL | SMALL_SHAREABLE | AP_READ_WRITE << 4 | SMALL_NOT_GLOBAL | _LARGE_EXECUTE_NEVER
SECTION_DATA: Final = _section(AP_READ_WRITE, USER_DOMAIN, SECTION_NOT_GLOBAL | SECTION_EXECUTE_NEVER)
KERNEL_CODE: Final = u32(_section(AP_PRIVILEGED_ONLY, KERNEL_DOMAIN, 0))
KERNEL_DATA: Final = u32(_section(AP_PRIVILEGED_ONLY, KERNEL_DOMAIN, SECTION_EXECUTE_NEVER))
USER_TABLE: Final = TYPE_TABLE | USER_DOMAIN << 5
KERNEL_TABLE: Final = TYPE_TABLE | KERNEL_DOMAIN << 5


@fn
def is_page(entry: u32) -> bool:
    """Return whether a second-level entry maps a small page."""
    return entry & TYPE_SMALL != 0


@fn
def is_table(entry: u32) -> bool:
    """Return whether a first-level entry refers to a second-level table."""
    return entry & _TYPE == TYPE_TABLE


@fn
def place_of(entry: u32) -> GuestPhysAddr:
    """Return the address of a small page's entry."""
    return GuestPhysAddr(entry & _SMALL_PLACE)


@fn
def table_of(entry: u32) -> GuestPhysAddr:
    """Return the address of a first-level entry's table."""
    return GuestPhysAddr(entry & _TABLE_PLACE)


@fn
def rights_of(entry: u32) -> u32:
    """Return the bits of a small page's entry besides the address."""
    return entry & ~_SMALL_PLACE


@fn
def find_slot(level1: Ptr[u32], place: VirtAddr) -> VirtAddr:
    """Return the place of an address's second-level entry; 0 when there is no such table."""
    entry = level1[place >> 20]
    if not is_table(entry):
        return VirtAddr(0)
    return VirtAddr(u32(table_of(entry))) + ((place >> 12) & 0xFF) * 4


@fn
def make_slot(level1: Ptr[u32], place: VirtAddr) -> VirtAddr:
    """Return the place of a user address's second-level entry, and make its table; 0 when there is no memory left."""
    if level1[place >> 20] == 0:
        frame = frame_take_zeroed()
        if frame == NO_FRAME:
            return VirtAddr(0)
        level1[place >> 20] = u32(frame_place(frame)) | USER_TABLE
        dsb()
    return find_slot(level1, place)


@fn
def read_slot(slot: VirtAddr) -> u32:
    """Return an entry."""
    return pointer(u32, slot)[0]


@fn
def write_slot(slot: VirtAddr, entry: u32) -> None:
    """Change an entry; a later walk sees it."""
    pointer(u32, slot)[0] = entry
    dsb()


@fn
def drop_address(place: VirtAddr, asid: u32) -> None:
    """Let the TLB forget the entry that holds an address, small or large."""
    call(TLB_INVALIDATE, TLB_ADDRESS, u32(place & ~u32(PAGE - 1)) | asid, 0)


@fn
def drop_asid(asid: u32) -> None:
    """Let the TLB forget everything of one address space."""
    call(TLB_INVALIDATE, TLB_ASID, asid, 0)
