# SPDX-License-Identifier: Apache-2.0
"""Address spaces of processes: areas of memory, filled on demand, copied on write.

An area says what may be at an address; page tables say what is there already. `space_fault` supplies the difference. Memory of
DEMAND areas is inherited by a fork; large pages and sections are not.
"""

from typing import Final

from ovm.guests.desk.frames import (
    NO_FRAME,
    POOL,
    frame_at,
    frame_copy,
    frame_drop,
    frame_place,
    frame_share,
    frame_take_zeroed,
    large_drop,
    large_take,
    section_drop,
    section_take,
    words_at,
)
from ovm.guests.desk.layout import LARGE_PAGE, PAGE, SECTION, USER_CODE, USER_ENTRIES, USER_INFO, USER_LIMIT
from ovm.guests.desk.tables import (
    CODE_PAGE,
    COPY_PAGE,
    DATA_PAGE,
    INFO_PAGE,
    LARGE_DATA,
    SECTION_DATA,
    drop_address,
    drop_asid,
    find_slot,
    is_page,
    is_table,
    make_slot,
    place_of,
    read_slot,
    rights_of,
    table_of,
    write_slot,
)
from ovm.metal import Array, Enum, GuestPhysAddr, Ptr, Struct, VirtAddr, array, dsb, fn, static, u8, u32

AREAS: Final = 6
AREA_PAGES: Final = 256
NO_AREA: Final = u32(AREAS)
_CODE_PAGES: Final = 16
_LEVEL2_ENTRIES: Final = 256
_SLOT_BYTES: Final = 4


class AreaKind(Enum, width=u8):
    """The kind of memory behind an area."""

    NONE = 0
    DEMAND = 1
    LARGE = 2
    SECTION = 3


class Area(Struct):
    """A stretch of addresses that a process may use."""

    start: VirtAddr
    pages: u32
    kind: AreaKind


class Space(Struct):
    """One address space. `level1` is the frame of its first-level table."""

    level1: u32
    asid: u32
    areas: Array[Area] = array(Area, AREAS)


class Figures(Struct):
    """Counts of work for programs."""

    demanded: u32
    copied: u32
    reused: u32
    moved: u32


FIGURES = static(Figures)


@fn
def level1_of(space: Space) -> Ptr[u32]:
    """Return the first-level table."""
    return words_at(frame_place(space.level1))


@fn
def space_create(space: Space, asid: u32, code: GuestPhysAddr, code_bytes: u32) -> bool:
    """Make a space with the programs' code and an info page in it; return False when there is no memory left."""
    space.asid = asid
    for index in u32.range(AREAS):
        space.areas[index].kind = AreaKind.NONE
    space.level1 = frame_take_zeroed()
    if space.level1 == NO_FRAME:
        return False
    level1 = level1_of(space)
    for page in u32.range(code_bytes // PAGE, bound=_CODE_PAGES):
        slot = make_slot(level1, VirtAddr(USER_CODE) + page * PAGE)
        if slot == 0:
            return False
        write_slot(slot, u32(code + page * PAGE) | CODE_PAGE)
    info = frame_take_zeroed()
    slot = make_slot(level1, VirtAddr(USER_INFO))
    if info == NO_FRAME or slot == 0:
        return False
    write_slot(slot, u32(frame_place(info)) | INFO_PAGE)
    return True


@fn
def area_of(space: Space, place: VirtAddr) -> u32:
    """Return the index of the area that holds an address, or NO_AREA."""
    for index in u32.range(AREAS):
        area = space.areas[index]
        if area.kind != AreaKind.NONE and place - area.start < area.pages * PAGE:
            return index
    return NO_AREA


@fn
def area_reserve(space: Space, start: VirtAddr, pages: u32, kind: AreaKind) -> u32:
    """Note a new area; return its index, or NO_AREA when it is invalid, or overlaps, or there are too many."""
    if pages == 0 or pages > AREA_PAGES or start % PAGE != 0:
        return NO_AREA
    if start >= USER_LIMIT or USER_LIMIT - u32(start) < pages * PAGE:
        return NO_AREA
    free = NO_AREA
    for index in u32.range(AREAS):
        area = space.areas[index]
        if area.kind == AreaKind.NONE:
            free = index
        elif start < area.start + area.pages * PAGE and area.start < start + pages * PAGE:
            return NO_AREA
    if free != NO_AREA:
        area = space.areas[free]
        area.start = start
        area.pages = pages
        area.kind = kind
    return free


@fn
def area_add(space: Space, start: VirtAddr, pages: u32) -> bool:
    """Let the process use memory, which is supplied when it is touched."""
    return area_reserve(space, start, pages, AreaKind.DEMAND) != NO_AREA


@fn
def large_add(space: Space, start: VirtAddr) -> bool:
    """Map a 64 KiB page: sixteen equal entries (ARM B3.5.1)."""
    if start % LARGE_PAGE != 0 or start >= USER_LIMIT:
        return False
    slot = make_slot(level1_of(space), start)
    if slot == 0:
        return False
    index = area_reserve(space, start, LARGE_PAGE // PAGE, AreaKind.LARGE)
    if index == NO_AREA:
        return False
    place = large_take()
    if place == 0:
        space.areas[index].kind = AreaKind.NONE
        return False
    for copy_index in u32.range(16):
        write_slot(slot + copy_index * _SLOT_BYTES, u32(place) | LARGE_DATA)
    return True


@fn
def _drop_empty_table(space: Space, start: VirtAddr) -> bool:
    """Drop the second-level table of a megabyte, if it has one; return False when something is mapped through it."""
    level1 = level1_of(space)
    entry = level1[start >> 20]
    if is_table(entry):
        words = words_at(table_of(entry))
        for index in u32.range(_LEVEL2_ENTRIES):
            if words[index] != 0:
                return False
        level1[start >> 20] = 0
        dsb()
        drop_address(start, space.asid)
        frame_drop(frame_at(table_of(entry)))
    return True


@fn
def section_add(space: Space, start: VirtAddr) -> bool:
    """Map a section, where nothing else is mapped."""
    level1 = level1_of(space)
    if start % SECTION != 0 or start >= USER_LIMIT or not _drop_empty_table(space, start):
        return False
    index = area_reserve(space, start, AREA_PAGES, AreaKind.SECTION)
    if index == NO_AREA:
        return False
    place = section_take()
    if place == 0:
        space.areas[index].kind = AreaKind.NONE
        return False
    level1[start >> 20] = u32(place) | SECTION_DATA
    dsb()
    return True


@fn
def _unmap_small(space: Space, area: Area) -> None:
    level1 = level1_of(space)
    for page in u32.range(area.pages, bound=AREA_PAGES):
        place = area.start + page * PAGE
        slot = find_slot(level1, place)
        if slot != 0 and is_page(read_slot(slot)):
            frame = frame_at(place_of(read_slot(slot)))
            write_slot(slot, 0)
            # ORDER: the page is dropped from the TLB before another process gets its frame.
            drop_address(place, space.asid)
            frame_drop(frame)


@fn
def _unmap_large(space: Space, area: Area) -> None:
    slot = find_slot(level1_of(space), area.start)
    place = GuestPhysAddr(read_slot(slot) & ~(LARGE_PAGE - 1))
    for copy_index in u32.range(16):
        write_slot(slot + copy_index * _SLOT_BYTES, 0)
    drop_address(area.start + 3 * PAGE, space.asid)
    large_drop(place)


@fn
def _unmap_section(space: Space, area: Area) -> None:
    level1_of(space)[area.start >> 20] = 0
    dsb()
    drop_address(area.start + 200 * PAGE, space.asid)
    section_drop()


@fn
def area_remove(space: Space, start: VirtAddr) -> bool:
    """Remove an area and all memory in it; `start` is its first address."""
    index = area_of(space, start)
    if index == NO_AREA:
        return False
    area = space.areas[index]
    if area.start != start:
        return False
    match area.kind:
        case AreaKind.LARGE:
            _unmap_large(space, area)
        case AreaKind.SECTION:
            _unmap_section(space, area)
        case _:
            _unmap_small(space, area)
    area.kind = AreaKind.NONE
    return True


@fn
def area_move(space: Space, start: VirtAddr, target: VirtAddr) -> bool:
    """Move a DEMAND area and its pages to another address."""
    index = area_of(space, start)
    if index == NO_AREA or space.areas[index].kind != AreaKind.DEMAND:
        return False
    area = space.areas[index]
    moved = area_reserve(space, target, area.pages, AreaKind.DEMAND)
    if moved == NO_AREA or area.start != start:
        return False
    level1 = level1_of(space)
    for page in u32.range(area.pages, bound=AREA_PAGES):
        source_slot = find_slot(level1, start + page * PAGE)
        if source_slot != 0 and is_page(read_slot(source_slot)):
            target_slot = make_slot(level1, target + page * PAGE)
            if target_slot == 0:
                return False
            write_slot(target_slot, read_slot(source_slot))
            write_slot(source_slot, 0)
            drop_address(start + page * PAGE, space.asid)
            FIGURES.moved += 1
    area.kind = AreaKind.NONE
    return True


@fn
def space_fault(space: Space, place: VirtAddr, write: bool) -> bool:
    """Supply the page that an access lacks; return False when the process had no right to it."""
    index = area_of(space, place)
    if index == NO_AREA or space.areas[index].kind != AreaKind.DEMAND:
        return False
    slot = make_slot(level1_of(space), place)
    if slot == 0:
        return False
    entry = read_slot(slot)
    if not is_page(entry):
        return _fill(slot)
    if not write or rights_of(entry) != COPY_PAGE:
        return False
    return _copy(space, slot, place)


@fn
def _fill(slot: VirtAddr) -> bool:
    frame = frame_take_zeroed()
    if frame == NO_FRAME:
        return False
    write_slot(slot, u32(frame_place(frame)) | DATA_PAGE)
    FIGURES.demanded += 1
    return True


@fn
def _copy(space: Space, slot: VirtAddr, place: VirtAddr) -> bool:
    """Make a shared page the process's own: the page itself when no other process has it any more."""
    frame = frame_at(place_of(read_slot(slot)))
    if POOL.references[frame] == 1:
        FIGURES.reused += 1
    else:
        own = frame_copy(frame)
        if own == NO_FRAME:
            return False
        frame_drop(frame)
        frame = own
        FIGURES.copied += 1
    write_slot(slot, u32(frame_place(frame)) | DATA_PAGE)
    drop_address(place, space.asid)
    return True


@fn
def space_fork(parent: Space, child: Space) -> bool:
    """Give the child every small page of the parent, to be copied when either writes."""
    for index in u32.range(AREAS):
        source = parent.areas[index]
        if source.kind == AreaKind.DEMAND:
            target = child.areas[index]
            target.start = source.start
            target.pages = source.pages
            target.kind = source.kind
            if not _share(parent, child, source):
                return False
    drop_asid(parent.asid)
    return True


@fn
def _share(parent: Space, child: Space, area: Area) -> bool:
    parent_level1 = level1_of(parent)
    child_level1 = level1_of(child)
    for page in u32.range(area.pages, bound=AREA_PAGES):
        place = area.start + page * PAGE
        slot = find_slot(parent_level1, place)
        if slot != 0 and is_page(read_slot(slot)):
            child_slot = make_slot(child_level1, place)
            if child_slot == 0:
                return False
            shared = place_of(read_slot(slot))
            frame_share(frame_at(shared))
            write_slot(slot, u32(shared) | COPY_PAGE)
            write_slot(child_slot, u32(shared) | COPY_PAGE)
    return True


@fn
def space_destroy(space: Space) -> None:
    """Give back everything that a space holds. It must not be the current one."""
    if space.level1 == NO_FRAME:
        return
    for index in u32.range(AREAS):
        match space.areas[index].kind:
            case AreaKind.LARGE:
                _unmap_large(space, space.areas[index])
            case AreaKind.SECTION:
                _unmap_section(space, space.areas[index])
            case _:
                pass
    drop_asid(space.asid)
    level1 = level1_of(space)
    for entry in u32.range(USER_ENTRIES):
        if is_table(level1[entry]):
            _drop_table(table_of(level1[entry]))
    frame_drop(space.level1)


@fn
def _drop_table(table: GuestPhysAddr) -> None:
    words = words_at(table)
    for index in u32.range(_LEVEL2_ENTRIES):
        if is_page(words[index]):
            frame = frame_at(place_of(words[index]))
            if frame != NO_FRAME:
                frame_drop(frame)
    frame_drop(frame_at(table))
