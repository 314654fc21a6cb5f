# SPDX-License-Identifier: Apache-2.0
"""The peripherals that Non-secure accesses reach (UG1019): registers at 0xE020_0000 and 0xF890_0000, all write-only.

A set bit opens. The places of UART0 and UART1 in security6_apb_slaves are known (6 and 7); the other peripherals
there open when all fifteen bits are set. security_apb has DDRC, TTC1 and AFI3 to AFI0 in bits 5 to 0.
"""

from typing import Final

from ovm.board.devices.slcr import SLCR, TZ_OCM
from ovm.metal import Struct, fn, static, u32

APB_SLAVES: Final = 0x18  # security6, of the block at 0xE020_0000
APB_BOOT: Final = 0x28  # security_apb, of the block at 0xF890_0000
ALL_SLAVES: Final = 0x7FFF
UART0_BIT: Final = 6
TTC1_BIT: Final = 4
DDRC_BIT: Final = 5


class Security(Struct):
    """The written values."""

    slaves: u32
    boot: u32


SECURITY = static(Security)


@fn
def security_reset() -> None:
    """Close everything."""
    SECURITY.slaves = 0
    SECURITY.boot = 0


@fn
def security_write(block: u32, offset: u32, value: u32) -> None:
    """Write a register of the block at this page number."""
    if block == 0xE0200 and offset == APB_SLAVES:
        SECURITY.slaves = value & ALL_SLAVES
    elif block == 0xF8900 and offset == APB_BOOT:
        SECURITY.boot = value & 0x3F


@fn(inline=False)
def device_open(page: u32) -> bool:
    """Return whether Non-secure accesses reach the peripheral at this page number."""
    if page == 0xE0000 or page == 0xE0001:
        return (SECURITY.slaves >> (UART0_BIT + (page & 1))) & 1 != 0
    if page >= 0xE0002 and page < 0xE0200:
        return SECURITY.slaves == ALL_SLAVES
    if page == 0xF8002:
        return (SECURITY.boot >> TTC1_BIT) & 1 != 0
    if page == 0xF8006:
        return (SECURITY.boot >> DDRC_BIT) & 1 != 0
    if page >= 0xF8008 and page < 0xF800C:
        return (SECURITY.boot >> (page - 0xF8008)) & 1 != 0
    if page == 0xF800C:
        return SLCR.words[TZ_OCM // 4] & 1 != 0
    return page == 0xF8004
