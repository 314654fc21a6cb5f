# SPDX-License-Identifier: Apache-2.0
"""Registers and state of the two Cadence UARTs (UG585 chapter 19, appendix B.33)."""

from typing import Final

from ovm.board.wiring import WIRING
from ovm.metal import Array, Struct, array, fn, static, u8, u32, u64

FIFO_BYTES: Final = 64  # UG585 19.1.2
QUEUE_BYTES: Final = 4096
CONTROL: Final = 0x00
MODE: Final = 0x04
INTERRUPT_ENABLE: Final = 0x08
INTERRUPT_DISABLE: Final = 0x0C
INTERRUPT_MASK: Final = 0x10
INTERRUPT_STATUS: Final = 0x14
BAUD_GENERATOR: Final = 0x18
RECEIVE_TIMEOUT: Final = 0x1C
RECEIVE_TRIGGER: Final = 0x20
STATUS: Final = 0x2C
FIFO: Final = 0x30
BAUD_DIVIDER: Final = 0x34
TRANSMIT_TRIGGER: Final = 0x44
WORDS: Final = 18

# Control register.
RECEIVE_RESET: Final = u32(1)
TRANSMIT_RESET: Final = u32(2)
TRANSMIT_ENABLE: Final = 0x10
TRANSMIT_DISABLE: Final = 0x20
RECEIVE_ENABLE: Final = 0x04
RECEIVE_DISABLE: Final = 0x08
LOCAL_LOOPBACK: Final = 0x200  # of mode [9:8]
SLOW_CLOCK: Final = 1  # of mode: the reference divided by 8

# Interrupt status; [4:0] are those of the channel status, too.
RECEIVE_TRIGGERED: Final = 1 << 0
RECEIVE_EMPTY: Final = 1 << 1
RECEIVE_FULL: Final = 1 << 2
TRANSMIT_EMPTY: Final = 1 << 3
TRANSMIT_FULL: Final = 1 << 4
RECEIVE_OVERRUN: Final = 1 << 5
RECEIVE_TIMED_OUT: Final = 1 << 8
TRANSMIT_OVERFLOW: Final = 1 << 12
INTERRUPTS: Final = 0x1FFF
TRANSMIT_ACTIVE: Final = u32(1 << 11)
TRANSMIT_TRIGGERED: Final = 1 << 13
TRANSMIT_NEARLY_FULL: Final = 1 << 14
TO_INTERRUPT: Final = 3  # channel status [14:13] are interrupt status [11:10]

FRAME_BITS: Final = 10


class Uart(Struct):
    """One UART. Its rings have counts that only grow, modulo 2^32."""

    words: Array[u32] = array(u32, WORDS)
    busy: u32  # a byte is on the wire
    byte: u32
    until: u64
    sent_head: u32
    sent_tail: u32
    received_head: u32
    received_tail: u32
    sent: Array[u8] = array(u8, FIFO_BYTES)
    received: Array[u8] = array(u8, QUEUE_BYTES)  # the first FIFO_BYTES of it are in the FIFO


UARTS = static(array(Uart, 2))


@fn
def uart_reset() -> None:
    """Set the UARTs to their reset state, and the console to a boot loader's: 115200 baud (UG585 B.33; U-Boot)."""
    for which in u32.range(2):
        uart = UARTS[which]
        for index in u32.range(WORDS):
            uart.words[index] = 0
        uart.words[CONTROL // 4] = 0x114 if which == WIRING.console else 0x128
        uart.words[MODE // 4] = 0x20 if which == WIRING.console else 0
        uart.words[BAUD_GENERATOR // 4] = WIRING.console_generator if which == WIRING.console else 0x28B
        uart.words[BAUD_DIVIDER // 4] = 6 if which == WIRING.console else 0xF
        uart.words[RECEIVE_TRIGGER // 4] = 0x20
        uart.words[TRANSMIT_TRIGGER // 4] = 0x20
        uart.busy = 0
        uart.sent_head = 0
        uart.sent_tail = 0
        uart.received_head = 0
        uart.received_tail = 0
