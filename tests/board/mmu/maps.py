# SPDX-License-Identifier: Apache-2.0
"""Small translation tables for directed tests: identity pages and sections, and what lock entries are made of."""

from ovm.arm.control import SCTLR_M, SCTLR_ONES, SCTLR_RR
from tests.board.mmu.bare import Bare

TABLE, LEVEL_2 = 0x4000, 0x8000
NORMAL = 1 << 12 | 3 << 2  # TEX 001, C, B of a section
SECTION = 0xC02 | NORMAL
SMALL = 0x32 | 1 << 6 | 3 << 2  # AP 011, TEX 001, C, B
NOT_GLOBAL_SECTION, NOT_GLOBAL_SMALL = 1 << 17, 1 << 11
CLIENT = 0x5555_5555
# What the registers of a lock entry hold.
GLOBAL, NSTID = 1 << 9, 1 << 10
PAGE, BIG = 1 << 6, 3 << 6
FULL = 3 << 1
TARGET_NS = 1 << 11


def mapped(core: Bare | None = None, *, ns: int = 0, flags: int = SCTLR_RR) -> Bare:
    """Return a core with the MMU on: pages of 4 KiB in the first 4 MiB of its map, identity sections behind."""
    core = core or Bare()
    core.enter(0x13, ns)
    for index in range(4096):
        core.store(TABLE + 4 * index, index << 20 | SECTION if index >= 4 else LEVEL_2 + 0x400 * index | 1)
    for page in range(1024):
        core.store(LEVEL_2 + 4 * page, page << 12 | SMALL)
    core.write("TTBR0", TABLE)
    core.write("DACR", CLIENT)
    core.write("SCTLR", SCTLR_ONES | SCTLR_M | flags)
    return core


def lock(core: Bare, index: int, virtual: int, physical: int, *, attributes: int = 0) -> None:
    """Lock an entry directly (A9 4.3.25)."""
    core.write("TLB_SELECT_WRITE", index)
    core.write("TLB_VA", virtual)
    core.write("TLB_ATTRIBUTES", attributes)
    core.write("TLB_PA", physical | 1)


def lock_next(core: Bare, index: int, address: int) -> None:
    """Lock the entry of the next walk (A9 4.3.15)."""
    core.write("TLB_LOCKDOWN", index << 28 | 1)
    core.translate(address)
    core.write("TLB_LOCKDOWN", 0)


def walks(core: Bare, *addresses: int) -> int:
    """Return how many walks it takes to access addresses."""
    before = core.walks
    for address in addresses:
        assert core.translate(address).fault == 0
    return core.walks - before
