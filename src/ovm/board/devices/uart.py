# SPDX-License-Identifier: Apache-2.0
"""The two Cadence UARTs (UG585 chapter 19, appendix B.33).

Bytes take the time of the baud rate if PARAMETERS.uart_timed is set, none otherwise. A status bit of the interrupt
register is set as long as its cause lasts, and stays until it is cleared. Parity, framing, modem lines and the times of
received bytes are not modelled.
"""

from ovm.board import clock
from ovm.board.devices.console import console_put
from ovm.board.devices.due import DUE_UART, due_at, never
from ovm.board.devices.gic_state import raise_line
from ovm.board.devices.slcr import cycles_of_uart_clock
from ovm.board.devices.uart_state import (
    BAUD_DIVIDER,
    BAUD_GENERATOR,
    CONTROL,
    FIFO,
    FIFO_BYTES,
    FRAME_BITS,
    INTERRUPT_DISABLE,
    INTERRUPT_ENABLE,
    INTERRUPT_MASK,
    INTERRUPT_STATUS,
    INTERRUPTS,
    LOCAL_LOOPBACK,
    MODE,
    QUEUE_BYTES,
    RECEIVE_DISABLE,
    RECEIVE_EMPTY,
    RECEIVE_ENABLE,
    RECEIVE_FULL,
    RECEIVE_RESET,
    RECEIVE_TIMED_OUT,
    RECEIVE_TIMEOUT,
    RECEIVE_TRIGGER,
    RECEIVE_TRIGGERED,
    SLOW_CLOCK,
    STATUS,
    TO_INTERRUPT,
    TRANSMIT_ACTIVE,
    TRANSMIT_DISABLE,
    TRANSMIT_EMPTY,
    TRANSMIT_ENABLE,
    TRANSMIT_FULL,
    TRANSMIT_NEARLY_FULL,
    TRANSMIT_OVERFLOW,
    TRANSMIT_RESET,
    TRANSMIT_TRIGGER,
    TRANSMIT_TRIGGERED,
    UARTS,
    WORDS,
    Uart,
)
from ovm.board.parameters import PARAMETERS
from ovm.board.wiring import WIRING
from ovm.metal import bound, fn, u8, u32, u64


@fn
def _status(uart: Uart) -> u32:
    """Return the channel status register."""
    waiting = uart.sent_head - uart.sent_tail
    there = min(uart.received_head - uart.received_tail, u32(FIFO_BYTES))
    trigger = uart.words[RECEIVE_TRIGGER // 4] & 0x3F
    status = TRANSMIT_ACTIVE if uart.busy != 0 else u32(0)
    status |= u32(trigger != 0 and there >= trigger) * RECEIVE_TRIGGERED
    status |= u32(there == 0) * RECEIVE_EMPTY | u32(there == FIFO_BYTES) * RECEIVE_FULL
    status |= u32(waiting == 0) * TRANSMIT_EMPTY | u32(waiting == FIFO_BYTES) * TRANSMIT_FULL
    status |= u32(waiting >= uart.words[TRANSMIT_TRIGGER // 4] & 0x3F) * TRANSMIT_TRIGGERED
    return status | u32(waiting >= FIFO_BYTES - 1) * TRANSMIT_NEARLY_FULL


@fn
def _show(which: u32) -> None:
    """Update the interrupt status and the line."""
    uart = UARTS[which]
    status = _status(uart)
    uart.words[INTERRUPT_STATUS // 4] |= (status & 0x1F) | ((status >> TO_INTERRUPT) & 0xC00)
    up = uart.words[INTERRUPT_STATUS // 4] & uart.words[INTERRUPT_MASK // 4] != 0
    raise_line(WIRING.uart[which], up)


@fn
def _byte_cycles(uart: Uart) -> u64:
    """Return the time of a byte on the wire (UG585 19.2.3: reference / (CD * (BDIV + 1)))."""
    clocks = max(uart.words[BAUD_GENERATOR // 4], 1) * (uart.words[BAUD_DIVIDER // 4] + 1) * FRAME_BITS
    if uart.words[MODE // 4] & SLOW_CLOCK != 0:
        clocks *= 8
    return cycles_of_uart_clock(u64(clocks))


@fn
def _deliver(which: u32, byte: u32) -> None:
    """Deliver a byte whose last bit has been sent."""
    if UARTS[which].words[MODE // 4] & 0x300 == LOCAL_LOOPBACK:
        uart_receive(which, byte)
    else:
        console_put(which, byte)


@fn(inline=False)
def uart_expire(which: u32, moment: u64) -> None:
    """Advance bytes whose time has come."""
    uart = UARTS[which]
    while uart.busy != 0 and uart.until <= moment:
        bound(FIFO_BYTES + 1)
        _deliver(which, uart.byte)
        uart.busy = u32(uart.sent_head != uart.sent_tail)
        if uart.busy != 0:
            uart.byte = u32(uart.sent[uart.sent_tail % FIFO_BYTES])
            uart.sent_tail += 1
            uart.until += _byte_cycles(uart)
    if uart.busy != 0:
        due_at(DUE_UART + which, uart.until)
    else:
        never(DUE_UART + which)
    _show(which)


@fn
def _send(which: u32, byte: u32) -> None:
    uart = UARTS[which]
    if uart.words[CONTROL // 4] & (TRANSMIT_ENABLE | TRANSMIT_DISABLE) == TRANSMIT_ENABLE:
        if PARAMETERS.uart_timed == 0:
            _deliver(which, byte)
            return
        if uart.busy == 0:
            uart.busy = 1
            uart.byte = byte
            uart.until = clock.now() + _byte_cycles(uart)
            due_at(DUE_UART + which, uart.until)
            return
    if uart.sent_head - uart.sent_tail == FIFO_BYTES:
        uart.words[INTERRUPT_STATUS // 4] |= TRANSMIT_OVERFLOW
        return
    uart.sent[uart.sent_head % FIFO_BYTES] = u8(byte)
    uart.sent_head += 1


@fn(inline=False)
def uart_receive(which: u32, byte: u32) -> bool:
    """Give a byte to a UART, as the host program does; return False when its queue is full.

    Bytes beyond the FIFO wait outside.
    """
    uart = UARTS[which]
    if uart.words[CONTROL // 4] & (RECEIVE_ENABLE | RECEIVE_DISABLE) != RECEIVE_ENABLE:
        return True
    if uart.received_head - uart.received_tail == QUEUE_BYTES:
        return False
    uart.received[uart.received_head % QUEUE_BYTES] = u8(byte)
    uart.received_head += 1
    if uart.words[RECEIVE_TIMEOUT // 4] != 0:
        uart.words[INTERRUPT_STATUS // 4] |= RECEIVE_TIMED_OUT
    _show(which)
    return True


@fn
def _take(which: u32, look: bool) -> u32:
    uart = UARTS[which]
    if uart.received_head == uart.received_tail:
        return 0
    byte = u32(uart.received[uart.received_tail % QUEUE_BYTES])
    if not look:
        uart.received_tail += 1
        _show(which)
    return byte


@fn(inline=False)
def uart_read(which: u32, offset: u32, look: bool) -> u32:
    """Read a register; `look` takes nothing out of the FIFO."""
    uart = UARTS[which]
    if offset == FIFO:
        return _take(which, look)
    if offset == STATUS:
        return _status(uart)
    if offset == INTERRUPT_ENABLE or offset == INTERRUPT_DISABLE or offset >= WORDS * 4:
        return 0
    return uart.words[offset >> 2]


@fn
def _control(which: u32, value: u32) -> None:
    uart = UARTS[which]
    if value & TRANSMIT_RESET != 0:
        uart.sent_tail = uart.sent_head
    if value & RECEIVE_RESET != 0:
        uart.received_tail = uart.received_head
    uart.words[CONTROL // 4] = value & ~(RECEIVE_RESET | TRANSMIT_RESET)
    # Bytes that waited for the transmitter.
    sends = value & (TRANSMIT_ENABLE | TRANSMIT_DISABLE) == TRANSMIT_ENABLE
    while sends and uart.sent_head != uart.sent_tail and uart.busy == 0:
        bound(FIFO_BYTES)
        uart.sent_tail += 1
        _send(which, u32(uart.sent[(uart.sent_tail - 1) % FIFO_BYTES]))


@fn(inline=False)
def uart_write(which: u32, offset: u32, value: u32) -> None:
    """Write a register."""
    uart = UARTS[which]
    if offset == FIFO:
        _send(which, value & 0xFF)
    elif offset == CONTROL:
        _control(which, value)
    elif offset == INTERRUPT_ENABLE:
        uart.words[INTERRUPT_MASK // 4] |= value & INTERRUPTS
    elif offset == INTERRUPT_DISABLE:
        uart.words[INTERRUPT_MASK // 4] &= ~value
    elif offset == INTERRUPT_STATUS:
        uart.words[INTERRUPT_STATUS // 4] &= ~value
    elif offset != STATUS and offset != INTERRUPT_MASK and offset < WORDS * 4:
        uart.words[offset >> 2] = value
    _show(which)
