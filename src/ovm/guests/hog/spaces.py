# SPDX-License-Identifier: Apache-2.0
"""Translation tables that cost OVM much: the guest's memory mapped flat, and again in many places."""

from typing import Final

from ovm.abi.hypercalls import CONTEXT_SET, REGISTER_WRITE, TLB_ADDRESS, TLB_ALL, TLB_ASID, TLB_INVALIDATE, VIRTUAL_SCTLR
from ovm.arm.descriptors import LEVEL1_ENTRIES
from ovm.guests.lib.call import call
from ovm.guests.lib.vcpu import vcpu_page
from ovm.metal import Array, VirtAddr, address, array, fn, pointer, static, u32, volatile_load

MOST_SPACES: Final = 256
MOST_FILLED: Final = 64
SECTION: Final = 0xC02
SUPERSECTION: Final = 0x4_0C02
# A supersection onto the guest's memory, and where copies of it begin and end.
WINDOW: Final = 0x4000_0000
COPIES: Final = 0x400 + 16
COPIES_END: Final = 0xFF0
MEGABYTES: Final = 16
MMU_ON: Final = 0x00C5_0079
CLIENT: Final = 1
# The offset that is touched in each megabyte.
PLACE: Final = 0x3000
LEVEL1: Array[u32] = static(array(u32, LEVEL1_ENTRIES), align=16384)


@fn
def peek(place: u32) -> None:
    """Read a word."""
    # SAFETY: every megabyte that is read is mapped onto own memory.
    volatile_load(pointer(u32, VirtAddr(place)))


@fn
def use_space(number: u32) -> None:
    """Change to the space of an ASID; all have the same tables."""
    call(CONTEXT_SET, u32(address(LEVEL1)), number, CLIENT)


@fn
def mmu_on() -> None:
    """Map the guest's memory flat, by a supersection, and section by section over the rest of the address space.

    Turn the MMU on.
    """
    base = vcpu_page().ram_base
    for index in u32.range(vcpu_page().ram_bytes >> 20, bound=LEVEL1_ENTRIES):
        LEVEL1[(base >> 20) + index] = base + (index << 20) | SECTION
    for index in u32.range(MEGABYTES):
        LEVEL1[(WINDOW >> 20) + index] = base | SUPERSECTION
    for index in u32.range(COPIES, COPIES_END):
        LEVEL1[index] = base + ((index & 3) << 20) | SECTION
    use_space(0)
    call(REGISTER_WRITE, VIRTUAL_SCTLR, MMU_ON, 0)


@fn
def fill_window(spaces: u32) -> None:
    """Fill a table for each megabyte of the window, and for most of the guest's memory, in each of this many spaces."""
    base = vcpu_page().ram_base
    for space in u32.range(spaces, bound=MOST_FILLED):
        use_space(space)
        for megabyte in u32.range(MEGABYTES):
            peek(WINDOW + (megabyte << 20) + PLACE)
        for megabyte in u32.range(MEGABYTES - 1):
            peek(base + (megabyte << 20) + PLACE)


@fn
def fill_copies(tables: u32) -> None:
    """Fill this many tables in space 0."""
    use_space(0)
    for number in u32.range(tables, bound=COPIES_END - COPIES):
        peek((COPIES + number << 20) + PLACE)


@fn
def drop_address(spaces: u32) -> None:
    """Fill spaces; invalidate one page of the supersection."""
    fill_window(spaces)
    call(TLB_INVALIDATE, TLB_ADDRESS, WINDOW, 0)


@fn
def drop_all(spaces: u32) -> None:
    """Fill spaces; invalidate everything."""
    fill_window(spaces)
    call(TLB_INVALIDATE, TLB_ALL, 0, 0)


@fn
def drop_large(tables: u32) -> None:
    """Fill one space with all tables that there are; invalidate its ASID."""
    fill_copies(tables)
    call(TLB_INVALIDATE, TLB_ASID, 0, 0)


@fn
def crowd_out(tables: u32) -> None:
    """Fill one space; use this many others, so that OVM takes it back."""
    fill_copies(tables)
    for space in u32.range(1, 72):
        use_space(space)


@fn
def switch_spaces(spaces: u32) -> None:
    """Switch between more spaces than OVM keeps."""
    for space in u32.range(spaces, bound=MOST_SPACES):
        use_space(space)
