# SPDX-License-Identifier: Apache-2.0
"""Fault status codes of DFSR and IFSR, short-descriptor format (ARM B3.13.3, table B3-23; B4.1.52, B4.1.96).

Order in which the checks of one access are made, the first failing one is reported (ARM B3.12.4): alignment, external
abort on the first walk step, section translation, external abort on the second step, page translation, access flag,
domain, permission.
"""

from typing import Final

from ovm.metal import u32

FS_ALIGNMENT: Final = 0b00001
FS_DEBUG: Final = 0b00010
FS_ACCESS_FLAG_SECTION: Final = u32(0b00011)
FS_CACHE_MAINTENANCE: Final = 0b00100
FS_TRANSLATION_SECTION: Final = 0b00101
FS_ACCESS_FLAG_PAGE: Final = u32(0b00110)
FS_TRANSLATION_PAGE: Final = 0b00111
FS_EXTERNAL: Final = 0b01000
FS_DOMAIN_SECTION: Final = 0b01001
FS_DOMAIN_PAGE: Final = 0b01011
FS_EXTERNAL_WALK_SECTION: Final = 0b01100
FS_PERMISSION_SECTION: Final = 0b01101
FS_EXTERNAL_WALK_PAGE: Final = 0b01110
FS_PERMISSION_PAGE: Final = 0b01111

# A code differs between section and page by this bit (not for access flag and external aborts on walks).
FS_PAGE: Final = 0b00010
# Codes that come from translation tables: one bit each.
FS_FROM_TABLES: Final = (
    1 << FS_ACCESS_FLAG_SECTION
    | 1 << FS_TRANSLATION_SECTION
    | 1 << FS_ACCESS_FLAG_PAGE
    | 1 << FS_TRANSLATION_PAGE
    | 1 << FS_DOMAIN_SECTION
    | 1 << FS_DOMAIN_PAGE
    | 1 << FS_PERMISSION_SECTION
    | 1 << FS_PERMISSION_PAGE
)

FSR_DOMAIN_SHIFT: Final = 4
FSR_WRITE: Final = 1 << 11
FSR_EXTERNAL_TYPE: Final = 1 << 12
# The bits of a status that IFSR keeps: it has neither domain nor direction.
IFSR_BITS: Final = 0x140F
# The bits that DFSR keeps of a status that isn't from the tables; the domain that hardware saw is OVM's, not the guest's.
DFSR_BITS_KEPT: Final = 0x1C0F
