# SPDX-License-Identifier: Apache-2.0
"""The places of RAM and devices, and the interrupts of devices: the host program fills this in from the board file.

No other file of the board has a physical address or the number of a shared interrupt (`ovm.board.api.wiring`).
"""

from typing import Final

from ovm.metal import Array, Struct, array, fn, static, u8, u32

PAGE_SHIFT: Final = 12
# Devices by number. A page without one is no device's; a silent page reads as zero and ignores writes.
NO_DEVICE: Final = 0
SILENT: Final = 1
SILENT_SLAVE: Final = 2  # opened with all slaves of the I/O peripherals
PRIVATE: Final = 3
DISTRIBUTOR: Final = 4
LEVEL2_CACHE: Final = 5
UART0: Final = 6
UART1: Final = 7
SLCR_DEVICE: Final = 8
TTC0: Final = 9
TTC1: Final = 10
DMAC: Final = 11
DMAC_NS: Final = 12
SWDT: Final = 13
SDIO0: Final = 14
GEM0: Final = 15
GEM1: Final = 16
SLAVE_SECURITY: Final = 17
BOOT_SECURITY: Final = 18
# Storage alone, in this order.
GPIO: Final = 19
DDRC: Final = 20
DEVCFG: Final = 21
AFI0: Final = 22
AFI3: Final = 25
OCM: Final = 26
# Debug registers of each core.
DEBUG0: Final = 27
DEBUG1: Final = 28


class Wiring(Struct):
    """Addresses are physical; interrupts are GIC ids, 0 for none."""

    ram_bytes: u32  # of DDR, from address 0
    on_chip: u32  # the on-chip memory where it is high
    masters_filter: u32  # DDR begins here for masters that are no cores
    scu_filter_start: u32  # registers after reset
    scu_filter_end: u32
    level2_filter_start: u32
    level2_filter_end: u32
    private: u32  # PERIPHBASE
    cores: u32
    console: u32  # the UART that the boot loader uses, and its baud rate generator
    console_generator: u32
    uart: Array[u32] = array(u32, 2)
    triple: Array[u32] = array(u32, 6)
    dmac: Array[u32] = array(u32, 9)  # abort, then events
    monitors: Array[u32] = array(u32, 2)  # of each core
    watchdog: u32
    sdio: u32


WIRING = static(Wiring)
DEVICES = static(array(u8, 1 << 20))


@fn(inline=True)
def device_at(physical: u32) -> u32:
    """Return the device at an address."""
    return u32(DEVICES[physical >> PAGE_SHIFT])


@fn
def cores_mask() -> u32:
    """Return a bit for each core."""
    return (1 << WIRING.cores) - 1
