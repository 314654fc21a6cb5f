# SPDX-License-Identifier: Apache-2.0
"""The interconnect: the device at a physical address, the masters that reach it, and its latency (UG585 4.1, chapter 5; UG1019).

An access to neither RAM nor a device, or one that TrustZone refuses, is
an external abort. The host program is a master that never waits and changes no device by reading.
"""

from typing import Final

from ovm.board import clock, events
from ovm.board.cache import level2
from ovm.board.devices.peripherals import peripheral_read, peripheral_write
from ovm.board.devices.private import private_read, private_write
from ovm.board.devices.security import device_open
from ovm.board.parameters import PARAMETERS
from ovm.board.ram.contention import LEVEL2, moves_and_waits
from ovm.board.ram.dram import dram_read, dram_write
from ovm.board.ram.storage import DDR_HOST, OCM_HOST, REFUSED, allowed, backing, backing_of_others, peek, poke
from ovm.board.state import CPU, running
from ovm.board.wiring import DISTRIBUTOR, LEVEL2_CACHE, NO_DEVICE, PRIVATE, device_at
from ovm.metal import fn, u32, u64

FAULT: Final = u64(1 << 32)

MASTER_DMA: Final = 2
MASTER_HOST: Final = 3


@fn
def _stall(cycles: u32, master: u32) -> None:
    if master < MASTER_DMA:
        clock.stall(cycles)


@fn
def _place(physical: u32, ns: u32, master: u32) -> u32:
    place = backing_of_others(physical) if master == MASTER_DMA else backing(physical)
    if place != 0 and master != MASTER_HOST and not allowed(place, ns):
        return REFUSED
    return place


@fn
def _refuse(physical: u32, master: u32, write: u32) -> None:
    if master != MASTER_HOST:
        events.happened(events.BUS_REFUSED, physical, master | write << 8)


@fn
def _device_cycles(device: u32) -> u32:
    private = device >= PRIVATE and device <= LEVEL2_CACHE
    return PARAMETERS.private_access if private else PARAMETERS.peripheral_access


@fn
def _core(master: u32) -> u32:
    """Return the core whose banked registers a master sees; only cores have a private region."""
    return CPU.number if master == MASTER_HOST else master


@fn
def _reaches(device: u32, ns: u32, master: u32) -> bool:
    """Return whether there is a device that this access may reach."""
    if device >= PRIVATE and device <= LEVEL2_CACHE:
        return master != MASTER_DMA
    return device != NO_DEVICE and (ns == 0 or device_open(device))


@fn(inline=False)
def _read_device(physical: u32, size: u32, ns: u32, master: u32) -> u64:
    device = device_at(physical)
    if not _reaches(device, ns, master):
        _refuse(physical, master, 0)
        return FAULT
    if master < MASTER_DMA:
        events.count(events.COUNT_DEVICE_ACCESSES, 1)
    _stall(_device_cycles(device), master)
    look = master == MASTER_HOST
    if device == PRIVATE or device == DISTRIBUTOR:
        return u64(private_read(_core(master), physical & 0x1FFF, size, ns, look))
    offset = physical & 0xFFC
    if device == LEVEL2_CACHE:
        return level2.read(offset, ns)
    word = peripheral_read(device, offset, look) >> ((physical & 3) * 8)
    return u64(word if size == 4 else word & ((1 << (size * 8)) - 1))


@fn(inline=False)
def _write_device(physical: u32, value: u32, size: u32, ns: u32, master: u32) -> bool:
    device = device_at(physical)
    if not _reaches(device, ns, master):
        _refuse(physical, master, 1)
        return True
    if master < MASTER_DMA:
        events.count(events.COUNT_DEVICE_ACCESSES, 1)
    _stall(_device_cycles(device), master)
    if device == PRIVATE or device == DISTRIBUTOR:
        private_write(_core(master), physical & 0x1FFF, value, size, ns)
        return False
    offset = physical & 0xFFC
    if device == LEVEL2_CACHE:
        return level2.write(offset, value, ns)
    shift = (physical & 3) * 8
    peripheral_write(device, offset, value << shift, (0xFFFF_FFFF >> (32 - size * 8)) << shift)
    return False


@fn(inline=False)
def read(physical: u32, size: u32, ns: u32, master: u32) -> u64:
    """Read RAM or a device; FAULT is an external abort."""
    place = _place(physical, ns, master)
    if place == 0:
        return _read_device(physical, size, ns, master)
    if place == REFUSED:
        _refuse(physical, master, 0)
        return FAULT
    if master < MASTER_DMA:
        _wait_for_read(place)
    return u64(peek(place, size))


@fn
def _wait_for_read(place: u32) -> None:
    if place >= OCM_HOST:
        clock.stall(PARAMETERS.on_chip_read)
        return
    clock.stall(moves_and_waits(running(), LEVEL2))
    clock.stall(dram_read(place - DDR_HOST, clock.now()))


@fn
def _wait_for_write(place: u32) -> None:
    if place >= OCM_HOST:
        clock.stall(PARAMETERS.on_chip_read)
        return
    dram_write(place - DDR_HOST, clock.now())
    clock.stall(moves_and_waits(running(), LEVEL2) + PARAMETERS.memory_write)


@fn(inline=False)
def write(physical: u32, value: u32, size: u32, ns: u32, master: u32) -> bool:
    """Write RAM or a device; return True for an external abort."""
    place = _place(physical, ns, master)
    if place == 0:
        return _write_device(physical, value, size, ns, master)
    if place == REFUSED:
        _refuse(physical, master, 1)
        return True
    if master < MASTER_DMA:
        _wait_for_write(place)
    poke(place, value, size)
    return False
