# SPDX-License-Identifier: Apache-2.0
"""Direct accesses to memory and devices of others, with the MMU off: everywhere outside this guest's own memory."""

from typing import Final

from ovm.guests.lib.vcpu import vcpu_page
from ovm.guests.rogue.access import LOAD, LOAD_MULTIPLE, STORE, STORE_MULTIPLE, reach, reach_all, reach_three
from ovm.guests.rogue.tally import close_chapter
from ovm.guests.rogue.trap import SUPERVISOR, USER
from ovm.metal import fn, rotate_right, table, text, u32, unroll

_REGIONS: Final = u32(4)  # that are looked at
# Addresses of interest on the boards that OVM knows, and around the edges of the address space.
PRIZES: Final = table(
    u32,
    [
        # Versatile Express A9: system registers, UART, SP804 timer, RAM from its first byte.
        0x1000_0000, 0x1000_9000, 0x1001_1000, 0x6000_0000, 0x6000_8000, 0x6010_0000, 0x6200_0000, 0x6400_0000,
        # Its SCU, GIC CPU interface, global timer, private timer, distributor, PL310.
        0x1E00_0000, 0x1E00_0100, 0x1E00_0200, 0x1E00_0600, 0x1E00_1000, 0x1E00_A000,
        # Zynq-7000: OCM low, DDR, UART 1, TTC, SLCR and its unlock key, DEVCFG, DMA controller.
        0x0000_0000, 0x0010_0000, 0xE000_1000, 0xF800_1000, 0xF800_0000, 0xF800_0008, 0xF800_7000, 0xF800_3000,
        # Its SCU, GIC CPU interface, global timer, private timer, distributor, PL310, OCM high, CPU 1's start word.
        0xF8F0_0000, 0xF8F0_0100, 0xF8F0_0200, 0xF8F0_0600, 0xF8F0_1000, 0xF8F0_2000, 0xFFFC_0000, 0xFFFF_FFF0,
        # The gate's page and the trap page, the vectors in them, and other limits of the address space.
        0xFFFF_F000, 0xFFFF_F008, 0xFFFF_E000, 0xFFFF_EFF8, 0xFFFF_0000, 0x7FFF_FFF8, 0x8000_0000, 0xBFFF_FFF8,
    ],
)  # fmt: skip
# A sweep of the whole address space: one place in each 16 MiB.
_SWEEP_SHIFT: Final = 24


@fn
def is_own(place: u32) -> bool:
    """Return whether an address is this guest's: then using it is allowed. A margin keeps multiple accesses apart."""
    page = vcpu_page()
    if place + 16 - page.ram_base < page.ram_bytes + 32:
        return True
    for index in u32.range(min(page.region_count, _REGIONS), bound=_REGIONS):
        if place + 16 - page.region_base[index] < page.region_bytes[index] + 32:
            return True
    return False


@fn
def swept(index: u32) -> u32:
    """Return the address of a step of the sweep: a random multiple of 8 in one 16 MiB."""
    return (index << _SWEEP_SHIFT) | (rotate_right(index * 0x9E37_79B1, 8) & 0x00FF_FFF8)


@fn
def reach_edges() -> None:
    """Access addresses just past both ends of the guest's memory, and across its end with one access."""
    start = vcpu_page().ram_base
    end = start + vcpu_page().ram_bytes
    reach_three(SUPERVISOR, end)
    reach_three(SUPERVISOR, start - 8)
    reach_three(USER, end)
    for shape in unroll((LOAD, STORE)):
        reach(u32(shape), SUPERVISOR, end - 2)
    for shape in unroll((LOAD_MULTIPLE, STORE_MULTIPLE)):
        reach(u32(shape), SUPERVISOR, end - 8)


@fn
def reach_memory() -> None:
    """Try all addresses."""
    for index in u32.range(len(PRIZES)):
        if not is_own(PRIZES[index]):
            reach_three(USER, PRIZES[index])
            reach_all(SUPERVISOR, PRIZES[index])
    for index in u32.range(1 << (32 - _SWEEP_SHIFT)):
        if not is_own(swept(index)):
            reach_three(SUPERVISOR, swept(index))
    reach_edges()
    close_chapter(text("memory and devices"))
