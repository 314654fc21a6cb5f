# SPDX-License-Identifier: Apache-2.0
"""Bits of the short-descriptor translation tables and of the Cortex-A9 TLB lock entries.

Both sides of a walk use them: the walk of a guest's tables reads these fields, the shadow tables are written with them.
Only encodings are here; their users decide what an encoding allows.
"""

from typing import Final

from ovm.metal import Bits, field, flag, u32

PAGE_BYTES: Final = 1 << 12
LARGE_BYTES: Final = 1 << 16
SECTION_BYTES: Final = 1 << 20
SUPERSECTION_BYTES: Final = 1 << 24
LEVEL1_ENTRIES: Final = 4096
LEVEL1_BYTES: Final = 4 * LEVEL1_ENTRIES
LEVEL2_ENTRIES: Final = 256
LEVEL2_BYTES: Final = 4 * LEVEL2_ENTRIES

# Descriptor types, bits [1:0] (ARM B3.5.1, figures B3-4 and B3-5). Level 1: without PXN support type 3 is reserved
# and faults, as on Cortex-A9. Level 2: bit 1 set is a small page, bit 0 is then XN.
TYPE_FAULT: Final = 0
TYPE_TABLE: Final = 1
TYPE_SECTION: Final = 2
TYPE_RESERVED: Final = 3
TYPE_LARGE: Final = 1
TYPE_SMALL: Final = 2


class Ttbcr(Bits):
    """Translation table base control register, short-descriptor format (ARM B4.1.153)."""

    n = field(0, 3)
    no_walk_0 = flag(4)
    no_walk_1 = flag(5)


class TableDescriptor(Bits):
    """First-level descriptor of a second-level table (ARM B3.5.1, figure B3-4)."""

    type = field(0, 2)
    non_secure = flag(3)
    domain = field(5, 4)
    base = field(10, 22)


class SectionDescriptor(Bits):
    """First-level descriptor of a section or supersection (ARM B3.5.1, figure B3-4).

    A supersection is in domain 0 whatever bits [8:5] say; they and bits [23:20] would extend its address past
    32 bits, which Cortex-A9 doesn't have (A9 6.2.2).
    """

    type = field(0, 2)
    bufferable = flag(2)
    cacheable = flag(3)
    execute_never = flag(4)
    domain = field(5, 4)
    access = field(10, 2)
    tex = field(12, 3)
    access_2 = field(15, 1)
    shareable = flag(16)
    not_global = flag(17)
    supersection = flag(18)
    non_secure = flag(19)
    base = field(20, 12)


class LargeDescriptor(Bits):
    """Second-level descriptor of a 64 KiB page, repeated 16 times (ARM B3.5.1, figure B3-5)."""

    type = field(0, 2)
    bufferable = flag(2)
    cacheable = flag(3)
    access = field(4, 2)
    access_2 = field(9, 1)
    shareable = flag(10)
    not_global = flag(11)
    tex = field(12, 3)
    execute_never = flag(15)
    base = field(16, 16)


class SmallDescriptor(Bits):
    """Second-level descriptor of a 4 KiB page (ARM B3.5.1, figure B3-5)."""

    execute_never = flag(0)
    small = flag(1)
    bufferable = flag(2)
    cacheable = flag(3)
    access = field(4, 2)
    tex = field(6, 3)
    access_2 = field(9, 1)
    shareable = flag(10)
    not_global = flag(11)
    base = field(12, 20)


# Access permissions AP[2:0] that OVM writes (ARM B3.7.1, table B3-8).
AP_PRIVILEGED_ONLY: Final = 0b001
AP_READ_WRITE: Final = 0b011
AP_PRIVILEGED_READ_ONLY: Final = 0b101
AP_READ_ONLY: Final = 0b111

# DACR has two bits for each domain (ARM B3.12.3, B4.1.43). 0b10 is reserved and treated as no access.
DOMAINS: Final = 16
DOMAIN_CLIENT: Final = 0b01
DOMAIN_MANAGER: Final = 0b11

# Memory attributes without TEX remap (ARM B3.8.2, table B3-10): Normal memory, inner and outer write-back
# write-allocate (TEX 001, C 1, B 1), and shareable Device memory (TEX 000, C 0, B 1).
SMALL_NORMAL: Final = 1 << 6 | 1 << 3 | 1 << 2
SMALL_DEVICE: Final = u32(1 << 2)
SECTION_NORMAL: Final = 1 << 12 | 1 << 3 | 1 << 2
SECTION_DEVICE: Final = u32(1 << 2)
SMALL_SHAREABLE: Final = 1 << 10
SMALL_NOT_GLOBAL: Final = 1 << 11
SMALL_EXECUTE_NEVER: Final = 1 << 0
SECTION_SHAREABLE: Final = 1 << 16
SECTION_NOT_GLOBAL: Final = 1 << 17
SECTION_EXECUTE_NEVER: Final = 1 << 4

# Lockable entries of the main TLB of a Cortex-A9 (A9 6.2.2, 4.3.25).
LOCK_ENTRIES: Final = 4


class LockVa(Bits):
    """TLB VA register: the address that a lock entry matches (A9 4.3.25, table 4-51)."""

    asid = field(0, 8)
    is_global = flag(9)
    non_secure = flag(10)
    page = field(12, 20)


class LockPa(Bits):
    """TLB PA register, always the last one written (A9 4.3.25, table 4-52)."""

    valid = flag(0)
    access = field(1, 3)
    size = field(6, 2)
    page = field(12, 20)


class LockAttributes(Bits):
    """TLB attributes register (A9 4.3.25; the same layout as ARM1176 TRM DDI0301H 3.2.58 with NS added)."""

    shareable = flag(0)
    bufferable = flag(1)
    cacheable = flag(2)
    tex = field(3, 3)
    execute_never = flag(6)
    domain = field(7, 4)
    non_secure = flag(11)


# LockPa.size.
LOCK_SIZE_SUPERSECTION: Final = 0
LOCK_SIZE_PAGE: Final = 1
LOCK_SIZE_LARGE: Final = 2
LOCK_SIZE_SECTION: Final = 3
