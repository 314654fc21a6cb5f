# SPDX-License-Identifier: Apache-2.0
"""Peripherals behind the interconnect, by page (UG585 4.1 to 4.6). Those that the model has not read as zero."""

from typing import Final

from ovm.board.devices.security import security_write
from ovm.board.devices.slcr import slcr_read, slcr_write
from ovm.board.devices.uart import uart_read, uart_write
from ovm.metal import fn, u32

UART0: Final = 0xE0000
UART1: Final = 0xE0001
SLCR: Final = 0xF8000


@fn(inline=False)
def peripheral_read(page: u32, offset: u32, ns: u32, look: bool) -> u32:
    """Read a register; `look` has no side effects."""
    if page == UART0 or page == UART1:
        return uart_read(page - UART0, offset, look)
    if page == SLCR:
        return slcr_read(offset)
    return u32(0)


@fn(inline=False)
def peripheral_write(page: u32, offset: u32, value: u32, ns: u32) -> None:
    """Write a register."""
    if page == UART0 or page == UART1:
        uart_write(page - UART0, offset, value)
    elif page == SLCR:
        slcr_write(offset, value)
    else:
        security_write(page, offset, value)
