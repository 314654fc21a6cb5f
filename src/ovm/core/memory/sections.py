# SPDX-License-Identifier: Apache-2.0
"""Fixed tables: the straight maps of SRT and HRT guests, made once at boot and never changed.

RAM is mapped by sections, which a lock entry of 1 MiB or 16 MiB covers (`lockdown`). Where the lock entry has 16 MiB
the table still holds 16 sections: a supersection is in domain 0 whatever its descriptor says (ARM B3.5.1), and the
guest's own domain is its key in hardware, in the table and in the lock entry alike. Regions that aren't whole megabytes
take small pages.

An SRT guest's table is in its own domain, not global, and holds the gate. An HRT guest's is in domain 0 and global:
it is alone on its core. Both have all rights to all memory that the description gives them; neither ever faults there.
"""

from typing import Final

from ovm.abi.config import GuestConfig, Level
from ovm.arm.descriptors import (
    AP_READ_WRITE,
    LEVEL1_ENTRIES,
    LEVEL2_ENTRIES,
    SECTION_BYTES,
    SECTION_DEVICE,
    SECTION_EXECUTE_NEVER,
    SECTION_NORMAL,
    SECTION_NOT_GLOBAL,
    SECTION_SHAREABLE,
    SMALL_DEVICE,
    SMALL_EXECUTE_NEVER,
    SMALL_NORMAL,
    SMALL_NOT_GLOBAL,
    SMALL_SHAREABLE,
    TYPE_SECTION,
    TYPE_SMALL,
)
from ovm.core.config import CONFIG, REGIONS
from ovm.core.guest import GUESTS
from ovm.core.limits import MAX_FRAMES, MAX_REGIONS
from ovm.core.memory.frames import FRAME_SHIFT, frame_key
from ovm.core.memory.tables import TOP_MEGABYTE, level1_entry, level2_of
from ovm.metal import PhysAddr, Ptr, VirtAddr, fn, pointer, static, u8, u32

_SECTION_COMMON: Final = TYPE_SECTION | AP_READ_WRITE << 10 | SECTION_SHAREABLE
_SECTION_READ_ONLY: Final = 1 << 15
_SMALL_COMMON: Final = TYPE_SMALL | AP_READ_WRITE << 4 | SMALL_SHAREABLE
_SMALL_READ_ONLY: Final = 1 << 9

# The next second-level table for a straight map; those before it are in use.
STRAIGHT_TABLES = static(u32)


@fn
def _table(guest: GuestConfig) -> Ptr[u32]:
    # SAFETY: the description reserves 16 KiB here; OVM's own memory.
    return pointer(u32, VirtAddr(u32(guest.table_phys)))


@fn
def _domain(guest: GuestConfig) -> u32:
    return u32(guest.domain) if guest.level == Level.SRT else 0


@fn
def _section(guest: GuestConfig, gpa: u32, phys: PhysAddr, writable: bool, device: bool) -> None:
    entry = u32(phys) | _SECTION_COMMON | _domain(guest) << 5
    entry |= SECTION_DEVICE | SECTION_EXECUTE_NEVER if device else SECTION_NORMAL
    if guest.level == Level.SRT:
        entry |= SECTION_NOT_GLOBAL
    if not writable:
        entry |= _SECTION_READ_ONLY
    _table(guest)[gpa >> 20] = entry


@fn
def _page(guest: GuestConfig, gpa: u32, phys: PhysAddr, writable: bool, device: bool) -> None:
    level1 = _table(guest)
    if level1[gpa >> 20] == 0:
        if STRAIGHT_TABLES.value >= CONFIG.level2_count:
            # Leaving it unmapped is safe: the guest's accesses are refused.
            return
        entries = level2_of(STRAIGHT_TABLES.value)
        for number in u32.range(LEVEL2_ENTRIES):
            entries[number] = 0
        level1[gpa >> 20] = level1_entry(STRAIGHT_TABLES.value, _domain(guest))
        STRAIGHT_TABLES.value += 1
    entry = u32(phys) | _SMALL_COMMON
    entry |= SMALL_DEVICE | SMALL_EXECUTE_NEVER if device else SMALL_NORMAL
    if guest.level == Level.SRT:
        entry |= SMALL_NOT_GLOBAL
    if not writable:
        entry |= _SMALL_READ_ONLY
    table = ((level1[gpa >> 20] & 0xFFFF_FC00) - u32(CONFIG.level2_phys)) >> 10
    level2_of(table)[(gpa >> FRAME_SHIFT) & 0xFF] = entry


@fn
def _is_held(phys: PhysAddr, length: u32, key: u8) -> bool:
    """Return whether every frame of a range of memory has the key."""
    held = True
    for offset in u32.range(0, length, 1 << FRAME_SHIFT, bound=MAX_FRAMES):
        held = held and frame_key(phys + offset) == key
    return held


@fn
def _map(guest: GuestConfig, gpa: u32, phys: PhysAddr, length: u32, writable: bool, device: bool) -> None:
    """Map a range, by sections where addresses and length allow. At boot only: it takes a step per page or section."""
    done = u32(0)
    for _ in u32.range(MAX_FRAMES):
        if done >= length:
            break
        aligned = ((gpa + done) | u32(phys + done)) & (SECTION_BYTES - 1) == 0
        if aligned and length - done >= SECTION_BYTES:
            _section(guest, gpa + done, phys + done, writable, device)
            done += SECTION_BYTES
        else:
            _page(guest, gpa + done, phys + done, writable, device)
            done += 1 << FRAME_SHIFT


@fn
def straight_map_build(index: u32) -> None:
    """Build the table of an SRT or HRT guest from its description, as far as the frame table confirms it."""
    guest = GUESTS[index].config
    level1 = _table(guest)
    for number in u32.range(LEVEL1_ENTRIES):
        level1[number] = 0
    if guest.level == Level.SRT:
        level1[TOP_MEGABYTE] = level1_entry(u32(guest.cpu), 0)
    if _is_held(guest.ram_phys, guest.ram_bytes, guest.key):
        _map(guest, guest.ram_gpa, guest.ram_phys, guest.ram_bytes, True, False)
    for number in u32.range(CONFIG.region_count, bound=MAX_REGIONS):
        region = REGIONS[number]
        if u32(region.guest) == index:
            device = region.flags.device
            if device or _is_held(region.phys, region.length, region.key):
                _map(guest, region.gpa, region.phys, region.length, region.flags.writable, device)
