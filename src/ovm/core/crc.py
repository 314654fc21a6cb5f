# SPDX-License-Identifier: Apache-2.0
"""CRC-32 of IEEE 802.3, as in zlib: the build computes it for each load, and OVM computes it again in memory."""

from typing import Final

from ovm.abi.config import FRAME_BYTES
from ovm.core.limits import MAX_FRAMES
from ovm.metal import PhysAddr, VirtAddr, fn, pointer, table, u32

POLYNOMIAL: Final = 0xEDB8_8320
MOST_WORDS: Final = MAX_FRAMES * (FRAME_BYTES // 4)


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (POLYNOMIAL if byte & 1 else 0)
    return byte


TABLE = table(u32, [_entry(byte) for byte in range(256)])


@fn(inline=True)
def _byte(crc: u32) -> u32:
    return TABLE[crc & 0xFF] ^ crc >> 8


@fn
def crc32(start: PhysAddr, length: u32) -> u32:
    """Return the CRC-32 of whole words, in memory that is mapped to itself."""
    # SAFETY: the build gives address and length of what it loads.
    words = pointer(u32, VirtAddr(u32(start)))
    crc = u32(0xFFFF_FFFF)
    for index in u32.range(length // 4, bound=MOST_WORDS):
        crc = _byte(_byte(_byte(_byte(crc ^ words[index]))))
    return ~crc
