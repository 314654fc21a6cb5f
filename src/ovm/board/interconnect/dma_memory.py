# SPDX-License-Identifier: Apache-2.0
"""The DMA controller's accesses to memory: past the caches, through TrustZone."""

from typing import Final

from ovm.board.interconnect.bus import MASTER_DMA, read, write
from ovm.board.record import holds_code
from ovm.board.shortcuts.changes import code_written
from ovm.metal import fn, u32

READ_FAILED: Final = u32(0xFFFF_FFFF)


@fn
def dma_load(address: u32, size: u32, ns: u32) -> u32:
    """Read up to 2 bytes, or return READ_FAILED."""
    value = read(address, size, ns, MASTER_DMA)
    return READ_FAILED if value >> 32 != 0 else u32(value)


@fn
def dma_store(address: u32, value: u32, size: u32, ns: u32) -> bool:
    """Write; return True when it failed. Instructions decoded from there are dropped."""
    failed = write(address, value, size, ns, MASTER_DMA)
    if not failed and holds_code(address):
        code_written(address, size)
    return failed
