# SPDX-License-Identifier: Apache-2.0
"""Balloon: an NRT guest gives frames back to the pool.

The pages stay part of its RAM; the next touch finds zeros in a fresh frame. OVM doesn't know which virtual addresses
map a frame, so every shadow mapping of the guest goes first, once for all pages of the call.
"""

from typing import Final

from ovm.abi.config import Level
from ovm.abi.hypercalls import INVALID_PARAMETER, NOT_SUPPORTED, SUCCESS
from ovm.core.config import GUESTS
from ovm.core.memory.fetch import fetches_forget
from ovm.core.memory.frames import FRAME_OFFSET, FRAME_SHIFT
from ovm.core.memory.guest_map import frame_drop
from ovm.core.memory.maintenance import maintain_all
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, fn, u32

# Pages that one call may release: bounds how long it takes.
BALLOON_PAGES: Final = 256


@fn
def balloon_release(vcpu: Vcpu, gpa: GuestPhysAddr, pages: u32) -> u32:
    """Release whole pages of RAM, at most BALLOON_PAGES and not the vCPU page; a hypercall result."""
    guest = GUESTS[vcpu.index]
    if guest.level != Level.NRT:
        return u32(NOT_SUPPORTED)
    offset = u32(gpa) - guest.ram_gpa
    if offset & FRAME_OFFSET != 0 or pages > BALLOON_PAGES or offset > guest.ram_bytes:
        return u32(INVALID_PARAMETER)
    length = pages << FRAME_SHIFT
    if length > guest.ram_bytes - offset or guest.page_gpa - u32(gpa) < length:
        return u32(INVALID_PARAMETER)
    # ORDER: no mapping of a frame may outlive the guest's hold on it.
    maintain_all(vcpu)
    first = offset >> FRAME_SHIFT
    for number in u32.range(first, first + pages, 1, bound=BALLOON_PAGES):
        frame_drop(vcpu, number)
    fetches_forget()
    return u32(SUCCESS)
