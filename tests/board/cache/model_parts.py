# SPDX-License-Identifier: Apache-2.0
"""Parts of the model of the caches: lines, a core's caches and buffers, the L2C-310. Lists and plain searches."""

from dataclasses import dataclass, field

LINE, PAGE = 32, 4096
SETS, WAYS, LEVEL2_SETS, LEVEL2_WAYS = 256, 4, 2048, 8
NOWHERE, FROM_LEVEL2, FROM_MEMORY = range(3)
BY_OFFSET, BY_INDEX, BY_LIST = 1, 2, 3
# Event sources of the L2C-310 (DDI0246 3.3.6).
EVICTION, DATA_HIT, DATA_READ, WRITE_HIT, WRITE, FETCH_HIT, FETCH, ALLOCATED = 1, 2, 3, 4, 5, 7, 8, 9
Name = tuple[int, int]  # the line's physical address, and 1 in the Non-secure address space


def shuffled(value: int) -> int:
    """Return the next number of a xorshift of 32 bits."""
    value ^= value << 13 & 0xFFFF_FFFF
    value ^= value >> 17
    return value ^ value << 5 & 0xFFFF_FFFF


@dataclass
class Line:
    """A line of a data cache; `ahead` until a load has come to one that was brought for another reason."""

    name: Name
    dirty: bool = False
    shared: bool = False
    ahead: bool = False


@dataclass
class Mapped:
    """A page table's entry for an address."""

    physical: int
    ns: int
    cached: bool = True
    shareable: bool = True

    @property
    def name(self) -> Name:
        return self.physical // LINE * LINE, self.ns


def on_chip(name: Name) -> bool:
    """Tell whether a line is of the on-chip memory, which isn't behind level 2 (UG585 29.1)."""
    return name[0] >= 0xFFFC_0000


@dataclass
class Stream:
    """The prefetcher's knowledge of one stream."""

    last: Name | None = None
    distance: int = 0
    seen: int = 0
    ahead: Name | None = None
    arrives: int = 0


@dataclass
class Loads:
    """Loads that wait at the same time, as `outstanding.py` describes it."""

    lead: int = 0
    sent: int = 0
    last: int = 0
    stalled: int = 0
    misses: list[tuple[int, int, Name | None]] = field(default_factory=lambda: [(0, 0, None)] * 4)  # slots, done, line
    fills: list[int] = field(default_factory=list)
    next_fill: int = 0
    level2_line: int = 0
    memory_line: int = 0
    ready: dict[int, int] = field(default_factory=dict)


class Core:
    """One core: its caches, its buffers, and its time."""

    def __init__(self, number: int, seed: int) -> None:
        self.number, self.slots, self.stalled = number, 0, 0
        # ACTLR.SMP, FW and the prefetcher's bit; SCTLR.C, I and RR.
        self.coherent, self.broadcasts, self.prefetches = True, True, True
        self.caches_data, self.caches_code, self.in_turn = True, True, False
        self.turn, self.fetched = 0, -1
        self.data: list[list[Line | None]] = [[None] * WAYS for _ in range(SETS)]
        self.came_from: dict[tuple[int, int], tuple[int, int]] = {}  # set, way: the place in level 2
        self.instructions: list[list[Name | None]] = [[None] * WAYS for _ in range(SETS)]
        self.random = (seed * 2 + number) * 0x9E37_79B9 & 0xFFFF_FFFF | 1
        self.evicted = 0
        self.stores: list[tuple[Name | None, int]] = [(None, 0)] * 4  # the oldest first
        self.store_from_level2, self.store_begun = False, 0
        self.preloads: list[tuple[Name | None, int]] = [(None, 0)] * 4
        self.streams = [Stream() for _ in range(8)]
        self.oldest = 0
        self.loads = Loads(fills=[0] * 4)
        self.registers = [0] * 16
        self.counts = {
            "data misses": 0,
            "write backs": 0,
            "fetch misses": 0,
            "level 2 hits": 0,
            "level 2 misses": 0,
            "uncached": 0,
        }

    @property
    def now(self) -> int:
        return self.slots // 2 + self.stalled

    def way(self) -> int:
        self.random = shuffled(self.random)
        return (self.random >> 8) % WAYS

    def find(self, name: Name) -> tuple[int, int] | None:
        index = name[0] // LINE % SETS
        return next(((index, way) for way, line in enumerate(self.data[index]) if line and line.name == name), None)

    def at(self, place: tuple[int, int]) -> Line:
        line = self.data[place[0]][place[1]]
        assert line is not None
        return line

    def victim(self, name: Name) -> tuple[int, int]:
        index = name[0] // LINE % SETS
        empty = [way for way, line in enumerate(self.data[index]) if line is None]
        return index, empty[0] if empty else self.way()


class Level2:
    """The L2C-310: its registers and lines."""

    def __init__(self, seed: int) -> None:
        self.enabled, self.auxiliary, self.prefetch = True, 0x0206_0000, 0
        self.tag_latency, self.data_latency = 0x111, 0x121
        self.lines: list[list[Line | None]] = [[None] * LEVEL2_WAYS for _ in range(LEVEL2_SETS)]
        self.locked: set[tuple[int, int]] = set()
        self.arrives: dict[tuple[int, int], int] = {}
        self.last_arrives = 0
        self.data_ways, self.fetch_ways, self.lock_lines = [0] * 8, [0] * 8, 0
        self.turn, self.random = 0, seed * 0x85EB_CA6B & 0xFFFF_FFFF | 1
        self.counting, self.sources, self.events, self.raw = 0, [0, 0], [0, 0], 0

    def note(self, source: int) -> None:
        for number in range(2) if self.counting & 1 else ():
            if self.sources[number] >> 2 & 15 == source:
                self.events[number] = self.events[number] + 1 & 0xFFFF_FFFF
                self.raw |= self.events[number] == 0

    def find(self, name: Name) -> tuple[int, int] | None:
        index = name[0] // LINE % LEVEL2_SETS
        return next(((index, way) for way, line in enumerate(self.lines[index]) if line and line.name == name), None)

    def at(self, place: tuple[int, int]) -> Line:
        line = self.lines[place[0]][place[1]]
        assert line is not None
        return line

    def holds(self, place: tuple[int, int] | None, name: Name) -> bool:
        line = self.lines[place[0]][place[1]] if place else None
        return line is not None and line.name == name

    def hit_latency(self, usual: int) -> int:
        added = sum((word >> 4 & 7) + (word & 7) for word in (self.tag_latency, self.data_latency))
        return usual + max(0, added - 5)

    def allocate(self, name: Name, locked_ways: int) -> tuple[int, int] | None:
        index = name[0] // LINE % LEVEL2_SETS
        way = self._victim(index, [way for way in range(LEVEL2_WAYS) if not locked_ways >> way & 1])
        if way is None:
            return None
        old = self.lines[index][way]
        if old and old.dirty:
            self.note(EVICTION)
        self.lines[index][way] = Line(name)
        (self.locked.add if self.lock_lines & 1 else self.locked.discard)((index, way))
        return index, way

    def _victim(self, index: int, ways: list[int]) -> int | None:
        empty = [way for way in ways if self.lines[index][way] is None]
        if empty:
            return empty[0]
        if self.auxiliary >> 25 & 1:
            begin = self.turn = (self.turn + 1) % LEVEL2_WAYS
        else:
            self.random = shuffled(self.random)
            begin = (self.random >> 8) % LEVEL2_WAYS
        order = [(begin + step) % LEVEL2_WAYS for step in range(LEVEL2_WAYS)]
        return next((way for way in order if way in ways and (index, way) not in self.locked), None)

    def under_way(self, place: tuple[int, int], arrives: int) -> None:
        self.arrives[place] = arrives
        self.last_arrives = max(self.last_arrives, arrives)

    def maintain(self, places: list[tuple[int, int]], ns: int, *, clean: bool, invalidate: bool) -> None:
        for index, way in places:
            line = self.lines[index][way]
            if line is None or (ns and not line.name[1]):
                continue
            line.dirty = line.dirty and not clean
            if invalidate:
                self.lines[index][way] = None
                self.locked.discard((index, way))
