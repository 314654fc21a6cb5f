# SPDX-License-Identifier: Apache-2.0
"""The schedule of the DMA controller's channels, which run in turn, a few instructions at a time."""

from typing import Final

from ovm.board.devices.dma_state import CHANNELS, DMA, EXECUTING, THREADS, WAITING_EVENT
from ovm.board.devices.due import DUE_DMA, due_at
from ovm.board.interconnect.dma_execute import execute
from ovm.board.parameters import PARAMETERS
from ovm.board.ram.contention import dma_waits
from ovm.metal import fn, u32, u64

BATCH: Final = 16
INSTRUCTION_CYCLES: Final = 3  # one of CPU_2x (UG585 25.3)
BYTES_PER_CLOCK: Final = 8  # 64-bit AXI


@fn
def _moved() -> u32:
    """Return a count that grows with the bytes that channels load and store."""
    total = u32(0)
    for channel in u32.range(CHANNELS):
        total += THREADS[channel].moved
    return total


@fn
def _wake(channel: u32) -> None:
    thread = THREADS[channel]
    bit = 1 << thread.event
    if thread.status == WAITING_EVENT and DMA.events & bit != 0:
        thread.status = EXECUTING


@fn(inline=False)
def dma_expire(moment: u64) -> None:
    """Execute a batch, and set the time of the next one."""
    executed = u32(0)
    before = _moved()
    for _ in u32.range(BATCH):
        for channel in u32.range(CHANNELS):
            _wake(channel)
            if THREADS[channel].status == EXECUTING:
                execute(channel)
                executed += 1
    if executed == 0:
        return
    bytes_ = _moved() - before
    cycles = executed * INSTRUCTION_CYCLES + bytes_ // BYTES_PER_CLOCK * INSTRUCTION_CYCLES
    if bytes_ != 0:
        # Sources and destinations seldom share a row.
        cycles += PARAMETERS.memory_read + PARAMETERS.memory_precharge + PARAMETERS.memory_activate
        cycles += dma_waits()
    due_at(DUE_DMA, moment + u64(cycles))
