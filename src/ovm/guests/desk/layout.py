# SPDX-License-Identifier: Apache-2.0
"""The memory layout: the guest's RAM, its user address space, its kernel's window.

The kernel sees its whole RAM at virtual = physical, through sections that only it may use, in the translation table of
TTBR1. TTBCR.N is 4, so TTBR0 holds the first 256 MiB, the user space, in a table of 1 KiB (ARM DDI0406C B3.5.4).
"""

from typing import Final

from ovm.metal import u32

PAGE: Final = 1 << 12
LARGE_PAGE: Final = u32(1 << 16)
SECTION: Final = 1 << 20

# Offsets from the start of RAM: small frames, 64 KiB pages, one section. The first MiB holds the image.
POOL_OFFSET: Final = 1 * SECTION
POOL_FRAMES: Final = 768
LARGE_OFFSET: Final = 4 * SECTION
LARGE_PAGES: Final = 8
SECTION_OFFSET: Final = 5 * SECTION
NEEDED_BYTES: Final = 6 * SECTION

TTBCR_N: Final = 4
USER_LIMIT: Final = 1 << (32 - TTBCR_N)
USER_ENTRIES: Final = USER_LIMIT // SECTION
# The user's code; a page that the kernel writes and the user reads; a stack.
USER_CODE: Final = 0x0010_0000
USER_INFO: Final = 0x0030_0000
USER_STACK_TOP: Final = 0x0F00_0000
USER_STACK_PAGES: Final = 4
# The addresses at which programs request memory. The heap lies across the edge of a megabyte.
USER_HEAP: Final = 0x0200_0000 - 8 * PAGE
USER_ELSEWHERE: Final = 0x0300_0000
USER_LARGE: Final = 0x0400_0000
USER_SECTION: Final = 0x0500_0000

# The kernel's own small pages, for measuring demand fills.
WINDOW: Final = 0xD000_0000

# Domains (ARM B3.12.3); DACR makes the kernel and its programs clients of both.
KERNEL_DOMAIN: Final = 0
USER_DOMAIN: Final = 1
DACR_CLIENTS: Final = 0b0101
