# SPDX-License-Identifier: Apache-2.0
"""State of the DMA controller, a PL330 (ARM DDI0424; UG585 chapter 9, appendix B.17).

A manager thread starts channels, eight of them. Each thread is Secure or not: the manager by TZ_DMA_NS when the controller left
reset, a channel by its DMAGO. Accesses carry the thread's security, or for a Secure channel the one in CCR.
"""

from typing import Final

from ovm.board.devices.gic_state import raise_line
from ovm.board.wiring import WIRING
from ovm.metal import Array, Struct, array, fn, static, u8, u32

CHANNELS: Final = 8
FIFO_BYTES: Final = 1024  # 128 lines of 8 bytes (UG585 9.2.1)
MANAGER: Final = 8  # as the number of a thread

# Status of a thread (DDI0424 3.3.11).
STOPPED: Final = u32(0)
EXECUTING: Final = 1
WAITING_EVENT: Final = 4
WAITING_PERIPHERAL: Final = 7
FAULTING: Final = u32(15)

# Fault types (DDI0424 3.3.9 and 3.3.10); those of a channel unless said otherwise.
FAULT_UNDEFINED: Final = 1 << 0
FAULT_OPERAND: Final = 1 << 1
FAULT_START: Final = 1 << 4  # the manager: a Secure channel asked for by the Non-secure manager
FAULT_EVENT: Final = 1 << 5
FAULT_RIGHTS: Final = u32(1 << 7)
FAULT_FIFO: Final = u32(1 << 12)
FAULT_NO_DATA: Final = u32(1 << 13)
FAULT_FETCH: Final = 1 << 16
FAULT_WRITE: Final = 1 << 17
FAULT_READ: Final = 1 << 18


class Thread(Struct):
    """A channel; `fill` bytes of its data lie in the FIFO."""

    status: u32
    ns: u32
    pc: u32
    fault: u32
    source: u32
    destination: u32
    control: u32
    event: u32  # waited for
    loops: Array[u32] = array(u32, 2)
    fill: u32
    moved: u32  # bytes that it loaded and stored, modulo 2^32
    fifo: Array[u8] = array(u8, FIFO_BYTES)


class Dma(Struct):
    """State that the threads share."""

    interrupts_enabled: u32
    events: u32  # of those that raise no interrupt
    interrupts: u32
    debug: Array[u32] = array(u32, 2)
    manager_fault: u32
    manager_ns: u32
    interrupt_ns: u32
    manager_pc: u32


THREADS = static(array(Thread, CHANNELS))
DMA = static(Dma)


@fn
def dma_reset(manager_ns: u32, interrupt_ns: u32) -> None:
    """Stop everything, and sample the security from the pins (UG585 9.2.2)."""
    for channel in u32.range(CHANNELS):
        thread = THREADS[channel]
        thread.status = STOPPED
        thread.ns = 0
        thread.pc = 0
        thread.fault = 0
        thread.source = 0
        thread.destination = 0
        thread.control = 0x0080_0200
        thread.fill = 0
    DMA.interrupts_enabled = 0
    DMA.events = 0
    DMA.interrupts = 0
    DMA.manager_fault = 0
    DMA.manager_ns = manager_ns
    DMA.interrupt_ns = interrupt_ns
    dma_lines()


@fn
def faulting_channels() -> u32:
    """Return a bit for each channel that stands at a fault."""
    result = u32(0)
    for channel in u32.range(CHANNELS):
        if THREADS[channel].status == FAULTING:
            result |= 1 << channel
    return result


@fn
def dma_lines() -> None:
    """Update the interrupt lines: one for each event, one for faults (UG585 7.2.3)."""
    for event in u32.range(CHANNELS):
        raise_line(WIRING.dmac[event + 1], (DMA.interrupts >> event) & 1 != 0)
    raise_line(WIRING.dmac[0], DMA.manager_fault != 0 or faulting_channels() != 0)


@fn(inline=False)
def fault(channel: u32, why: u32) -> None:
    """Put a channel into the faulting state; its data is lost."""
    thread = THREADS[channel]
    thread.status = FAULTING
    thread.fault |= why
    thread.fill = 0
    dma_lines()
