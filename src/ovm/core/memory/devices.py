# SPDX-License-Identifier: Apache-2.0
"""Pages of guests that are virtual devices: a table from page to device.

A build whose guests have none (`config.DEVICE_PAGES` is 0) contains none of this code.
"""

from typing import Final

from ovm.core.config import DEVICE_PAGES
from ovm.core.memory.frames import FRAME_MASK
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, Struct, array, fn, static, u32

NO_PAGE: Final = u32(0xFFFF_FFFF)


class DevicePage(Struct):
    """A page of a guest that is a virtual device."""

    guest: u32
    gpa: u32
    # The device, as an index of `emulate.device.DEVICES`, plus 1; 0 is an empty entry.
    device: u32


PAGES = static(array(DevicePage, max(DEVICE_PAGES, 1)))


@fn
def device_page(vcpu: Vcpu, gpa: GuestPhysAddr) -> u32:
    """Return the index in PAGES of the device page at a guest-physical address; NO_PAGE if there is none."""
    page = u32(gpa) & FRAME_MASK
    for index in u32.range(DEVICE_PAGES):
        each = PAGES[index]
        if each.gpa == page and each.guest == vcpu.guest and each.device != 0:
            return index
    return NO_PAGE
