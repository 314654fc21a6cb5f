# SPDX-License-Identifier: Apache-2.0
"""False values in the vCPU page: OVM must not believe what it shares with a guest."""

from typing import Final

from ovm.abi.vcpu_page import VcpuPage
from ovm.guests.lib.vcpu import PAGE
from ovm.guests.rogue.access import reach_three
from ovm.guests.rogue.calls import CALL_PIECE_ADDRESS
from ovm.guests.rogue.instructions import lived
from ovm.guests.rogue.tally import close_chapter, count
from ovm.guests.rogue.trap import INTERRUPT, SUPERVISOR, USER, attempt
from ovm.metal import array, asm_value, fn, offsetof, pointer, table, text, u32

# Words that only OVM writes, or in which it may find any value: all except those that an attempt itself needs.
FIELDS: Final = table(
    u32,
    [offsetof(VcpuPage, name) for name in ("magic", "version", "irq_masked", "irq_pending", "irq_enabled", "mode")]
    + [offsetof(VcpuPage, name) for name in ("dfsr", "dfar", "ifsr", "ifar", "ticks_per_us", "level", "region_count")]
    + [offsetof(VcpuPage, "spsr") + 4 * bank for bank in (0, 2, 3, 4, 5)]
    + [offsetof(VcpuPage, "sp") + 4 * bank for bank in (0, 2, 3, 4, 5)]
    + [offsetof(VcpuPage, "lr") + 4 * bank for bank in (0, 2, 3, 4, 5)],
)
LIES: Final = table(u32, [0, 1, 0x16, 0x1A, 0x6000_0000, 0x8000_0000, 0xFFFF_F000, 0xFFFF_FFFF])
# The fields that describe the guest's memory, and a claim to have all memory.
MEMORY_FIELDS: Final = table(
    u32,
    [offsetof(VcpuPage, name) for name in ("ram_base", "ram_bytes", "region_count", "region_base", "region_bytes")],
)
CLAIMS: Final = table(u32, [0, 0xFFFF_FFFF, 1, 0, 0xFFFF_FFFF])
_NULL_CALL: Final = 0x8600_0000


@fn
def lie(offset: u32, value: u32) -> u32:
    """Write a word of the page; return what it held."""
    # SAFETY: the offset is one of FIELDS or MEMORY_FIELDS, all inside the page.
    word = pointer(u32, PAGE.value + offset)
    before = word[0]
    word[0] = value
    return before


@fn
def try_field(offset: u32, value: u32) -> None:
    """Write a false value, enter OVM in several ways, and restore the true one."""
    before = lie(offset, value)
    outcome = attempt(asm_value(u32, CALL_PIECE_ADDRESS), SUPERVISOR, _NULL_CALL, 0)
    count(not lived(outcome) and outcome != INTERRUPT, text("page field"), offset)
    outcome = attempt(asm_value(u32, CALL_PIECE_ADDRESS), USER, _NULL_CALL, 0)
    count(not lived(outcome) and outcome != INTERRUPT, text("page field"), offset)
    lie(offset, before)


@fn
def try_memory_fields() -> None:
    """Claim all memory, and then access it."""
    truth = array(u32, 5)
    for index in u32.range(len(MEMORY_FIELDS)):
        truth[index] = lie(MEMORY_FIELDS[index], CLAIMS[index])
    reach_three(SUPERVISOR, 0xFFFF_F000)
    reach_three(USER, 0xBFFF_FFF8)
    reach_three(SUPERVISOR, 0x0000_0000)
    for index in u32.range(len(MEMORY_FIELDS)):
        lie(MEMORY_FIELDS[index], truth[index])


@fn
def try_page() -> None:
    """Try every false value."""
    for field in u32.range(len(FIELDS)):
        for value in u32.range(len(LIES)):
            try_field(FIELDS[field], LIES[value])
    try_memory_fields()
    close_chapter(text("vCPU page"))
