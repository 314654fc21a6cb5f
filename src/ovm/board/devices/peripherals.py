# SPDX-License-Identifier: Apache-2.0
"""Peripherals behind the interconnect, by page (UG585 4.1 to 4.6). Those that are not modelled read as zero."""

from typing import Final

from ovm.board.devices.dma_registers import dma_read, dma_write
from ovm.board.devices.dma_state import dma_reset
from ovm.board.devices.plain import plain_read, plain_write
from ovm.board.devices.sd_host import sd_read, sd_reset, sd_write
from ovm.board.devices.security import security_write
from ovm.board.devices.slcr import SDIO_RESET, SLCR, slcr_read, slcr_write
from ovm.board.devices.system_watchdog import system_watchdog_read, system_watchdog_write
from ovm.board.devices.triple_timer import triple_read, triple_write
from ovm.board.devices.uart import uart_read, uart_write
from ovm.metal import fn, u32

UART0_PAGE: Final = 0xE0000
UART1_PAGE: Final = 0xE0001
SDIO0_PAGE: Final = 0xE0100
SDIO0_RESETS: Final = 0x11  # its bits of SDIO_RST_CTRL
IOU_SECURITY_PAGE: Final = 0xE0200
SLCR_PAGE: Final = 0xF8000
TTC0_PAGE: Final = 0xF8001
TTC1_PAGE: Final = 0xF8002
DMA_SECURE_PAGE: Final = 0xF8003
DMA_PAGE: Final = 0xF8004
WATCHDOG_PAGE: Final = 0xF8005
GEM0_PAGE: Final = 0xE000B
GEM1_PAGE: Final = 0xE000C
NETWORK_STATUS: Final = 0x008
MANAGEMENT_IDLE: Final = u32(4)  # no transfer to a PHY is under way (UG585 B.18, net_status)
BOOT_SECURITY_PAGE: Final = 0xF8900


@fn(inline=False)
def peripheral_read(page: u32, offset: u32, look: bool) -> u32:
    """Read a register; `look` has no side effects."""
    if page == UART0_PAGE or page == UART1_PAGE:
        return uart_read(page - UART0_PAGE, offset, look)
    if page == SLCR_PAGE:
        return slcr_read(offset)
    if page == TTC0_PAGE or page == TTC1_PAGE:
        return triple_read(page - TTC0_PAGE, offset, look)
    if page == DMA_SECURE_PAGE or page == DMA_PAGE:
        return dma_read(offset, u32(page == DMA_PAGE))
    if page == WATCHDOG_PAGE:
        return system_watchdog_read(offset)
    if page == SDIO0_PAGE:
        return sd_read(offset, look)
    if (page == GEM0_PAGE or page == GEM1_PAGE) and offset == NETWORK_STATUS:
        return MANAGEMENT_IDLE
    return plain_read(page, offset)


@fn(inline=False)
def peripheral_write(page: u32, offset: u32, value: u32, lanes: u32) -> None:
    """Write a register; `lanes` are the bits that the access has; most devices ignore them."""
    if page == UART0_PAGE or page == UART1_PAGE:
        uart_write(page - UART0_PAGE, offset, value)
    elif page == SLCR_PAGE:
        if slcr_write(offset, value):
            dma_reset(SLCR.dma_manager_ns, SLCR.dma_interrupt_ns)
        if SLCR.words[SDIO_RESET // 4] & SDIO0_RESETS != 0:
            sd_reset()
    elif page == TTC0_PAGE or page == TTC1_PAGE:
        triple_write(page - TTC0_PAGE, offset, value)
    elif page == DMA_SECURE_PAGE or page == DMA_PAGE:
        dma_write(offset, value, u32(page == DMA_PAGE))
    elif page == WATCHDOG_PAGE:
        system_watchdog_write(offset, value)
    elif page == SDIO0_PAGE:
        sd_write(offset, value, lanes)
    elif page == IOU_SECURITY_PAGE or page == BOOT_SECURITY_PAGE:
        security_write(page, offset, value)
    else:
        plain_write(page, offset, value)
