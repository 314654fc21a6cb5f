# SPDX-License-Identifier: Apache-2.0
"""Cadence UART of the Zynq-7000, without interrupts (UG585 chapter 19, appendix B.33)."""

from typing import Final

from ovm.core.config import CONFIG
from ovm.metal import Struct, VirtAddr, at, fn, overlay, u32

# Control: transmitter and receiver on, not disabled. Mode: 8 bits, no parity, 1 stop bit.
CONTROL: Final = 0x14
MODE: Final = 0x20
# Channel status: receive FIFO empty; transmit FIFO empty; transmitter active; FIFO filled up to the trigger level.
RECEIVE_EMPTY: Final = 1 << 1
TRANSMIT_EMPTY: Final = 1 << 3
TRANSMITTING: Final = 1 << 11
TRANSMIT_TRIGGERED: Final = 1 << 13
# Below it, the FIFO of 64 bytes has room for 16 (one step of core.output).
TRIGGER_LEVEL: Final = 48


class Cadence(Struct, volatile=True):
    """Registers that OVM uses."""

    control: u32
    mode: u32
    status: u32 = at(0x2C)
    data: u32 = at(0x30)
    transmit_trigger: u32 = at(0x44)


@fn
def cadence() -> Cadence:
    """Return the registers of the UART."""
    # SAFETY: the build gives the address, and the secure map has it as a device.
    return overlay(Cadence, VirtAddr(u32(CONFIG.uart_phys)))


@fn
def cadence_start() -> None:
    """Enable the transmitter; the rate is as the boot loader set it."""
    cadence().mode = MODE
    cadence().transmit_trigger = TRIGGER_LEVEL
    cadence().control = CONTROL


@fn
def cadence_room() -> bool:
    """Return whether 16 bytes fit."""
    return cadence().status & TRANSMIT_TRIGGERED == 0


@fn
def cadence_busy() -> bool:
    """Return whether bytes are still on the wire."""
    status = cadence().status
    return status & TRANSMIT_EMPTY == 0 or status & TRANSMITTING != 0


@fn
def cadence_put(byte: u32) -> None:
    """Send a byte; there must be room."""
    cadence().data = byte


@fn
def cadence_received() -> bool:
    """Return whether a byte has been received."""
    return cadence().status & RECEIVE_EMPTY == 0


@fn
def cadence_take() -> u32:
    """Take a received byte; there must be one."""
    return cadence().data & 0xFF
