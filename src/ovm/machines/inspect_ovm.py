# SPDX-License-Identifier: Apache-2.0
"""OVM's data about memory, read from a machine: keys of frames, spaces and their views, guests' virtual CP15.

OVM's data lies where the plan and the hypervisor's own symbols say. Everything is read from physical memory, so it is the
machine's real state, not the intended one.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ovm.abi.config import FRAME_BYTES, KEY_FREE, KEY_NONE, KEY_OVM, SPACE_ASID, Level
from ovm.machines.inspect_walk import Context, ReadWord, Tables
from ovm.system.archive import Archive
from ovm.system.core_layout import CoreMemory
from ovm.system.hardware import DOMAINS_OF
from ovm.system.plan import LEVEL1_BYTES, LEVEL2_BYTES, GuestPlan

_MMU, _EXCEPTION_ENDIAN, _ACCESS_FLAG = 1 << 0, 1 << 25, 1 << 29
_VIEWS = ("user view", "privileged view")
Read = Callable[[int, int], bytes]


@dataclass(frozen=True)
class KeyRun:
    """Neighbouring frames with the same key."""

    start: int
    length: int
    key: int
    owner: str


@dataclass(frozen=True)
class Space:
    """A live shadow space: its guest, the guest's context, and the view of each megabyte that it maps."""

    number: int
    guest: int
    asid: int
    context: Context  # the guest's own
    current: bool
    views: dict[int, str]
    tables: Tables


def by_pages(read: Read) -> Read:
    """Read each page once, since tables of one moment are read word by word."""

    @functools.cache
    def page(start: int) -> bytes:
        return read(start, FRAME_BYTES)

    def read_in_pages(place: int, size: int) -> bytes:
        at = place % FRAME_BYTES
        return page(place - at)[at : at + size] if at + size <= FRAME_BYTES else read(place, size)

    return read_in_pages


class Ovm:
    """OVM's own state in a machine."""

    def __init__(self, archive: Archive, read: Read) -> None:
        self.plan = archive.plan
        self._read = read
        self._core = CoreMemory(archive.core.content, read)

    def word(self, place: int) -> int:
        """Return a word of physical memory."""
        return int.from_bytes(self._read(place, 4), "little")

    def owner(self, key: int) -> str:
        """Return a key's owner in words."""
        if key == KEY_OVM:
            return "OVM"
        if key == KEY_FREE:
            return "pool (free)"
        if key == KEY_NONE:
            return "nobody"
        names = {each.guest.key: each.guest.name for each in self.plan.guests}
        ends = [each for guest in self.plan.guests for each in guest.regions if each.region.channel >= 0]
        names |= {each.key: f"channel {each.region.name}" for each in ends}
        return names.get(key, f"key {key}")

    def key(self, physical: int) -> int:
        """Return the key of a frame."""
        ram = self.plan.system.board.ram
        if not ram.start <= physical < ram.end:
            return KEY_NONE
        return self._read(self.plan.frame_table.start + (physical - ram.start) // FRAME_BYTES, 1)[0]

    def keys(self) -> Iterator[KeyRun]:
        """Yield the frame table, neighbours of one key put together."""
        ram = self.plan.system.board.ram
        table = self._read(self.plan.frame_table.start, ram.length // FRAME_BYTES)
        start = 0
        for index in range(1, len(table) + 1):
            if index == len(table) or table[index] != table[start]:
                place = ram.start + start * FRAME_BYTES
                yield KeyRun(place, (index - start) * FRAME_BYTES, table[start], self.owner(table[start]))
                start = index

    def running(self) -> int | None:
        """Return the guest whose registers CPU 0 has; None if it runs no guest."""
        current = self._core.get("cpu.CPUS", 0, "current")
        return current if current < len(self.plan.guests) else None

    def virtual_context(self, index: int) -> Context:
        """Return the translation context in a deprivileged guest's virtual CP15."""
        control = self._core.get("vcpu.VCPUS", index, "sctlr")
        return Context(
            ttbr0=self._core.get("vcpu.VCPUS", index, "ttbr0"),
            ttbr1=self._core.get("vcpu.VCPUS", index, "ttbr1"),
            ttbcr=self._core.get("vcpu.VCPUS", index, "ttbcr"),
            dacr=self._core.get("vcpu.VCPUS", index, "dacr"),
            enabled=bool(control & _MMU),
            access_flag=bool(control & _ACCESS_FLAG),
            big_endian=bool(control & _EXCEPTION_ENDIAN),
        )

    def own_tables(self, index: int, context: Context | None = None) -> Tables:
        """Return a guest's own tables: everything in them is guest-physical."""
        return Tables(self.guest_reader(index), context or self.virtual_context(index))

    def guest_reader(self, index: int) -> ReadWord:
        """Return a reader of words by guest-physical address.

        It gives None where the guest has no memory, and 0 where the guest has touched none yet.
        """

        def read(gpa: int) -> int | None:
            place = self.physical(index, gpa)
            if place is None:
                return 0 if self._untouched(self.plan.guests[index], gpa) else None
            return self.word(place)

        return read

    def physical(self, index: int, gpa: int) -> int | None:
        """Return the physical address of a guest-physical one; None where nothing is there (yet)."""
        guest = self.plan.guests[index]
        offset = gpa - guest.ram_gpa
        if 0 <= offset < guest.guest.memory:
            if guest.guest.level is not Level.NRT:
                return guest.ram_phys + offset
            frame = self.word(guest.frame_map_phys + offset // FRAME_BYTES * 4)
            return frame * FRAME_BYTES + offset % FRAME_BYTES if frame else None
        for each in guest.regions:
            if 0 <= gpa - each.gpa < each.mapped:
                return each.phys + gpa - each.gpa
        return None

    def _untouched(self, guest: GuestPlan, gpa: int) -> bool:
        return 0 <= gpa - guest.ram_gpa < guest.guest.memory

    def frames(self, index: int) -> int:
        """Return frames that an NRT guest holds."""
        return self._core.get("memory.guest_map.HOLDINGS", index, "frames")

    def straight(self, index: int) -> Tables:
        """Return the fixed table of an SRT or HRT guest."""
        return self._hardware(self.plan.guests[index].table_phys)

    def secure(self) -> Tables:
        """Return OVM's own map."""
        return self._hardware(self._core.place("secure_map.TABLE"))

    def _hardware(self, table: int) -> Tables:
        return Tables(self.word, Context(ttbr0=table))

    def spaces(self) -> Iterator[Space]:
        """Yield every live shadow space."""
        for index, number in self._numbers():
            if self._lives(number):
                yield self._space(index, number, number == self._core.get("vcpu.VCPUS", index, "space"))

    def dead_asids(self) -> set[int]:
        """Return the hardware ASIDs of dead spaces: the TLB may still hold their entries, which no guest can use."""
        return {number + SPACE_ASID for _, number in self._numbers() if not self._lives(number)}

    def _numbers(self) -> Iterator[tuple[int, int]]:
        """Yield each NRT guest with each space of its share."""
        for index, guest in enumerate(self.plan.guests):
            if guest.guest.level is Level.NRT:
                first = self._core.get("memory.tables.SHARES", index, "first_space")
                count = self._core.get("memory.tables.SHARES", index, "spaces")
                yield from ((index, number) for number in range(first, first + count))

    def _lives(self, number: int) -> bool:
        return self._core.get("memory.tables.STAMPS", number) != 0

    def _space(self, index: int, number: int, current: bool) -> Space:
        def get(name: str) -> int:
            return self._core.get("memory.space.SPACES", number, name)

        control = get("control")
        context = Context(
            ttbr0=get("ttbr0"),
            ttbr1=get("ttbr1"),
            ttbcr=get("ttbcr"),
            dacr=get("dacr"),
            enabled=bool(control & _MMU),
            access_flag=bool(control & _ACCESS_FLAG),
            big_endian=bool(control & _EXCEPTION_ENDIAN),
        )
        level1 = self.plan.level1.start + number * LEVEL1_BYTES
        return Space(number, index, number + SPACE_ASID, context, current, self._views(number), self._hardware(level1))

    def _views(self, space: int) -> dict[int, str]:
        """Return the view of each megabyte that has a table, from OVM's list of a space's tables."""
        found = {}
        table = self._core.get("memory.tables.FIRST", space)
        count = self.plan.level2.length // LEVEL2_BYTES
        for _ in range(count):
            if not 0 < table < count:
                break
            info = ("memory.tables.TABLES", table)
            found[self._core.get(*info, "megabyte")] = _VIEWS[self._core.get(*info, "marks") & 1]
            table = self._core.get(*info, "after")
        return found

    def domain(self, number: int) -> str:
        """Return the meaning of a domain of the Non-secure tables."""
        if number == 0:
            return "always open"
        found = []
        for each in self.plan.guests:
            name, view = each.guest.name, number - each.domain
            if each.guest.level is Level.SRT and view == 0:
                found.append(name)
            elif each.guest.level is Level.NRT and 0 <= view < DOMAINS_OF[Level.NRT]:
                found.append(f"{name}, {_VIEWS[view]}")
        return "; ".join(found) or "nobody's"
