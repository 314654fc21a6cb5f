# SPDX-License-Identifier: Apache-2.0
"""Registers of the DMA controller (ARM DDI0424, chapter 3): a Secure interface and a Non-secure one.

The Non-secure interface sees Non-secure state only, and can't give orders to a Secure manager.
"""

from typing import Final

from ovm.board import clock
from ovm.board.devices.dma_state import (
    DMA,
    EXECUTING,
    FAULT_START,
    FAULT_UNDEFINED,
    FAULTING,
    STOPPED,
    THREADS,
    dma_lines,
    faulting_channels,
)
from ovm.board.devices.due import DUE_DMA, due_at
from ovm.metal import fn, table, u32

MANAGER_NS: Final = u32(1 << 9)  # of DSR
CHANNEL_NS: Final = u32(1 << 21)  # of CSR
DEBUG_STATUS: Final = 0xD00
DEBUG_COMMAND: Final = 0xD04
DEBUG_INSTRUCTION: Final = 0xD08
GO: Final = 0xA0
GO_NS: Final = 0x02
KILL: Final = 0x01
SEND_EVENT: Final = 0x34
# CR0 to CR3, CR4 apart, CRD: 8 channels, 16 events, 4 peripherals, 64-bit bus, 128 lines (UG585 B.17).
CONFIGURATION = table(u32, [0x001E_3071, 0x0000_0074, 0, 0])
DATA_CONFIGURATION: Final = u32(0x07FF_7F73)
IDENTITY = table(u32, [0x30, 0x13, 0x24, 0x00, 0x0D, 0xF0, 0x05, 0xB1])


@fn
def _visible(ns: u32) -> u32:
    """Return the events that an interface may access."""
    return 0xFFFF if ns == 0 else DMA.interrupt_ns


@fn
def _channel_register(channel: u32, which: u32) -> u32:
    """Return SAR, DAR, CCR, LC0, LC1."""
    thread = THREADS[channel]
    if which == 0x00:
        return thread.source
    if which == 0x04:
        return thread.destination
    if which == 0x08:
        return thread.control
    if which == 0x0C:
        return thread.loops[0]
    return thread.loops[1] if which == 0x10 else 0


@fn
def _read_channel(offset: u32, ns: u32) -> u32:
    """Return FTRn at 0x040, CSRn and CPCn at 0x100, the rest at 0x400."""
    channel = (offset >> 5) & 7
    if offset < 0x100:
        channel = (offset >> 2) & 7
    elif offset < 0x140:
        channel = (offset >> 3) & 7
    thread = THREADS[channel]
    if ns != 0 and thread.ns == 0:
        return 0
    if offset < 0x100:
        return thread.fault
    if offset < 0x140:
        if offset & 4 != 0:
            return thread.pc
        return thread.status | thread.event << 4 | (CHANNEL_NS if thread.ns != 0 else 0)
    return _channel_register(channel, offset & 0x1F)


@fn
def _read_shared(offset: u32, ns: u32) -> u32:
    if offset == 0x000:
        status = FAULTING if DMA.manager_fault != 0 else STOPPED
        return status | (MANAGER_NS if DMA.manager_ns != 0 else 0)
    if offset == 0x004:
        return DMA.manager_pc
    if offset == 0x020:
        return DMA.interrupts_enabled & _visible(ns)
    if offset == 0x024:
        return (DMA.interrupts | DMA.events) & _visible(ns)
    if offset == 0x028:
        return DMA.interrupts & _visible(ns)
    if offset == 0x030:
        return u32(DMA.manager_fault != 0)
    if offset == 0x034:
        return faulting_channels()
    return DMA.manager_fault if offset == 0x038 else 0


@fn(inline=False)
def dma_read(offset: u32, ns: u32) -> u32:
    """Read a register through the Secure (ns = 0) or the Non-secure interface."""
    if offset < 0x040:
        return _read_shared(offset, ns)
    if offset < 0x060 or offset >= 0x100 and offset < 0x140 or offset >= 0x400 and offset < 0x500:
        return _read_channel(offset, ns)
    if offset >= 0xE00 and offset < 0xE10:
        return CONFIGURATION[(offset - 0xE00) >> 2]
    if offset == 0xE10:
        return DMA.interrupt_ns
    if offset == 0xE14:
        return DATA_CONFIGURATION
    return IDENTITY[(offset - 0xFE0) >> 2] if offset >= 0xFE0 else 0


@fn
def _go(operation: u32) -> None:
    """Do DMAGO by the manager: the operation's second byte names the channel, its bit 1 makes it Non-secure."""
    channel = (operation >> 8) & 7
    thread = THREADS[channel]
    wants_ns = u32(operation & GO_NS != 0)
    if DMA.manager_ns != 0 and wants_ns == 0:
        DMA.manager_fault = FAULT_START
        dma_lines()
        return
    if thread.status != STOPPED:
        return
    thread.status = EXECUTING
    thread.ns = wants_ns
    thread.pc = DMA.debug[1]
    thread.fault = 0
    thread.fill = 0
    due_at(DUE_DMA, clock.now() + 1)


@fn
def _kill(channel: u32) -> None:
    THREADS[channel].status = STOPPED
    THREADS[channel].fault = 0
    dma_lines()


@fn
def _send(number: u32, ns: u32) -> None:
    """Do DMASEV by the manager."""
    bit = (1 << number) & _visible(ns)
    if DMA.interrupts_enabled & bit != 0:
        DMA.interrupts |= bit
        dma_lines()
    else:
        DMA.events |= bit
        due_at(DUE_DMA, clock.now() + 1)


@fn(inline=False)
def _debug(ns: u32) -> None:
    """Do DBGCMD: execute what DBGINST0 and DBGINST1 hold."""
    first = DMA.debug[0]
    operation = first >> 16
    channel = (first >> 8) & 7
    if ns != 0 and DMA.manager_ns == 0:
        return
    if first & 1 != 0:
        if operation & 0xFF == KILL and (ns == 0 or THREADS[channel].ns != 0):
            _kill(channel)
    elif operation & 0xFD == GO:
        _go(operation)
    elif operation & 0xFF == KILL:
        DMA.manager_fault = 0
        dma_lines()
    elif operation & 0xFF == SEND_EVENT:
        _send(operation >> 11, DMA.manager_ns)
    else:
        DMA.manager_fault = FAULT_UNDEFINED
        dma_lines()


@fn(inline=False)
def dma_write(offset: u32, value: u32, ns: u32) -> None:
    """Write a register through the Secure (ns = 0) or the Non-secure interface."""
    allowed = _visible(ns)
    if offset == 0x020:
        DMA.interrupts_enabled = (DMA.interrupts_enabled & ~allowed) | (value & allowed)
    elif offset == 0x02C:
        DMA.interrupts &= ~(value & allowed)
        dma_lines()
    elif offset == DEBUG_INSTRUCTION or offset == DEBUG_INSTRUCTION + 4:
        DMA.debug[(offset >> 2) & 1] = value
    elif offset == DEBUG_COMMAND and value & 3 == 0:
        _debug(ns)
