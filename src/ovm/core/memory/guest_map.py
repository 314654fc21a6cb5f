# SPDX-License-Identifier: Apache-2.0
"""The map from guest-physical to physical addresses.

RAM of an NRT guest is a table of frame numbers, filled at first touch; RAM of the others is one range; regions
(channels, files, devices) come from the description. Every result is checked against the frame table: the key of the frame is
the guest's own, or the region's.
"""

from typing import Final

from ovm.abi.config import GuestConfig, Level
from ovm.core.clock import alarm_waits
from ovm.core.config import CONFIG, REGIONS
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_FRAMES, MAX_GUESTS, MAX_REGIONS
from ovm.core.memory.frames import FRAME_MASK, FRAME_OFFSET, FRAME_SHIFT, frame_key
from ovm.core.memory.pool import LATER, NO_FRAME, pool_owns, pool_return, pool_take
from ovm.core.vcpu import Vcpu
from ovm.metal import Enum, GuestPhysAddr, PhysAddr, Ptr, Struct, VirtAddr, array, fn, pointer, static, u8, u32

# Pages that one call of `frames_release` checks, and frames that it drops.
RELEASE_PAGES: Final = 256
RELEASE_STEP: Final = 16


class Lookup(Enum, width=u8):
    """The kind of thing at a guest-physical address."""

    FOUND = 0
    # Neither RAM nor a region of the guest.
    OUTSIDE = 1
    # The description names it, but the frame's key is another: a mistake that must not become a mapping.
    FOREIGN = 2
    # RAM without a frame: not touched yet (and not asked to touch), or none left for this guest.
    EMPTY = 3
    EXHAUSTED = 4
    # A frame is being made ready: ask again.
    LATER = 5


class Touch(Enum, width=u8):
    """The action for RAM that has no frame yet."""

    # Leave it without one; or give it one, unless an interrupt comes first.
    NO = 0
    YES = 1


class Place(Struct):
    """The place of a guest-physical address, and the rights there."""

    phys: PhysAddr
    writable: bool
    device: bool


class Holdings(Struct):
    """Frames that a guest holds."""

    frames: u32
    # The progress of `frames_release`.
    released: u32


HOLDINGS = static(array(Holdings, MAX_GUESTS))


@fn(inline=True)
def _frame_map(guest: GuestConfig) -> Ptr[u32]:
    # SAFETY: the description reserves one word per page of the guest's RAM; OVM's own memory.
    return pointer(u32, VirtAddr(u32(guest.frame_map_phys)))


@fn(inline=False)
def _look_up_region(index: u32, gpa: GuestPhysAddr, place: Place) -> Lookup:
    for number in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[number]
        offset = u32(gpa) - region.gpa
        if u32(region.guest) == index and offset < region.length:
            place.phys = region.phys + offset
            place.writable = region.flags.writable
            place.device = region.flags.device
            if not region.flags.device and frame_key(place.phys) != region.key:
                return Lookup.FOREIGN
            return Lookup.FOUND
    return Lookup.OUTSIDE


@fn
def frame_drop(vcpu: Vcpu, frame_number: u32) -> bool:
    """Take the frame of one RAM page from the guest; return False if it has none. Every mapping of it must be gone.

    A frame of the pool goes back there; one of the image stays the guest's, unused, until it is started again.
    """
    guest = GUESTS[vcpu.guest].config
    number = _frame_map(guest)[frame_number]
    if number == 0:
        return False
    _frame_map(guest)[frame_number] = 0
    HOLDINGS[vcpu.guest].frames -= 1
    if pool_owns(PhysAddr(number << FRAME_SHIFT)):
        pool_return(PhysAddr(number << FRAME_SHIFT))
    return True


@fn
def frames_release(vcpu: Vcpu) -> bool:
    """Drop a few frames of a guest that has stopped, fewer if the alarm waits; return True when none is left."""
    holdings = HOLDINGS[vcpu.guest]
    frames = GUESTS[vcpu.guest].config.ram_bytes >> FRAME_SHIFT
    number = holdings.released
    dropped = u32(0)
    for _ in u32.range(RELEASE_PAGES):
        if number == frames or dropped == RELEASE_STEP or (number != holdings.released and alarm_waits()):
            break
        dropped += u32(frame_drop(vcpu, number))
        number += 1
    holdings.released = number
    return number == frames


@fn(inline=False)
def _first_touch(vcpu: Vcpu, frame_number: u32) -> PhysAddr:
    """Give the guest a frame for a page of its RAM; return it, NO_FRAME at its limit, or LATER.

    The pool keeps all limits (S125).
    """
    guest = GUESTS[vcpu.guest].config
    if HOLDINGS[vcpu.guest].frames >= guest.frame_limit:
        return PhysAddr(NO_FRAME)
    frame = pool_take(vcpu.key)
    if frame < LATER:
        _frame_map(guest)[frame_number] = frame >> FRAME_SHIFT
        HOLDINGS[vcpu.guest].frames += 1
        vcpu.counters.allocations += 1
    return frame


@fn(inline=True)
def touched(vcpu: Vcpu, gpa: GuestPhysAddr) -> u32:
    """Return the physical address of a byte of an NRT guest's RAM; 0 for RAM without a frame and for anything else.

    For OVM's own reads only: the frame map holds only the guest's frames, but a mapping also checks the frame table.
    """
    guest = GUESTS[vcpu.guest].config
    offset = u32(gpa) - guest.ram_gpa
    if offset >= guest.ram_bytes:
        return 0
    number = _frame_map(guest)[offset >> FRAME_SHIFT]
    return 0 if number == 0 else number << FRAME_SHIFT | offset & FRAME_OFFSET


@fn(inline=True)
def look_up_here(vcpu: Vcpu, gpa: GuestPhysAddr, touch: Touch, place: Place) -> Lookup:
    """Do the same as `look_up`, inlined, for the path of a fill."""
    guest = GUESTS[vcpu.guest].config
    offset = u32(gpa) - guest.ram_gpa
    if offset >= guest.ram_bytes:
        return _look_up_region(vcpu.guest, gpa, place)
    frame = guest.ram_phys + (offset & FRAME_MASK)
    if vcpu.level == Level.NRT:
        number = _frame_map(guest)[offset >> FRAME_SHIFT]
        frame = PhysAddr(number << FRAME_SHIFT)
        if number == 0:
            if touch == Touch.NO:
                return Lookup.EMPTY
            frame = _first_touch(vcpu, offset >> FRAME_SHIFT)
            if frame >= LATER:
                return Lookup.LATER if frame == LATER else Lookup.EXHAUSTED
    place.phys = frame | (offset & FRAME_OFFSET)
    place.writable = True
    place.device = False
    return Lookup.FOUND if frame_key(frame) == vcpu.key else Lookup.FOREIGN


@fn(inline=False)
def look_up(vcpu: Vcpu, gpa: GuestPhysAddr, touch: Touch, place: Place) -> Lookup:
    """Find a guest-physical address; with `touch`, give untouched RAM its frame. Fills `place` when found."""
    return look_up_here(vcpu, gpa, touch, place)


@fn
def frame_map_initialise(index: u32) -> None:
    """Give an NRT guest the frames of its image and no others. At boot only: it takes a step per page of its RAM."""
    guest = GUESTS[index].config
    frame_map = _frame_map(guest)
    for number in u32.range(guest.ram_bytes >> FRAME_SHIFT, bound=MAX_FRAMES):
        frame_map[number] = 0
    first = (guest.image_gpa - guest.ram_gpa) >> FRAME_SHIFT
    pages = (guest.image_bytes + FRAME_OFFSET) >> FRAME_SHIFT
    for page in u32.range(pages, bound=MAX_FRAMES):
        frame_map[first + page] = (guest.image_phys >> FRAME_SHIFT) + page
    HOLDINGS[index].frames = pages
    HOLDINGS[index].released = 0
