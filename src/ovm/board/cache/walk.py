# SPDX-License-Identifier: Apache-2.0
"""Reads of translation tables by the walk (A9 6.3): through the caches that the walk's attributes name."""

from typing import Final

from ovm.metal import VirtAddr, fn, pointer, u32, u64

FAULT: Final = 1 << 32
DDR_HOST: Final = 0x4000_0000
DDR_BYTES: Final = 0x4000_0000


@fn
def walk_read(physical: u32, ns: u32, inner: u32, outer: u32, shareable: u32) -> u64:
    """Return the word at a physical address, or FAULT: external abort."""
    if physical >= DDR_BYTES:
        return u64(FAULT)
    return u64(pointer(u32, VirtAddr(DDR_HOST + physical))[0])
