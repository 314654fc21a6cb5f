# SPDX-License-Identifier: Apache-2.0
"""Entries of the main TLB, as the VA, PA and Attributes registers show them (A9 4.3.25).

Every entry has this format, whether a walk or a write of the registers made it, so that all are matched and judged by the same
bits.
"""

from typing import Final

from ovm.arm.descriptors import LOCK_SIZE_LARGE, LOCK_SIZE_PAGE, LOCK_SIZE_SECTION, LOCK_SIZE_SUPERSECTION
from ovm.metal import Struct, fn, table, u32

# Entry.virtual
VIRTUAL_ASID: Final = 0xFF
VIRTUAL_GLOBAL: Final = 1 << 9
VIRTUAL_NSTID: Final = 1 << 10  # belongs to the translation regime of the Non-secure state
# Entry.physical
PHYSICAL_VALID: Final = 1 << 0
PHYSICAL_ACCESS: Final = 1  # lowest bit of AP[2:0]
PHYSICAL_SIZE: Final = 6  # lowest bit of the page size
# Entry.attributes
ATTRIBUTE_SHAREABLE: Final = 1 << 0
ATTRIBUTE_CB: Final = 1  # lowest bit of C, B
ATTRIBUTE_TEX: Final = 3
ATTRIBUTE_XN: Final = 1 << 6
ATTRIBUTE_DOMAIN: Final = 7
ATTRIBUTE_NS: Final = 1 << 11

PAGE_BITS: Final = 0xFFFF_F000


def _of_sizes(section: int, large: int, page: int, supersection: int) -> list[int]:
    by_size = {
        LOCK_SIZE_SECTION: section,
        LOCK_SIZE_LARGE: large,
        LOCK_SIZE_PAGE: page,
        LOCK_SIZE_SUPERSECTION: supersection,
    }
    return [by_size[size] for size in range(4)]


# By page size: the bits of an address that select the page, and their lowest bit.
PAGE_MASK = table(u32, _of_sizes(0xFFF0_0000, 0xFFFF_0000, PAGE_BITS, 0xFF00_0000))
PAGE_SHIFT = table(u32, _of_sizes(20, 16, 12, 24))


class Entry(Struct):
    """One entry. Bits that the registers do not have are 0."""

    virtual: u32
    physical: u32
    attributes: u32
    locked: u32  # only what names an address or an ASID invalidates it (A9 table 4-26)


@fn(inline=True)
def size_of(entry: Entry) -> u32:
    """Return the page size, as PA[7:6]."""
    return (entry.physical >> PHYSICAL_SIZE) & 3


@fn(inline=True)
def owner(world: u32, context: u32) -> u32:
    """Return the bits of Entry.virtual, besides its page, of a non-global entry of a world and CONTEXTIDR."""
    return (world * VIRTUAL_NSTID) | (context & VIRTUAL_ASID)


@fn(inline=True)
def belongs(entry: Entry, to: u32) -> bool:
    """Return whether an entry is of the world, and global or of the ASID, that `owner` gave."""
    kept = u32(VIRTUAL_NSTID if entry.virtual & VIRTUAL_GLOBAL != 0 else VIRTUAL_NSTID | VIRTUAL_ASID)
    return (entry.virtual ^ to) & kept == 0


@fn(inline=True)
def covers(entry: Entry, address: u32) -> bool:
    """Return whether an entry is valid and its page holds a virtual address."""
    return entry.physical & PHYSICAL_VALID != 0 and (entry.virtual ^ address) & PAGE_MASK[size_of(entry)] == 0
