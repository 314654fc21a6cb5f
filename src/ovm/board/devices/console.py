# SPDX-License-Identifier: Apache-2.0
"""The bytes that UARTs sent, in a ring from which the host program takes them."""

from typing import Final

from ovm.board import events
from ovm.board.state import ATTEND_STOP, CPU, STOP_EVENTS, STOP_NONE
from ovm.metal import Array, Struct, array, fn, static, u16, u32

CONSOLE_BYTES: Final = 1 << 16
CONSOLE_RESERVE: Final = 1 << 8


class Console(Struct):
    """`head` counts the bytes sent, `tail` the bytes that the host program took; both only grow, modulo 2^32."""

    head: u32
    tail: u32
    lost: u32
    sent: Array[u16] = array(u16, CONSOLE_BYTES)  # UART << 8 | byte


CONSOLE = static(Console)


@fn(inline=False)
def console_put(uart: u32, byte: u32) -> None:
    """Take a byte from a UART; the loop is asked to stop while there still is room for some more."""
    events.happened(events.CONSOLE, uart, byte)
    used = CONSOLE.head - CONSOLE.tail
    if used >= CONSOLE_BYTES:
        CONSOLE.lost += 1
        return
    CONSOLE.sent[CONSOLE.head % CONSOLE_BYTES] = u16(uart << 8 | byte)
    CONSOLE.head += 1
    if used >= CONSOLE_BYTES - CONSOLE_RESERVE:
        if CPU.stopped == STOP_NONE:
            CPU.stopped = STOP_EVENTS
        CPU.attention |= ATTEND_STOP
