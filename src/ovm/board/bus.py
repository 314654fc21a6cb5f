# SPDX-License-Identifier: Apache-2.0
"""The interconnect: DDR alone so far."""

from typing import Final

from ovm.metal import VirtAddr, fn, pointer, u8, u16, u32, u64

DDR_HOST: Final = 0x4000_0000
DDR_BYTES: Final = 0x4000_0000
REFUSED: Final = 1
FAULT: Final = 1 << 32


@fn
def backing(physical: u32) -> u32:
    """Return where the simulator keeps a byte of RAM; 0 if it isn't RAM."""
    return DDR_HOST + physical if physical < DDR_BYTES else u32(0)


@fn
def ram(physical: u32, ns: u32, write: u32) -> u32:
    """Return where the simulator keeps a byte of RAM that may be accessed; 0 if it isn't RAM, 1 if it is refused."""
    return backing(physical)


@fn
def read(physical: u32, size: u32, ns: u32, master: u32) -> u64:
    """Read RAM or a device; FAULT is an external abort."""
    place = ram(physical, ns, u32(0))
    if place <= REFUSED:
        return u64(FAULT)
    if size == 4:
        return u64(pointer(u32, VirtAddr(place))[0])
    if size == 2:
        return u64(pointer(u16, VirtAddr(place))[0])
    return u64(pointer(u8, VirtAddr(place))[0])


@fn
def write(physical: u32, value: u32, size: u32, ns: u32, master: u32) -> bool:
    """Write RAM or a device; True is an external abort."""
    place = ram(physical, ns, u32(1))
    if place <= REFUSED:
        return True
    if size == 4:
        pointer(u32, VirtAddr(place))[0] = value
    elif size == 2:
        pointer(u16, VirtAddr(place))[0] = u16(value)
    else:
        pointer(u8, VirtAddr(place))[0] = u8(value)
    return False
