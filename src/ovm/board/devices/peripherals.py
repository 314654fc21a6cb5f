# SPDX-License-Identifier: Apache-2.0
"""Peripherals behind the interconnect, by device (UG585 4.1 to 4.6). Those that are not modelled read as zero."""

from typing import Final

from ovm.board.devices.configuration import configuration_read, configuration_write
from ovm.board.devices.debug_port import debug_port_read, debug_port_write
from ovm.board.devices.dma_registers import dma_read, dma_write
from ovm.board.devices.dma_state import dma_reset
from ovm.board.devices.plain import plain_read, plain_write
from ovm.board.devices.sd_host import sd_read, sd_reset, sd_write
from ovm.board.devices.security import security_write
from ovm.board.devices.slcr import SDIO_RESET, SLCR, slcr_read, slcr_write
from ovm.board.devices.system_watchdog import system_watchdog_read, system_watchdog_write
from ovm.board.devices.triple_timer import triple_read, triple_write
from ovm.board.devices.uart import uart_read, uart_write
from ovm.board.wiring import (
    BOOT_SECURITY,
    DEBUG0,
    DEBUG1,
    DEVCFG,
    DMAC,
    DMAC_NS,
    GEM0,
    GEM1,
    SDIO0,
    SLAVE_SECURITY,
    SLCR_DEVICE,
    SWDT,
    TTC0,
    TTC1,
    UART0,
    UART1,
)
from ovm.metal import fn, u32

SDIO0_RESETS: Final = 0x11  # its bits of SDIO_RST_CTRL
NETWORK_STATUS: Final = 0x008
MANAGEMENT_IDLE: Final = u32(4)  # no transfer to a PHY is under way (UG585 B.18, net_status)


@fn(inline=False)
def peripheral_read(device: u32, offset: u32, look: bool) -> u32:
    """Read a register; `look` has no side effects."""
    if device == UART0 or device == UART1:
        return uart_read(device - UART0, offset, look)
    if device == SLCR_DEVICE:
        return slcr_read(offset)
    if device == TTC0 or device == TTC1:
        return triple_read(device - TTC0, offset, look)
    if device == DMAC or device == DMAC_NS:
        return dma_read(offset, u32(device == DMAC_NS))
    if device == SWDT:
        return system_watchdog_read(offset)
    if device == SDIO0:
        return sd_read(offset, look)
    if device == DEVCFG:
        return configuration_read(offset)
    if device == DEBUG0 or device == DEBUG1:
        return debug_port_read(device - DEBUG0, offset)
    if (device == GEM0 or device == GEM1) and offset == NETWORK_STATUS:
        return MANAGEMENT_IDLE
    return plain_read(device, offset)


@fn(inline=False)
def peripheral_write(device: u32, offset: u32, value: u32, lanes: u32) -> None:
    """Write a register; `lanes` are the bits that the access has; most devices ignore them."""
    if device == UART0 or device == UART1:
        uart_write(device - UART0, offset, value)
    elif device == SLCR_DEVICE:
        if slcr_write(offset, value):
            dma_reset(SLCR.dma_manager_ns, SLCR.dma_interrupt_ns)
        if SLCR.words[SDIO_RESET // 4] & SDIO0_RESETS != 0:
            sd_reset()
    elif device == TTC0 or device == TTC1:
        triple_write(device - TTC0, offset, value)
    elif device == DMAC or device == DMAC_NS:
        dma_write(offset, value, u32(device == DMAC_NS))
    elif device == SWDT:
        system_watchdog_write(offset, value)
    elif device == SDIO0:
        sd_write(offset, value, lanes)
    elif device == SLAVE_SECURITY or device == BOOT_SECURITY:
        security_write(device, offset, value)
    elif device == DEVCFG:
        configuration_write(offset, value)
    elif device == DEBUG0 or device == DEBUG1:
        debug_port_write(device - DEBUG0, offset, value)
    else:
        plain_write(device, offset, value)
