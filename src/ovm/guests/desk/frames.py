# SPDX-License-Identifier: Apache-2.0
"""Physical memory: small frames with reference counts, 64 KiB pages, one section.

A *blank* frame is one that OVM promises to be zero: never touched, or given back through the balloon. The kernel relies
on that promise and doesn't clear such a frame, so the programs' checks for zeroes check OVM too.
"""

from typing import Final

from ovm.abi.hypercalls import BALLOON_RELEASE
from ovm.guests.desk.layout import (
    LARGE_OFFSET,
    LARGE_PAGE,
    LARGE_PAGES,
    PAGE,
    POOL_FRAMES,
    POOL_OFFSET,
    SECTION,
    SECTION_OFFSET,
)
from ovm.guests.lib.call import call
from ovm.metal import Array, GuestPhysAddr, Ptr, Struct, VirtAddr, array, fn, pointer, static, u8, u16, u32

NO_FRAME: Final = u32(0xFFFF)
_WORDS: Final = PAGE // 4


class Pool(Struct):
    """All memory that programs may get."""

    ram: GuestPhysAddr
    free: u32
    returned: u32
    stack: Array[u16] = array(u16, POOL_FRAMES)
    references: Array[u8] = array(u8, POOL_FRAMES)
    blank: Array[u8] = array(u8, POOL_FRAMES)
    # A bit per 64 KiB page in use; whether the section is.
    large_used: u32
    section_used: bool


POOL = static(Pool)


@fn
def frames_initialise(ram: GuestPhysAddr) -> None:
    """Put every frame into the pool, blank."""
    POOL.ram = ram
    POOL.free = POOL_FRAMES
    for index in u32.range(POOL_FRAMES):
        POOL.stack[index] = u16(index)
        POOL.blank[index] = 1


@fn
def frame_place(frame: u32) -> GuestPhysAddr:
    """Return the address of a frame."""
    return POOL.ram + POOL_OFFSET + frame * PAGE


@fn
def frame_at(place: GuestPhysAddr) -> u32:
    """Return the number of the frame at an address; NO_FRAME for memory outside the pool."""
    offset = place - (POOL.ram + POOL_OFFSET)
    return offset // PAGE if offset < POOL_FRAMES * PAGE else NO_FRAME


@fn
def words_at(place: GuestPhysAddr) -> Ptr[u32]:
    """Return physical memory as the kernel sees it."""
    # SAFETY: the kernel's sections map all RAM at virtual = physical.
    return pointer(u32, VirtAddr(u32(place)))


@fn
def clear(place: GuestPhysAddr, length: u32) -> None:
    """Fill memory with zeroes."""
    words = words_at(place)
    for index in u32.range(length // 4, bound=SECTION // 4):
        words[index] = 0


@fn
def frame_take() -> u32:
    """Take a frame with arbitrary content and one reference; return NO_FRAME when there is none."""
    if POOL.free == 0:
        return NO_FRAME
    POOL.free -= 1
    frame = u32(POOL.stack[POOL.free])
    POOL.references[frame] = 1
    return frame


@fn
def frame_take_zeroed() -> u32:
    """Take a frame full of zeroes."""
    frame = frame_take()
    if frame != NO_FRAME:
        if POOL.blank[frame] == 0:
            clear(frame_place(frame), PAGE)
        POOL.blank[frame] = 0
    return frame


@fn
def frame_copy(source: u32) -> u32:
    """Take a frame and copy another into it."""
    frame = frame_take()
    if frame != NO_FRAME:
        POOL.blank[frame] = 0
        target_words = words_at(frame_place(frame))
        source_words = words_at(frame_place(source))
        for index in u32.range(_WORDS):
            target_words[index] = source_words[index]
    return frame


@fn
def frame_share(frame: u32) -> None:
    """Count one more reference."""
    POOL.references[frame] += 1


@fn
def frame_drop(frame: u32) -> None:
    """Drop one reference; a frame without any is free."""
    POOL.references[frame] -= 1
    if POOL.references[frame] == 0:
        POOL.stack[POOL.free] = u16(frame)
        POOL.free += 1


@fn
def frames_return() -> None:
    """Give every free frame that was touched back to OVM."""
    for index in u32.range(POOL.free, bound=POOL_FRAMES):
        frame = u32(POOL.stack[index])
        if POOL.blank[frame] == 0:
            call(BALLOON_RELEASE, u32(frame_place(frame)), 1, 0)
            POOL.blank[frame] = 1
            POOL.returned += 1


@fn
def large_take() -> GuestPhysAddr:
    """Take a 64 KiB page full of zeroes; return 0 when there is none."""
    for index in u32.range(LARGE_PAGES):
        bit = 1 << index
        if POOL.large_used & bit == 0:
            POOL.large_used |= bit
            place = POOL.ram + LARGE_OFFSET + index * LARGE_PAGE
            clear(place, LARGE_PAGE)
            return place
    return GuestPhysAddr(0)


@fn
def large_drop(place: GuestPhysAddr) -> None:
    """Give a 64 KiB page back."""
    index = (place - (POOL.ram + LARGE_OFFSET)) // LARGE_PAGE
    POOL.large_used &= ~(1 << index)


@fn
def section_take() -> GuestPhysAddr:
    """Take the section, full of zeroes; return 0 when it is in use."""
    if POOL.section_used:
        return GuestPhysAddr(0)
    POOL.section_used = True
    clear(POOL.ram + SECTION_OFFSET, SECTION)
    return POOL.ram + SECTION_OFFSET


@fn
def section_drop() -> None:
    """Give the section back."""
    POOL.section_used = False
