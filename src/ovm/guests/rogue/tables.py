# SPDX-License-Identifier: Apache-2.0
"""Translation tables that map memory of others.

The guest turns its own MMU on, with its memory mapped flat, and then maps one window of addresses to all others' memory: by
sections, supersections, small and large pages, by tables that lie in others' memory, with wrong types
and all domains, with the domains set to manager. The window must stay shut. A guest whose memory is sections locked in
the TLB (SRT) may be refused an MMU of its own; then the same accesses must fail for that reason.
"""

from typing import Final

from ovm.abi.hypercalls import (
    CONTEXT_SET,
    REGISTER_WRITE,
    TLB_ALL,
    TLB_INVALIDATE,
    VIRTUAL_SCTLR,
    VIRTUAL_TTBCR,
    VIRTUAL_TTBR1,
)
from ovm.arm.descriptors import LEVEL1_ENTRIES, LEVEL2_ENTRIES
from ovm.guests.lib.call import call
from ovm.guests.lib.vcpu import vcpu_page
from ovm.guests.rogue.access import reach_all, reach_three
from ovm.guests.rogue.memory import PRIZES, is_own
from ovm.guests.rogue.tally import close_chapter
from ovm.guests.rogue.trap import SUPERVISOR, USER
from ovm.metal import address, array, fn, static, table, text, u32, unroll

_MOST_MEGABYTES: Final = 256
# The window: 16 MiB, so that a supersection fits.
WINDOW: Final = 0x4000_0000
_WINDOW_ENTRY: Final = WINDOW >> 20
_WINDOW_ENTRIES: Final = 16
# Descriptor bits: type, and everything allowed (ARM DDI0406C B3.5.1, AP = 0b11).
SECTION: Final = 0xC02
SUPERSECTION: Final = 0x4_0C02
TABLE: Final = 0x001
SMALL: Final = 0x032
LARGE: Final = 0x031
# Type 3 is reserved at level 1; the NS bit; every memory type; domain 15.
SECTION_FORMS: Final = table(u32, [0xC02, 0xC03, 0x8_0C02, 0x0_FC0E, 0x1_7C0E, 0xDE2, 0x2_0C02, 0xFFFFE])
# SCTLR with the MMU on, alignment checks and caches as after reset (B4.1.130).
MMU_ON: Final = 0x00C5_0079
MMU_OFF: Final = 0x00C5_0078
CLIENT: Final = 0x5555_5555
MANAGER: Final = 0xFFFF_FFFF
# TTBCR.N = 3: TTBR0 translates addresses below 0x2000_0000, TTBR1 the rest.
SPLIT: Final = 3

LEVEL1 = static(array(u32, LEVEL1_ENTRIES), align=16384)
LEVEL2 = static(array(u32, LEVEL2_ENTRIES), align=1024)


@fn
def set_register(register: u32, value: u32) -> None:
    """Write a virtual CP15 register."""
    call(REGISTER_WRITE, register, value, 0)


@fn
def forget() -> None:
    """Invalidate everything that OVM may have kept of the tables."""
    call(TLB_INVALIDATE, TLB_ALL, 0, 0)


@fn
def mmu_on(dacr: u32) -> None:
    """Map the guest's memory flat and turn the MMU on."""
    page = vcpu_page()
    base = page.ram_base >> 20
    for index in u32.range((page.ram_bytes + 0xF_FFFF) >> 20, bound=_MOST_MEGABYTES):
        LEVEL1[base + index] = (base + index) << 20 | SECTION
    set_register(VIRTUAL_TTBCR, 0)
    call(CONTEXT_SET, u32(address(LEVEL1)), 0, dacr)
    set_register(VIRTUAL_SCTLR, MMU_ON)
    forget()


@fn
def open_window(descriptor: u32) -> None:
    """Put one descriptor into each entry of the window."""
    for index in u32.range(_WINDOW_ENTRIES):
        LEVEL1[_WINDOW_ENTRY + index] = descriptor
    forget()


@fn
def open_page(descriptor: u32) -> None:
    """Fill the window through the second-level table."""
    for index in u32.range(LEVEL2_ENTRIES):
        LEVEL2[index] = descriptor
    open_window(u32(address(LEVEL2)) | TABLE)


@fn
def map_sections(prize: u32) -> None:
    """Lead the window to a prize by sections, in all forms, and by a supersection."""
    for form in u32.range(len(SECTION_FORMS)):
        open_window((prize & 0xFFF0_0000) | SECTION_FORMS[form])
        reach_three(SUPERVISOR, WINDOW | (prize & 0xF_FFF8))
    open_window((prize & 0xFF00_0000) | SUPERSECTION)
    reach_three(SUPERVISOR, WINDOW | (prize & 0xFF_FFF8))


@fn
def map_pages(prize: u32) -> None:
    """Lead the window to a prize by pages, and by tables that lie at the prize."""
    open_page((prize & 0xFFFF_F000) | SMALL)
    reach_three(USER, WINDOW | (prize & 0xFF8))
    reach_all(SUPERVISOR, WINDOW | (prize & 0xFF8))
    open_page((prize & 0xFFFF_0000) | LARGE)
    reach_three(SUPERVISOR, WINDOW | (prize & 0xFFF8))
    open_window((prize & 0xFFFF_FC00) | TABLE)
    reach_three(SUPERVISOR, WINDOW | (prize & 0xF_FFF8))


@fn
def map_by_ttbr1(prize: u32) -> None:
    """Let the first-level table of the window itself lie at the prize."""
    set_register(VIRTUAL_TTBR1, prize & 0xFFFF_C000)
    set_register(VIRTUAL_TTBCR, SPLIT)
    forget()
    reach_three(SUPERVISOR, WINDOW)
    set_register(VIRTUAL_TTBCR, 0)
    forget()


@fn
def try_tables() -> None:
    """Try every way to every prize, then turn the MMU off."""
    for dacr in unroll((CLIENT, MANAGER)):
        mmu_on(u32(dacr))
        for index in u32.range(len(PRIZES)):
            if not is_own(PRIZES[index] & 0xFF00_0000):
                map_sections(PRIZES[index])
                map_pages(PRIZES[index])
                map_by_ttbr1(PRIZES[index])
    set_register(VIRTUAL_SCTLR, MMU_OFF)
    call(CONTEXT_SET, 0, 0, CLIENT)
    forget()
    close_chapter(text("translation tables"))
