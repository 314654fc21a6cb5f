# SPDX-License-Identifier: Apache-2.0
"""TrustZone of a Zynq-7000's memory and devices (UG585, UG1019).

Everything is Secure after reset. DDR becomes Non-secure in segments of 64 MiB, except those in which OVM has a byte: the build
puts nothing else there. The on-chip memory and the SLCR itself stay Secure.
"""

from typing import Final

from ovm.core.config import CONFIG, SECURITY
from ovm.core.limits import MAX_SECURITY
from ovm.metal import Struct, VirtAddr, at, fn, overlay, pointer, u32, volatile_store

UNLOCK: Final = 0xDF0D
LOCK: Final = 0x767B
SEGMENTS: Final = 16
SEGMENT_SHIFT: Final = 26
# The place of the L2 cache's RAM timing in the SLCR, and its required value (UG585 B.28, L2C_RAM).
LEVEL2_RAM: Final = 0x0002_0202


class Slcr(Struct, volatile=True):
    """System level control registers that OVM uses."""

    lock: u32 = at(0x004)
    unlock: u32
    ddr_non_secure: u32 = at(0x430)
    # Masters whose transfers are Non-secure: Ethernet, SD, USB and the programmable logic's high-performance ports.
    ethernet_non_secure: u32 = at(0x450)
    card_non_secure: u32
    usb_non_secure: u32
    logic_non_secure: u32 = at(0x488)
    level2_ram: u32 = at(0xA1C)


@fn
def _masters_confine(slcr: Slcr) -> None:
    """Confine all bus masters to open memory: Secure transfers would reach OVM's memory (UG1019)."""
    slcr.ethernet_non_secure = 0b11
    slcr.card_non_secure = 0b11
    slcr.usb_non_secure = 0b11
    slcr.logic_non_secure = 0b1111


@fn
def devices_open() -> None:
    """Open the devices that the description gives to guests, and close all others, whatever a boot loader opened."""
    for index in u32.range(MAX_SECURITY):
        register = SECURITY[index]
        if u32(register.phys) != 0:
            # SAFETY: the build gives the address.
            volatile_store(pointer(u32, VirtAddr(u32(register.phys))), register.open)


@fn
def zynq_open_memory() -> None:
    """Open the guests' DDR to the Non-secure world."""
    # SAFETY: the build gives the address.
    slcr = overlay(Slcr, VirtAddr(u32(CONFIG.slcr_phys)))
    own_first = u32(CONFIG.ovm_phys) >> SEGMENT_SHIFT
    own_last = (u32(CONFIG.ovm_phys) + (CONFIG.ovm_bytes - 1)) >> SEGMENT_SHIFT
    open_segments = u32(0xFFFF)
    for segment in u32.range(own_first, own_last + 1, 1, bound=SEGMENTS):
        open_segments &= ~(1 << segment)
    slcr.unlock = UNLOCK
    slcr.ddr_non_secure = open_segments
    _masters_confine(slcr)
    slcr.level2_ram = LEVEL2_RAM
    slcr.lock = LOCK
