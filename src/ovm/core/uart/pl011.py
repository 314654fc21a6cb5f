# SPDX-License-Identifier: Apache-2.0
"""PL011 UART, without interrupts (ARM DDI0183)."""

from typing import Final

from ovm.core.config import CONFIG, INPUT
from ovm.metal import Struct, VirtAddr, at, fn, overlay, u32

# Flags: receive FIFO empty; transmit FIFO empty; transmitter busy (DDI0183 3.3.3).
RECEIVE_EMPTY: Final = 1 << 4
TRANSMIT_EMPTY: Final = 1 << 7
TRANSMITTING: Final = 1 << 3
# Enable, transmit enable, receive enable where a guest has input (DDI0183 3.3.8); 8 bits, FIFOs on (3.3.7).
CONTROL: Final = 1 << 0 | 1 << 8 | (1 << 9 if INPUT else 0)
LINE: Final = 3 << 5 | 1 << 4


class Pl011(Struct, volatile=True):
    """Registers that OVM uses."""

    data: u32
    flags: u32 = at(0x18)
    line: u32 = at(0x2C)
    control: u32 = at(0x30)


@fn
def pl011() -> Pl011:
    """Return the registers of the UART."""
    # SAFETY: the build gives the address, and the secure map has it as a device.
    return overlay(Pl011, VirtAddr(u32(CONFIG.uart_phys)))


@fn
def pl011_start() -> None:
    """Enable the transmitter; the rate is as the board's firmware set it."""
    pl011().line = LINE
    pl011().control = CONTROL


@fn
def pl011_room() -> bool:
    """Return whether 16 bytes fit: the FIFO's least depth (DDI0183 2.4.2)."""
    return pl011().flags & TRANSMIT_EMPTY != 0


@fn
def pl011_busy() -> bool:
    """Return whether bytes are still on the wire."""
    return pl011().flags & TRANSMITTING != 0


@fn
def pl011_put(byte: u32) -> None:
    """Send a byte; there must be room."""
    pl011().data = byte


@fn
def pl011_received() -> bool:
    """Return whether a byte has been received."""
    return pl011().flags & RECEIVE_EMPTY == 0


@fn
def pl011_take() -> u32:
    """Take a received byte; there must be one."""
    return pl011().data & 0xFF
