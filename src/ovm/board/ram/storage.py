# SPDX-License-Identifier: Apache-2.0
"""The bytes of RAM in the simulator: their places by physical address, and the worlds that may reach them (UG585 4.1).

RAM of the board lies in the simulator at fixed places.
"""

from typing import Final

from ovm.board.devices.scu import filtered
from ovm.board.devices.slcr import ddr_open, ocm_is_high, ocm_open
from ovm.board.wiring import WIRING
from ovm.metal import VirtAddr, fn, pointer, u8, u16, u32

DDR_HOST: Final = 0x4000_0000
OCM_HOST: Final = 0x8000_0000
OCM_BYTES: Final = 0x4_0000
REFUSED: Final = u32(1)


@fn
def _low_ocm(physical: u32) -> u32:
    if physical < OCM_BYTES and not ocm_is_high(physical >> 16):
        return OCM_HOST + physical
    return 0


@fn(inline=False)
def _beside_ddr(physical: u32) -> u32:
    if physical < WIRING.ram_bytes:
        return _low_ocm(physical)
    place = physical - WIRING.on_chip
    if place < OCM_BYTES and ocm_is_high(place >> 16):
        return OCM_HOST + place
    return 0


@fn(inline=True)
def backing(physical: u32) -> u32:
    """Return the simulator's address of a byte of RAM as the cores see it; 0 if it isn't RAM. No rights are checked."""
    if physical < WIRING.ram_bytes and filtered(physical):
        return DDR_HOST + physical
    return _beside_ddr(physical)


@fn(inline=False)
def place_of_ram(physical: u32) -> u32:
    """Return the result of `backing`, for the host program."""
    return backing(physical)


@fn
def backing_of_others(physical: u32) -> u32:
    """Return the same for masters that don't go through the SCU's filter (UG585 4.1, table 4-1)."""
    if physical >= WIRING.masters_filter and physical < WIRING.ram_bytes:
        return DDR_HOST + physical
    if physical < WIRING.ram_bytes:
        return _low_ocm(physical)
    return backing(physical)


@fn
def allowed(place: u32, ns: u32) -> bool:
    """Return whether a world may reach a byte of RAM."""
    if ns == 0:
        return True
    return ocm_open(place - OCM_HOST) if place >= OCM_HOST else ddr_open(place - DDR_HOST)


@fn(inline=True)
def ram(physical: u32, ns: u32, write: u32) -> u32:
    """Return the simulator's address of a byte of RAM that may be accessed; 0 if it isn't RAM, 1 if it is refused."""
    place = backing(physical)
    if place != 0 and not allowed(place, ns):
        return REFUSED
    return place


@fn(inline=True)
def peek(place: u32, size: u32) -> u32:
    """Read from the simulator's memory."""
    if size == 4:
        return pointer(u32, VirtAddr(place))[0]
    if size == 2:
        return u32(pointer(u16, VirtAddr(place))[0])
    return u32(pointer(u8, VirtAddr(place))[0])


@fn(inline=True)
def poke(place: u32, value: u32, size: u32) -> None:
    """Write to the simulator's memory."""
    if size == 4:
        pointer(u32, VirtAddr(place))[0] = value
    elif size == 2:
        pointer(u16, VirtAddr(place))[0] = u16(value)
    else:
        pointer(u8, VirtAddr(place))[0] = u8(value)
