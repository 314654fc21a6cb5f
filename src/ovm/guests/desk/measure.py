# SPDX-License-Identifier: Apache-2.0
"""The cost of a demand fill: time to touch pages that are allocated but that no TLB entry maps.

Each page of a window of small pages is dropped by address, then all are touched. The mean over the fastest batch is
reported, since the slower ones hold other guests' turns.
"""

from typing import Final

from ovm.guests.desk.frames import NO_FRAME, frame_drop, frame_place, frame_take_zeroed
from ovm.guests.desk.layout import PAGE, WINDOW
from ovm.guests.desk.tables import KERNEL_TABLE, WINDOW_PAGE, drop_address
from ovm.guests.lib.vcpu import nanoseconds, now
from ovm.metal import Ptr, VirtAddr, address, array, dsb, first, fn, pointer, static, u16, u32, u64, volatile_load

PAGES: Final = 128
_BATCHES: Final = 8
_LEVEL2_ENTRIES: Final = 256

WINDOW_TABLE = static(array(u32, _LEVEL2_ENTRIES), align=1024)
FRAMES = static(array(u16, PAGES))


@fn
def open_window(level1: Ptr[u32]) -> bool:
    """Map the window; return False when there is no memory left."""
    for page in u32.range(PAGES):
        frame = frame_take_zeroed()
        if frame == NO_FRAME:
            return False
        FRAMES[page] = u16(frame)
        WINDOW_TABLE[page] = u32(frame_place(frame)) | WINDOW_PAGE
    level1[WINDOW >> 20] = u32(address(first(WINDOW_TABLE))) | KERNEL_TABLE
    dsb()
    return True


@fn
def close_window() -> None:
    """Give the window's memory back."""
    for page in u32.range(PAGES):
        WINDOW_TABLE[page] = 0
        dsb()
        drop_address(VirtAddr(WINDOW) + page * PAGE, 0)
        frame_drop(u32(FRAMES[page]))


@fn
def touch() -> None:
    """Read a word of each page."""
    words = pointer(u32, VirtAddr(WINDOW))
    for page in u32.range(PAGES):
        volatile_load(words + page * (PAGE // 4))


@fn
def fill_nanoseconds() -> u32:
    """Return the mean cost of one demand fill, in the fastest batch."""
    touch()
    fastest = u64(0xFFFF_FFFF_FFFF_FFFF)
    for _ in u32.range(_BATCHES):
        for page in u32.range(PAGES):
            drop_address(VirtAddr(WINDOW) + page * PAGE, 0)
        start = now()
        touch()
        fastest = min(fastest, now() - start)
    return nanoseconds(fastest) // PAGES
