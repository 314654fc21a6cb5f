# SPDX-License-Identifier: Apache-2.0
"""The output ring between everything that prints and the one UART.

Nothing waits for the UART: bytes go into the ring, and every timer event, idle turn and console call moves
as many on as the UART's FIFO takes, up to a bound. A guest that prints faster than the wire waits (core.console), so
the ring has room for OVM's own records. Only if it still overflows, or at the end of the run, OVM waits for the wire.
"""

from typing import Final

from ovm.core.clock import alarm_waits
from ovm.core.config import UART, UART_CADENCE
from ovm.core.uart.cadence import cadence_busy, cadence_put, cadence_room, cadence_start
from ovm.core.uart.pl011 import pl011_busy, pl011_put, pl011_room, pl011_start
from ovm.metal import Array, Struct, array, fn, static, u8, u32

RING_BYTES: Final = 16384
# Bytes moved to the UART at one time, and the longest wait for room for one byte (in polls).
DRAIN_BYTES: Final = 64
POLLS: Final = 1_000_000


class Output(Struct):
    """Free-running indices: the writer moves head, the UART side moves tail."""

    head: u32
    tail: u32
    lost: u32
    ring: Array[u8] = array(u8, 16384)


OUTPUT = static(Output)


@fn
def uart_start() -> None:
    """Start the UART's transmitter."""
    if UART == UART_CADENCE:
        cadence_start()
    else:
        pl011_start()


@fn
def uart_room() -> bool:
    """Whether the UART takes a byte."""
    if UART == UART_CADENCE:
        return cadence_room()
    else:
        return pl011_room()


@fn
def uart_busy() -> bool:
    """Whether the UART still sends."""
    if UART == UART_CADENCE:
        return cadence_busy()
    else:
        return pl011_busy()


@fn
def uart_put(byte: u32) -> None:
    """Give the UART a byte that it has room for."""
    if UART == UART_CADENCE:
        cadence_put(byte)
    else:
        pl011_put(byte)


@fn
def output_room() -> u32:
    """Bytes that fit into the ring."""
    return RING_BYTES - (OUTPUT.head - OUTPUT.tail)


@fn
def _pass_on() -> None:
    uart_put(u32(OUTPUT.ring[OUTPUT.tail % RING_BYTES]))
    OUTPUT.tail += 1


@fn
def output_drain() -> None:
    """Move bytes from the ring to the UART, as many as it takes, at most DRAIN_BYTES, until the alarm goes off."""
    for _ in u32.range(DRAIN_BYTES):
        if OUTPUT.tail == OUTPUT.head or not uart_room():
            return
        _pass_on()
        if alarm_waits():
            return


@fn
def _wait_for_uart() -> bool:
    for _ in u32.range(POLLS):
        if uart_room():
            break
    return uart_room()


@fn
def output_flush() -> None:
    """Wait until the whole ring is on the wire; for the end of the run only."""
    for _ in u32.range(RING_BYTES):
        if OUTPUT.tail == OUTPUT.head or not _wait_for_uart():
            return
        _pass_on()


@fn
def output_settle() -> None:
    """Wait until the UART has sent its last byte."""
    for _ in u32.range(POLLS):
        if not uart_busy():
            return


@fn
def put(byte: u32) -> None:
    """Append a byte to the ring; wait for the wire only if the ring is full."""
    if output_room() == 0:
        if not _wait_for_uart():
            OUTPUT.lost += 1
            return
        _pass_on()
    OUTPUT.ring[OUTPUT.head % RING_BYTES] = u8(byte)
    OUTPUT.head += 1
