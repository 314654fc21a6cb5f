# SPDX-License-Identifier: Apache-2.0
"""The peripherals that Non-secure accesses reach (UG1019): registers of two blocks, all write-only.

A set bit opens. The places of UART0 and UART1 in security6_apb_slaves are known (6 and 7); the other peripherals
there open when all fifteen bits are set. security_apb has DDRC, TTC1 and AFI3 to AFI0 in bits 5 to 0.
"""

from typing import Final

from ovm.board.devices.slcr import SLCR, TZ_OCM
from ovm.board.wiring import (
    AFI0,
    AFI3,
    BOOT_SECURITY,
    DDRC,
    DEBUG0,
    DEBUG1,
    DMAC_NS,
    GEM0,
    GEM1,
    GPIO,
    OCM,
    SDIO0,
    SILENT_SLAVE,
    SLAVE_SECURITY,
    TTC1,
    UART0,
    UART1,
)
from ovm.metal import Struct, fn, static, u32

APB_SLAVES: Final = 0x18  # security6, of the I/O peripherals' block
APB_BOOT: Final = 0x28  # security_apb, of the other block
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
def security_write(device: u32, offset: u32, value: u32) -> None:
    """Write a register of one of the two blocks."""
    if device == SLAVE_SECURITY and offset == APB_SLAVES:
        SECURITY.slaves = value & ALL_SLAVES
    elif device == BOOT_SECURITY and offset == APB_BOOT:
        SECURITY.boot = value & 0x3F


@fn
def _is_slave(device: u32) -> bool:
    """Return whether a device is one of the I/O peripherals that open together."""
    return device == SILENT_SLAVE or device == GPIO or device == SDIO0 or device == GEM0 or device == GEM1


@fn(inline=False)
def device_open(device: u32) -> bool:
    """Return whether Non-secure accesses reach a peripheral."""
    if device == UART0 or device == UART1:
        return (SECURITY.slaves >> (UART0_BIT + (device - UART0))) & 1 != 0
    if _is_slave(device):
        return SECURITY.slaves == ALL_SLAVES
    if device == TTC1:
        return (SECURITY.boot >> TTC1_BIT) & 1 != 0
    if device == DDRC:
        return (SECURITY.boot >> DDRC_BIT) & 1 != 0
    if device >= AFI0 and device <= AFI3:
        return (SECURITY.boot >> (device - AFI0)) & 1 != 0
    if device == OCM:
        return SLCR.words[TZ_OCM // 4] & 1 != 0
    return device == DMAC_NS or device == DEBUG0 or device == DEBUG1
