# SPDX-License-Identifier: Apache-2.0
"""Bursts of the DMA controller: bytes between memory and a channel's part of the FIFO (ARM DDI0424 3.3.14)."""

from typing import Final

from ovm.board.devices.dma_state import (
    FAULT_FIFO,
    FAULT_NO_DATA,
    FAULT_READ,
    FAULT_RIGHTS,
    FAULT_WRITE,
    FIFO_BYTES,
    THREADS,
    Thread,
    fault,
)
from ovm.board.interconnect.dma_memory import READ_FAILED, dma_load, dma_store
from ovm.board.ram.contention import dma_moved
from ovm.board.ram.dram import bank_of
from ovm.board.sizes import BURST_BYTES
from ovm.board.wiring import WIRING
from ovm.metal import fn, u8, u32

# CCR (DDI0424 3.3.14): source in [13:0], destination in [27:14].
INCREMENT: Final = 1
NON_SECURE: Final = 1 << 9  # bit 1 of the source's protection
DESTINATION: Final = 14


@fn
def _rights(thread: Thread, shift: u32) -> u32:
    """Return the security of data accesses: 0, 1, or 2 if a Non-secure thread asks for a Secure one."""
    asks_ns = u32((thread.control >> shift) & NON_SECURE != 0)
    if thread.ns != 0:
        return 1 if asks_ns != 0 else 2
    return asks_ns


@fn
def _beats(thread: Thread, shift: u32) -> u32:
    return ((thread.control >> (shift + 4)) & 0xF) + 1


@fn
def _beat_bytes(thread: Thread, shift: u32) -> u32:
    return 1 << ((thread.control >> (shift + 1)) & 7)


@fn
def _count(thread: Thread, address: u32, total: u32) -> None:
    """Count bytes that were moved."""
    thread.moved += total
    if address >= WIRING.masters_filter and address < WIRING.ram_bytes:
        dma_moved(total, bank_of(address))


@fn(inline=False)
def load_burst(channel: u32) -> None:
    """Execute DMALD: a burst of source beats into the FIFO."""
    thread = THREADS[channel]
    ns = _rights(thread, 0)
    size = min(_beat_bytes(thread, 0), u32(16))
    total = size * _beats(thread, 0)
    if ns == 2 or thread.fill + total > FIFO_BYTES:
        fault(channel, FAULT_RIGHTS if ns == 2 else FAULT_FIFO)
        return
    address = thread.source
    for index in u32.range(total, bound=BURST_BYTES):
        byte = dma_load(address + (index if thread.control & INCREMENT != 0 else index % size), 1, ns)
        if byte == READ_FAILED:
            fault(channel, FAULT_READ)
            return
        thread.fifo[thread.fill + index] = u8(byte)
    thread.fill += total
    _count(thread, address, total)
    if thread.control & INCREMENT != 0:
        thread.source = address + total


@fn
def _drop(thread: Thread, total: u32) -> None:
    """Remove the stored bytes from the FIFO."""
    thread.fill -= total
    for index in u32.range(thread.fill, bound=FIFO_BYTES):
        thread.fifo[index] = thread.fifo[index + total]


@fn(inline=False)
def store_burst(channel: u32, zeros: bool) -> None:
    """Execute DMAST, or DMASTZ with `zeros`: a burst of destination beats."""
    thread = THREADS[channel]
    ns = _rights(thread, DESTINATION)
    size = min(_beat_bytes(thread, DESTINATION), u32(16))
    total = size * _beats(thread, DESTINATION)
    moves = (thread.control >> DESTINATION) & INCREMENT != 0
    if ns == 2 or (not zeros and thread.fill < total):
        fault(channel, FAULT_RIGHTS if ns == 2 else FAULT_NO_DATA)
        return
    for index in u32.range(total, bound=BURST_BYTES):
        byte = u32(0) if zeros else u32(thread.fifo[index])
        if dma_store(thread.destination + (index if moves else index % size), byte, 1, ns):
            fault(channel, FAULT_WRITE)
            return
    _count(thread, thread.destination, total)
    if not zeros:
        _drop(thread, total)
    if moves:
        thread.destination += total
