# SPDX-License-Identifier: Apache-2.0
"""A virtual device for tests: a page of bytes that reads as it was written."""

from typing import Final

from ovm.core.emulate.device import device_add
from ovm.core.memory.fault import fault
from ovm.core.trap.abort import data_abort
from ovm.core.vcpu import Vcpu
from ovm.metal import array, fn, static, u8, u32
from tests.core import machine

CONTENT = static(array(u8, 4096))


@fn
def mirror_read(vcpu: Vcpu, offset: u32, length: u32) -> u32:
    """Read bytes, the first one lowest."""
    value = u32(0)
    for at in u32.range(length, bound=4):
        value |= u32(CONTENT[offset + at]) << (8 * at)
    return value


@fn
def mirror_write(vcpu: Vcpu, offset: u32, length: u32, value: u32) -> None:
    """Write bytes."""
    for at in u32.range(length, bound=4):
        CONTENT[offset + at] = u8(value >> (8 * at))


MIRROR: Final = device_add(mirror_read, mirror_write)
ROOTS: Final = (*machine.ROOTS, mirror_read, mirror_write, data_abort, fault)
