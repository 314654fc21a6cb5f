# SPDX-License-Identifier: Apache-2.0
"""Instructions of the DMA controller's channels (ARM DDI0424, chapter 4).

An instruction takes a few cycles, a beat of data as long as the memory it goes to. DMAWFP never ends, because there are no
peripheral requests; bursts conditional on one (DMALDP, DMASTP, DMAFLUSHP) act as if there were.
"""

from typing import Final

from ovm.board.devices.dma_state import (
    DMA,
    EXECUTING,
    FAULT_EVENT,
    FAULT_FETCH,
    FAULT_OPERAND,
    FAULT_UNDEFINED,
    STOPPED,
    THREADS,
    WAITING_EVENT,
    WAITING_PERIPHERAL,
    Thread,
    dma_lines,
    fault,
)
from ovm.board.interconnect.dma_memory import READ_FAILED, dma_load
from ovm.board.interconnect.dma_transfer import load_burst, store_burst
from ovm.metal import fn, u32

EVENTS: Final = 16  # UG585 9.2.1


@fn
def _fetch(thread: Thread, offset: u32) -> u32:
    """Return a byte of the program, or READ_FAILED."""
    return dma_load(thread.pc + offset, 1, thread.ns)


@fn
def _fetch_word(thread: Thread, offset: u32) -> u32:
    """Return an operand of four bytes, which can be read if the first one can."""
    value = u32(0)
    for index in u32.range(4):
        value |= (dma_load(thread.pc + offset + index, 1, thread.ns) & 0xFF) << (index * 8)
    return value


@fn
def _move(channel: u32) -> u32:
    """Execute DMAMOV: SAR, CCR or DAR. A Non-secure thread may not ask for Secure accesses; its loads check that."""
    thread = THREADS[channel]
    which = _fetch(thread, 1) & 7
    value = _fetch_word(thread, 2)
    if which == 0:
        thread.source = value
    elif which == 1:
        thread.control = value
    elif which == 2:
        thread.destination = value
    else:
        fault(channel, FAULT_OPERAND)
    return 6


@fn
def _event(channel: u32, wait: bool) -> u32:
    """Execute DMASEV and DMAWFE; Non-secure threads have Non-secure events only."""
    thread = THREADS[channel]
    number = _fetch(thread, 1) >> 3
    if number >= EVENTS:
        fault(channel, FAULT_OPERAND)
        return 2
    bit = 1 << number
    if thread.ns != 0 and DMA.interrupt_ns & bit == 0:
        fault(channel, FAULT_EVENT)
        return 2
    if not wait and DMA.interrupts_enabled & bit != 0:
        DMA.interrupts |= bit
        dma_lines()
    elif not wait:
        DMA.events |= bit
    elif DMA.events & bit != 0:
        DMA.events &= ~bit
    else:
        thread.event = number
        thread.status = WAITING_EVENT
        return 0
    return 2


@fn
def _loop_end(channel: u32, opcode: u32) -> u32:
    """Execute DMALPEND: back by the operand while the loop continues. Returns the distance, modulo 2^32."""
    thread = THREADS[channel]
    back = _fetch(thread, 1)
    counter = (opcode >> 2) & 1
    if opcode & 0x10 == 0:
        return 0 - back  # DMALPFE: forever, until a peripheral's last request
    if thread.loops[counter] == 0:
        return 2
    thread.loops[counter] -= 1
    return 0 - back


@fn
def _is_transfer(opcode: u32) -> bool:
    """Return whether this is DMALD and DMAST with their conditions, DMASTZ, DMALDP, DMASTP."""
    plain = opcode == 0x04 or opcode == 0x08 or opcode == 0x0C
    conditional = opcode & 0xFD == 0x05 or opcode & 0xFD == 0x09
    return plain or conditional or opcode & 0xFD == 0x25 or opcode & 0xFD == 0x29


@fn
def _transfer(channel: u32, opcode: u32) -> u32:
    """Execute DMALD, DMAST, DMASTZ and their peripheral forms. Every request counts as a burst."""
    only_single = opcode & 3 == 1
    long = opcode & 0x20 != 0
    if not only_single:
        if opcode == 0x0C:
            store_burst(channel, True)
        elif opcode & 0x08 != 0:
            store_burst(channel, False)
        else:
            load_burst(channel)
    return 2 if long else 1


@fn
def _add(thread: Thread, opcode: u32) -> u32:
    """Execute DMAADDH and DMAADNH."""
    value = _fetch(thread, 1) | _fetch(thread, 2) << 8
    if opcode & 8 != 0:
        value |= 0xFFFF_0000
    if opcode & 2 != 0:
        thread.destination += value
    else:
        thread.source += value
    return 3


@fn
def _other(channel: u32, opcode: u32) -> u32:
    thread = THREADS[channel]
    if opcode == 0x00 or opcode == 0x01:  # DMAEND, DMAKILL
        thread.status = STOPPED
        thread.fill = 0
        return 1
    if opcode == 0x18 or opcode == 0x12 or opcode == 0x13:  # DMANOP, DMARMB, DMAWMB
        return 1
    if opcode == 0x20 or opcode == 0x22:  # DMALP
        thread.loops[(opcode >> 1) & 1] = _fetch(thread, 1)
        return 2
    if opcode == 0x34 or opcode == 0x36:
        return _event(channel, opcode == 0x36)
    if opcode == 0x35:  # DMAFLUSHP
        return 2
    if opcode & 0xFC == 0x30:  # DMAWFP
        thread.status = WAITING_PERIPHERAL
        return 0
    fault(channel, FAULT_UNDEFINED)
    return 0


@fn(inline=False)
def execute(channel: u32) -> None:
    """Execute one instruction of a channel."""
    thread = THREADS[channel]
    opcode = _fetch(thread, 0)
    length = u32(0)
    if opcode == READ_FAILED:
        fault(channel, FAULT_FETCH)
    elif opcode == 0xBC:
        length = _move(channel)
    elif opcode & 0xF4 == 0x54:
        length = _add(thread, opcode)
    elif opcode & 0xF8 == 0x38 or opcode & 0xFB == 0x28:
        length = _loop_end(channel, opcode)
    elif _is_transfer(opcode):
        length = _transfer(channel, opcode)
    else:
        length = _other(channel, opcode)
    if thread.status == EXECUTING or thread.status == STOPPED:
        thread.pc += length
