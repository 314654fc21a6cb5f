# SPDX-License-Identifier: Apache-2.0
"""Frame table: the protection key of every physical frame.

One byte per 4 KiB of RAM gives its owner (`ovm.abi.config`, KEY_*). A frame changes its owner only by a change of its byte
here, after every mapping of it is gone. A mapping is built only where the guest holds the byte's key, whatever its tables say;
the description's addresses are checked the same way.
"""

from typing import Final

from ovm.abi.config import FRAME_BYTES, KEY_FREE, KEY_NONE, KEY_OVM, Level
from ovm.core.config import CONFIG, REGIONS
from ovm.core.guard import GUARD_FRAME, guard
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_FRAMES, MAX_GUESTS, MAX_REGIONS
from ovm.metal import PhysAddr, Ptr, VirtAddr, fn, pointer, u8, u32

FRAME_SHIFT: Final = 12
FRAME_MASK: Final = 0xFFFF_F000
FRAME_OFFSET: Final = 0xFFF

# Owners that are no key: a device, or no memory at all.
OWNER_DEVICE: Final = 0x100
OWNER_NOTHING: Final = KEY_NONE


@fn(inline=True)
def _table() -> Ptr[u8]:
    # SAFETY: the description reserves one byte per frame at this place, in the secure map.
    return pointer(u8, VirtAddr(u32(CONFIG.frame_table_phys)))


@fn(inline=True)
def frame_key(phys: PhysAddr) -> u8:
    """Return the protection key of a frame; KEY_NONE outside RAM."""
    offset = phys - CONFIG.ram_phys
    if offset >= CONFIG.ram_bytes:
        return KEY_NONE
    return _table()[offset >> FRAME_SHIFT]


@fn
def frame_give(phys: PhysAddr, key: u8) -> None:
    """Set the key of one frame of RAM."""
    offset = phys - CONFIG.ram_phys
    guard(offset < CONFIG.ram_bytes, GUARD_FRAME)
    _table()[offset >> FRAME_SHIFT] = key


@fn
def _give_range(phys: PhysAddr, length: u32, key: u8) -> None:
    """Set the key of all frames that a range touches; addresses outside RAM are ignored."""
    start = phys & FRAME_MASK
    frames = (length + (phys - start) + (FRAME_BYTES - 1)) >> FRAME_SHIFT
    for index in u32.range(frames, bound=MAX_FRAMES):
        frame = start + (index << FRAME_SHIFT)
        if frame - CONFIG.ram_phys < CONFIG.ram_bytes:
            frame_give(frame, key)


@fn
def frames_initialise() -> None:
    """Give every frame of RAM its key by the description. At boot only: it takes a step per frame of RAM."""
    _give_range(CONFIG.ram_phys, CONFIG.ram_bytes, KEY_NONE)
    _give_range(CONFIG.pool_phys, CONFIG.pool_bytes, KEY_FREE)
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        guest = GUESTS[index].config
        if guest.level == Level.NRT:
            _give_range(guest.image_phys, guest.image_bytes, guest.key)
        else:
            _give_range(guest.ram_phys, guest.ram_bytes, guest.key)
    for index in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[index]
        if not region.flags.device:
            _give_range(region.phys, region.length, region.key)
    # ORDER: OVM's own frames last, so that no mistake in the description gives any of them to a guest.
    for index in u32.range(CONFIG.guest_count, bound=MAX_GUESTS):
        if u32(GUESTS[index].config.table_phys) != 0:
            _give_range(GUESTS[index].config.table_phys, 1 << 14, KEY_OVM)
    _give_range(CONFIG.ovm_phys, CONFIG.ovm_bytes, KEY_OVM)
    _give_range(CONFIG.level1_phys, (CONFIG.level1_count + 1) << 14, KEY_OVM)
    _give_range(CONFIG.level2_phys, CONFIG.level2_count << 10, KEY_OVM)
    _give_range(CONFIG.gate_phys, CONFIG.cpu_count << FRAME_SHIFT, KEY_OVM)


@fn
def owner_of(phys: PhysAddr) -> u32:
    """Return the owner of memory at a physical address: a key, OWNER_DEVICE or OWNER_NOTHING."""
    if phys - CONFIG.ram_phys < CONFIG.ram_bytes:
        return u32(frame_key(phys))
    if phys - CONFIG.ovm_phys < CONFIG.ovm_bytes:
        return KEY_OVM
    for index in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[index]
        if region.flags.device and phys - region.phys < region.length:
            return OWNER_DEVICE
    if _is_board_device(phys & FRAME_MASK):
        return OWNER_DEVICE
    return OWNER_NOTHING


@fn
def _is_board_device(page: PhysAddr) -> bool:
    return (
        page == CONFIG.uart_phys & FRAME_MASK
        or page == CONFIG.gic_distributor_phys & FRAME_MASK
        or page == CONFIG.gic_cpu_phys & FRAME_MASK
        or page == CONFIG.level2_cache_phys & FRAME_MASK
        or page == CONFIG.slcr_phys & FRAME_MASK
    )
