# SPDX-License-Identifier: Apache-2.0
"""The plan of a system: an address for everything.

From the bottom of RAM: OVM with the tables that only it may write, then (behind the next secure granule) the memory that the
Non-secure world reaches: the gate pages, shadow tables, guests' tables, HRT RAM, SRT RAM, regions, the pool, and NRT
images. Parts whose size is known without building come first: HRT guests can be linked before the sizes of NRT images are
known, planning twice gives the same addresses, and no address that OVM was compiled with depends on the size of an image.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ovm.abi.config import FRAME_BYTES, Level
from ovm.abi.vcpu_page import HrtPage
from ovm.system.check_limits import GUEST_BASE
from ovm.system.hardware import channel_key, domains_of
from ovm.system.model import Guest, Range, Region, System
from ovm.system.problems import DescriptionError
from ovm.system.room import Placement, Room
from ovm.system.sections import SECTION, sections_of
from ovm.system.shadow_tables import check_tables
from ovm.system.units import KIB, MIB, align_up, size_text

OVM_BYTES = MIB
# First guess of the part of it that code and data need: this, and so much for each guest. The build corrects it.
OVM_IMAGE_BYTES = 128 * KIB
OVM_GUEST_BYTES = 16 * KIB
LEVEL1_BYTES = 16 * 1024
LEVEL2_BYTES = 1024
IMAGE_OFFSET = 0x8000
PAGE_BYTES = HrtPage.LAYOUT.size
WORD_BYTES = 4
FRAME_TABLE = "frame table"
RETURNED_FRAMES = "returned frames of the pool"
FRAME_MAP = "{}: frame map"
PAGE = "{}: page of a guest that has none"


@dataclass(frozen=True)
class RegionPlan:
    """A region in place; `mapped` is its length in whole pages or sections, `key` its frames' protection key."""

    region: Region
    gpa: int
    phys: int
    mapped: int
    key: int


@dataclass
class GuestPlan:
    """One guest in place. Addresses that its level doesn't use are 0."""

    guest: Guest
    ram_gpa: int = 0
    ram_phys: int = 0
    page_gpa: int = 0
    table_phys: int = 0
    section_bytes: int = 0
    lock_entries: int = 0
    frame_map_phys: int = 0
    image_phys: int = 0
    image_bytes: int = 0
    domain: int = 0
    regions: list[RegionPlan] = field(default_factory=list)

    @property
    def link_base(self) -> int:
        """Return the address from which its image may be linked: behind the page that it shares with OVM, if it has one."""
        return self.ram_gpa if self.guest.plain else self.ram_gpa + IMAGE_OFFSET

    def physical(self, gpa: int) -> int:
        """Return the physical address of a guest-physical address of its image."""
        base = self.image_phys if self.guest.level is Level.NRT else self.ram_phys
        return base + gpa - self.ram_gpa


@dataclass
class Plan:
    """Everything in place. `ovm` is whole megabytes, all of it Secure; its image ends below `ovm_limit`."""

    system: System
    placements: list[Placement]
    ovm: Range
    ovm_limit: int
    frame_table: Range
    returned_frames: Range
    gate: Range
    level1: Range
    level2: Range
    pool: Range
    guests: list[GuestPlan]


def plan(system: System, image_bytes: Mapping[str, int] | None = None, ovm_bytes: int = 0) -> Plan:
    """Place `system`.

    `image_bytes` gives the size of each NRT guest's image in its RAM; 0 without it. `ovm_bytes` is the size of OVM's own
    code and data; without it, a guess.
    """
    room = Room(system)
    domains = domains_of(system.guests)
    guests = [_start(guest, domains[guest.index]) for guest in system.guests]
    pool_bytes = _pool_bytes(system)
    ovm, tables = _place_ovm(system, room, pool_bytes, ovm_bytes or _guess(system))
    gate = room.place("gate pages", system.board.cpus * FRAME_BYTES, LEVEL1_BYTES, ("system",))
    level1 = room.place("shadow level-1 tables", (system.level1_tables + 1) * LEVEL1_BYTES, LEVEL1_BYTES, ("system",))
    level2 = room.place("shadow level-2 tables", system.level2_tables * LEVEL2_BYTES, FRAME_BYTES, ("system",))
    for each in sorted(guests, key=lambda item: item.guest.level.value):
        _place_guest(room, each)
    channels = _place_channels(room, guests)
    for each in guests:
        _place_regions(room, each, channels, len(guests))
    pool = room.place("pool for NRT guests", pool_bytes, FRAME_BYTES, ("system", "pool"))
    for each in guests:
        each.frame_map_phys = tables[FRAME_MAP.format(each.guest.name)].start if each.guest.level is Level.NRT else 0
        each.page_gpa = tables[PAGE.format(each.guest.name)].start if each.guest.plain else each.ram_gpa
        _place_image(room, each, (image_bytes or {}).get(each.guest.name, 0))
    limit = min(ovm.start + OVM_BYTES, *(each.start for each in tables.values()))
    found = tables[FRAME_TABLE], tables[RETURNED_FRAMES]
    check_tables(system, guests)
    return Plan(system, room.placements, ovm, limit, *found, gate, level1, level2, pool, guests)


def _tables(system: System, pool_bytes: int) -> dict[str, int]:
    """Return the lengths of the tables that no guest may write, since isolation depends on them."""
    lengths = {
        FRAME_TABLE: system.board.ram.length // FRAME_BYTES,
        RETURNED_FRAMES: pool_bytes // FRAME_BYTES * WORD_BYTES,
    }
    for guest in system.guests:
        if guest.level is Level.NRT:
            lengths[FRAME_MAP.format(guest.name)] = guest.memory // FRAME_BYTES * WORD_BYTES
        elif guest.plain:
            lengths[PAGE.format(guest.name)] = PAGE_BYTES
    return {name: align_up(length, FRAME_BYTES) for name, length in lengths.items()}


def _guess(system: System) -> int:
    return min(OVM_BYTES, OVM_IMAGE_BYTES + OVM_GUEST_BYTES * len(system.guests))


def _place_ovm(system: System, room: Room, pool_bytes: int, own_bytes: int) -> tuple[Range, dict[str, Range]]:
    """Place OVM, whose first megabyte is one section of the secure map and one lock entry.

    Tables lie at its end, from the top down; those that don't fit there lie in megabytes of their own behind it.
    """
    lengths = _tables(system, pool_bytes)
    offsets: dict[str, int] = {}
    low, high = OVM_BYTES, OVM_BYTES
    for name, length in lengths.items():
        inside = low - length >= own_bytes
        low, high = (low - length, high) if inside else (low, high + length)
        offsets[name] = low if inside else high - length
    ovm = room.place_secure("OVM", align_up(high, SECTION), SECTION, ("system",))
    tables = {name: Range(ovm.start + offset, lengths[name]) for name, offset in offsets.items()}
    for name, where in tables.items():
        room.note(f"{name} (in OVM)", where, secure=True)
    return ovm, tables


def _start(guest: Guest, domain: int) -> GuestPlan:
    below = guest.level is not Level.HRT
    base = GUEST_BASE if guest.address is None else guest.address
    return GuestPlan(guest, ram_gpa=base if below else 0, domain=domain)


def _place_guest(room: Room, each: GuestPlan) -> None:
    """Place a guest's tables and, where it has RAM of its own, the RAM."""
    guest = each.guest
    if guest.level is Level.NRT:
        return
    each.table_phys = room.place(f"{guest.name}: level-1 table", LEVEL1_BYTES, LEVEL1_BYTES, guest.path).start
    path = (*guest.path, "memory")
    if guest.level is Level.SRT:
        found = sections_of(guest)
        each.section_bytes, each.lock_entries = found.section_bytes, found.entries
        each.ram_phys = room.place(f"{guest.name}: RAM", guest.memory, found.section_bytes, path).start
    elif guest.address is None:
        each.ram_phys = each.ram_gpa = room.place(f"{guest.name}: RAM", guest.memory, SECTION, path).start
    else:
        where = Range(guest.address, guest.memory)
        room.place_at(f"{guest.name}: RAM", where, (*guest.path, "address"))
        each.ram_phys = each.ram_gpa = where.start


def _place_channels(room: Room, guests: list[GuestPlan]) -> dict[int, int]:
    """Return the address of each channel's memory: one for all its ends, in sections if one of them needs sections."""
    units: dict[int, int] = {}
    ends = [(each.guest, region) for each in guests for region in each.guest.regions if region.channel >= 0]
    for guest, region in ends:
        unit = SECTION if guest.level is Level.SRT else FRAME_BYTES
        units[region.channel] = max(unit, units.get(region.channel, 0))
    found: dict[int, int] = {}
    for _, region in ends:
        if region.channel not in found:
            unit = units[region.channel]
            where = room.place(f"channel {region.name}", align_up(region.length, unit), unit, region.path)
            found[region.channel] = where.start
    return found


def _place_regions(room: Room, each: GuestPlan, channels: Mapping[int, int], guests: int) -> None:
    """Place a guest's regions behind its RAM, each on a megabyte of its own in guest-physical space."""
    unit = SECTION if each.guest.level is Level.SRT else FRAME_BYTES
    gpa = align_up(each.ram_gpa + each.guest.memory, SECTION)
    for region in each.guest.regions:
        mapped = align_up(region.length, unit)
        if region.channel >= 0:
            phys, key = channels[region.channel], channel_key(guests, region.channel)
        else:
            phys, key = room.place(f"{each.guest.name}: {region.name}", mapped, unit, region.path).start, each.guest.key
        each.regions.append(RegionPlan(region, gpa, phys, mapped, key))
        gpa = align_up(gpa + mapped, SECTION)


def _place_image(room: Room, each: GuestPlan, length: int) -> None:
    if each.guest.level is Level.NRT and length:
        mapped = align_up(length, FRAME_BYTES)
        each.image_phys = room.place(f"{each.guest.name}: image", mapped, FRAME_BYTES, each.guest.path).start
        each.image_bytes = mapped


def _pool_bytes(system: System) -> int:
    """Return the pool's size: the description's, or else the sum of the NRT guests' limits."""
    limited = [guest for guest in system.guests if guest.level is Level.NRT]
    promised = sum(guest.limit for guest in limited)
    size = align_up(promised, MIB) if system.pool is None else system.pool
    if promised > size:
        terms = " + ".join(size_text(guest.limit) for guest in limited)
        last = limited[-1]
        document = system.document
        raise DescriptionError(
            [
                document.problem(
                    "S125", ("system", "pool"), "the pool is smaller than the NRT guests' limits",
                    found=f"pool = {size_text(size)}, limits {terms} = {size_text(promised)}",
                    expected="a pool that can keep every limit's promise",
                    notes=[document.note(f"limit of '{last.name}': {size_text(last.limit)}", (*last.path, "limit"))],
                    fix=f"write pool = '{-(-promised // MIB)}MiB', or lower the limits",
                )
            ]
        )  # fmt: skip
    return size
