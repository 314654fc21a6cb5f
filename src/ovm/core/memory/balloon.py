# SPDX-License-Identifier: Apache-2.0
"""Balloon: an NRT guest gives frames back to the pool.

The pages stay part of its RAM; the next touch finds zeros in a fresh frame. OVM doesn't know which virtual addresses
map a frame, so every shadow mapping of the guest goes first. A few pages are released in one stay; the guest repeats the
call for the rest, and unmapped pages stay unmapped unless the guest touches one of them in between (`shadow`).
"""

from typing import Final

from ovm.abi.config import Level
from ovm.abi.hypercalls import INVALID_PARAMETER, NOT_SUPPORTED
from ovm.core.clock import alarm_waits
from ovm.core.guest import GUESTS
from ovm.core.memory.frames import FRAME_OFFSET, FRAME_SHIFT
from ovm.core.memory.guest_map import frame_drop
from ovm.core.memory.maintenance import maintain_all
from ovm.core.memory.tables import SHARES
from ovm.core.vcpu import Vcpu
from ovm.metal import GuestPhysAddr, fn, u32

# Pages that one call may name; that one stay releases; that a stay releases which has dropped the guest's mappings first.
BALLOON_PAGES: Final = 256
BALLOON_STEP: Final = u32(16)
FIRST_STEP: Final = u32(4)


@fn
def _unmap(vcpu: Vcpu, gpa: u32, length: u32) -> u32:
    """Drop every mapping of the guest, unless a stay before has and no page of these was mapped since.

    Return how many pages this stay may release.
    """
    share = SHARES[vcpu.guest]
    start = gpa - share.unmapped_gpa
    if start > share.unmapped_bytes or length > share.unmapped_bytes - start:
        maintain_all(vcpu)
        share.unmapped_gpa = gpa
        share.unmapped_bytes = length
        return FIRST_STEP
    return BALLOON_STEP


@fn
def balloon_release(vcpu: Vcpu, gpa: GuestPhysAddr, pages: u32) -> u32:
    """Release whole pages of RAM, at most BALLOON_PAGES and not the vCPU page.

    Return how many of them, from the first on, are released now; or an error of a hypercall.
    """
    guest = GUESTS[vcpu.guest].config
    if guest.level != Level.NRT:
        return NOT_SUPPORTED
    offset = u32(gpa) - guest.ram_gpa
    if offset & FRAME_OFFSET != 0 or pages > BALLOON_PAGES or offset > guest.ram_bytes:
        return INVALID_PARAMETER
    length = pages << FRAME_SHIFT
    if length > guest.ram_bytes - offset or guest.page_gpa - u32(gpa) < length:
        return INVALID_PARAMETER
    # ORDER: no mapping of a frame may outlive the guest's hold on it.
    most = _unmap(vcpu, u32(gpa), length)
    first = offset >> FRAME_SHIFT
    done = u32(0)
    for _ in u32.range(most, bound=BALLOON_STEP):
        if done == pages or (done != 0 and alarm_waits()):
            break
        frame_drop(vcpu, first + done)
        done += 1
    return done
