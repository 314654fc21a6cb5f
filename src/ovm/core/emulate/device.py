# SPDX-License-Identifier: Apache-2.0
"""Virtual devices: an access that aborted is decoded and given to the device of its page.

A kind of device is a row of DEVICES, with the functions that read and write it. A module that defines one calls `device_add`
when it is imported, and
a build that needs it imports that module. `memory.devices` says which pages belong to which device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ovm.arm.faults import FS_ALIGNMENT
from ovm.arm.psr import PSR_E, PSR_T
from ovm.core.emulate.fetch import instruction_fetch
from ovm.core.emulate.outcome import Emulated, step_over
from ovm.core.emulate.transfer import Transfer, arm_transfer, thumb_transfer
from ovm.core.memory.access import Access
from ovm.core.memory.guest_access import GuestWord
from ovm.core.memory.refusal import reflect
from ovm.core.vcpu import Vcpu
from ovm.metal import byte_swap, fn, i8, i16, u8, u16, u32, unroll

# The vCPU, the offset in the page, and the bytes of the access (1, 2 or 4, at a multiple of that).
Read = Callable[[Vcpu, u32, u32], u32]
Write = Callable[[Vcpu, u32, u32, u32], None]
PAGE_OFFSET: Final = 0xFFF


@dataclass(frozen=True)
class Device:
    """The functions that read and write a kind of virtual device."""

    read: Read
    write: Write


DEVICES: Final[list[Device]] = []


def device_add(read: Read, write: Write) -> int:
    """Add a kind of device to the build; return its index."""
    DEVICES.append(Device(read, write))
    return len(DEVICES) - 1


@fn
def _read(vcpu: Vcpu, device: u32, offset: u32, length: u32) -> u32:
    for number, each in unroll(tuple(enumerate(DEVICES))):
        if device == number:
            return each.read(vcpu, offset, length)
    return 0


@fn
def _write(vcpu: Vcpu, device: u32, offset: u32, length: u32, value: u32) -> None:
    for number, each in unroll(tuple(enumerate(DEVICES))):
        if device == number:
            each.write(vcpu, offset, length, value)
            return


@fn
def _ordered(vcpu: Vcpu, value: u32, length: u32) -> u32:
    """Put the bytes of a value in the order of CPSR.E (ARM A3.3)."""
    return byte_swap(value) >> (32 - 8 * length) if vcpu.psr & PSR_E != 0 else value


@fn
def _extended(value: u32, transfer: Transfer) -> u32:
    """Return the value that a load puts into its register."""
    if transfer.bytes == 1:
        return u32(i8(value)) if transfer.signed else u32(u8(value))
    if transfer.bytes == 2:
        return u32(i16(value)) if transfer.signed else u32(u16(value))
    return value


@fn
def _transfer(vcpu: Vcpu, device: u32, transfer: Transfer) -> None:
    offset = transfer.place & PAGE_OFFSET
    if transfer.load:
        value = _ordered(vcpu, _read(vcpu, device, offset, transfer.bytes), transfer.bytes)
        if transfer.write_back:
            vcpu.registers[transfer.base] = transfer.moved
        vcpu.registers[transfer.register] = _extended(value, transfer)
        return
    value = vcpu.registers[transfer.register] & (0xFFFF_FFFF >> (32 - 8 * transfer.bytes))
    _write(vcpu, device, offset, transfer.bytes, _ordered(vcpu, value, transfer.bytes))
    if transfer.write_back:
        vcpu.registers[transfer.base] = transfer.moved


@fn(inline=False)
def device_access(vcpu: Vcpu, device: u32, address: u32, access: Access) -> Emulated:
    """Do the instruction at the guest's pc, whose access to a device's page aborted.

    UNDEFINED if it isn't one that can reach a device. AGAIN if the instruction is no longer the one that aborted.
    """
    thumb = vcpu.psr & PSR_T != 0
    word = GuestWord()
    if not instruction_fetch(vcpu, thumb, word):
        return Emulated.AGAIN
    transfer = Transfer()
    known = thumb_transfer(vcpu, word.value, transfer) if thumb else arm_transfer(vcpu, word.value, transfer)
    if not known:
        return Emulated.UNDEFINED
    if transfer.place != address or transfer.load != (access == Access.READ):
        return Emulated.AGAIN
    if address & (transfer.bytes - 1) != 0:
        reflect(vcpu, address, access, FS_ALIGNMENT)
        return Emulated.ABORTED
    _transfer(vcpu, device, transfer)
    step_over(vcpu, 2 if thumb and word.value >> 16 == 0 else 4)
    vcpu.counters.emulated += 1
    return Emulated.DONE
