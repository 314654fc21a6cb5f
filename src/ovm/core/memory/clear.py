# SPDX-License-Identifier: Apache-2.0
"""Memory that OVM clears at boot, so that guests find zeros there whatever a boot loader left.

The loader loads whole pages, from the start of each guest's RAM (or NRT image) on; the configuration gives the number of bytes.
The rest is cleared here. Frames of the pool are not: each is zeroed when it is given.
"""

from ovm.abi.config import FRAME_BYTES, Level
from ovm.core.config import CONFIG, REGIONS
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_FRAMES, MAX_GUESTS, MAX_REGIONS
from ovm.core.memory.frames import FRAME_SHIFT
from ovm.core.memory.pool import memory_zero
from ovm.metal import PhysAddr, fn, u32


@fn
def _clear(start: PhysAddr, length: u32) -> None:
    for frame in u32.range((length + (FRAME_BYTES - 1)) >> FRAME_SHIFT, bound=MAX_FRAMES):
        memory_zero(start + (frame << FRAME_SHIFT), FRAME_BYTES)


@fn
def memory_clear() -> None:
    """Clear memory into which nothing was loaded. At boot only: it takes a step per word."""
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        guest = GUESTS[index].config
        if guest.level == Level.NRT:
            _clear(guest.image_phys + guest.loaded_bytes, guest.image_bytes - guest.loaded_bytes)
        else:
            _clear(guest.ram_phys + guest.loaded_bytes, guest.ram_bytes - guest.loaded_bytes)
    for index in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[index]
        if region.flags.empty:
            _clear(region.phys, region.length)
