# SPDX-License-Identifier: Apache-2.0
"""Random accesses of both cores, with maintenance and changes of level 2's registers, beside caches in plain Python.

Each access has to wait as long; lines, events and counters have to be the same.
"""

import random
import struct
from dataclasses import dataclass, field

import pytest

from ovm.board import events
from ovm.board.access.preload import preload
from ovm.board.cache import level1, level2_tags
from ovm.board.cache import maintain as board_maintain
from ovm.board.cache.reset import caches_reset
from ovm.board.parameters import Parameters
from ovm.board.shortcuts import lines
from ovm.board.state import Cpu, WorldRegisters
from ovm.metal import offsetof
from tests.board.cache import driver
from tests.board.cache.model import Caches
from tests.board.cache.model_parts import LEVEL2_SETS, LEVEL2_WAYS, LINE, SETS, WAYS, Core, Line, Mapped
from tests.board.cache.rig import NON_SECURE, NOT_SHARED, UNCACHED, Rig

STEPS, ON_CHIP = 2500, 0xFFFC_0000
BEGIN = 1_000_000
BASE = 0x10_0000
# A page of lines one after the other, and lines that meet in few sets of level 1 and level 2.
NEAR = [BASE + LINE * number for number in range(96)]
FAR = [BASE + 0x4000 + LINE * number + 0x1_0000 * way for number in range(2) for way in range(14)]
USUAL = {
    "level2_hit": 20, "memory_read": 300, "memory_write": 7000, "write_back": 9, "core_to_core": 400, "level1_load": 4,
    "level2_refill": 7, "memory_refill": 11, "memory_fills": 2, "miss_window": 40, "store_miss": 12, "prefetch_streams": 2,
    "random_seed": 5, "on_chip_read": 70,
}  # fmt: skip
VARIED = (
    {},
    {"memory_fills": 0, "prefetch_streams": 8, "miss_window": 8, "write_back": 60},
    {"memory_fills": 4, "prefetch_streams": 0, "level2_refill": 0, "store_miss": 90, "random_seed": 77},
    {"memory_fills": 3, "prefetch_streams": 3, "memory_read": 40, "memory_refill": 55, "level1_load": 30, "write_back": 200},
)  # fmt: skip
COUNTERS = {
    "data misses": events.COUNT_DATA_MISSES,
    "write backs": events.COUNT_WRITE_BACKS,
    "fetch misses": events.COUNT_FETCH_MISSES,
    "level 2 hits": events.COUNT_LEVEL2_HITS,
    "level 2 misses": events.COUNT_LEVEL2_MISSES,
    "uncached": events.COUNT_UNCACHED,
}


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def mapped(address: int) -> Mapped:
    region = address & 0xC000_0000
    if address >= ON_CHIP:
        return Mapped(address, 0, shareable=False)
    return Mapped(address & 0x3FFF_FFFF, int(region == NON_SECURE), region != UNCACHED, region in (0, NON_SECURE))


def tag(line: Line | None) -> int:
    """Return a line as level 1's tags have it."""
    if line is None:
        return 0
    flags = line.dirty * level1.DIRTY | line.shared * level1.SHARED | line.ahead * level1.AHEAD
    return line.name[0] | line.name[1] << 1 | 1 | flags


@dataclass
class Both:
    """Board and model."""

    rig: Rig
    model: Caches
    source: random.Random
    counts_before: list[tuple[int, ...]] = field(default_factory=list)

    @classmethod
    def ready(cls, rig: Rig, seed: int, varied: dict[str, int]) -> "Both":
        times = USUAL | varied
        rig.reset(**times, cross_word=0, cross_doubleword=0)
        both = cls(rig, Caches(times), random.Random(seed))
        for core in (1, 0):
            rig.call(driver.select, core)
            rig.set_time(BEGIN)
        both.begin()
        return both

    def begin(self) -> None:
        """Empty all caches: nothing is under way any more, and switches are on."""
        rig, model = self.rig, self.model
        rig.call(caches_reset)
        for offset, value in ((0x108, 0x111), (0x10C, 0x121), (0x100, 1)):
            rig.write(offset, value)
        for core in reversed(model.cores):
            rig.call(driver.select, core.number)
            self.switch_core(core, 0x45, 0x1005)
            core.stalled, core.slots = rig.cpu("stalled", 8), rig.cpu("slots", 8)
            core.oldest = self.word("ovm.board.cache.prefetch.OLDEST_STREAM", core.number)
            for register in range(15):
                core.registers[register] = BASE + 0x10_0000 * register
                rig.call(driver.set_register, register, core.registers[register])
        self.counts_before = [rig.counts(number) for number in range(2)]

    def again(self) -> None:
        """Compare the same after a reset of the caches, at any moment of a run: RAM, time and event counters go on."""
        before, self.model = self.model, Caches(self.model.times)
        self.model.memory = before.memory
        self.model.level2.arrives = before.level2.arrives
        self.model.level2.sources, self.model.level2.events = before.level2.sources, before.level2.events
        self.begin()

    def switch_core(self, core: Core, actlr: int, sctlr: int) -> None:
        """Write ACTLR and SCTLR of the core that runs."""
        core.coherent, core.prefetches, core.broadcasts = bool(actlr & 64), bool(actlr & 4), bool(actlr & 1)
        core.caches_data, core.caches_code, core.in_turn = bool(sctlr & 4), bool(sctlr & 1 << 12), bool(sctlr & 1 << 14)
        place = self.rig.program.address_of("ovm.board.state.CPU")
        self.rig.memory.store(place + offsetof(Cpu, "actlr"), 4, actlr)
        self.rig.memory.store(place + offsetof(Cpu, "world") + offsetof(WorldRegisters, "sctlr"), 4, sctlr)
        self.rig.call(lines.drop_lines)

    def word(self, name: str, number: int) -> int:
        return int(self.rig.memory.load(self.rig.program.address_of(name) + 4 * number, 4))

    def tags(self, name: str, count: int) -> bytes:
        return bytes(self.rig.memory.read(self.rig.program.address_of(f"ovm.board.cache.{name}"), 4 * count))

    def address(self) -> int:
        near = self.source.random() < 0.5
        offset = self.source.choice(NEAR if near else FAR) + 4 * self.source.randrange(8)
        if self.source.random() < 0.05:
            return ON_CHIP + (offset & 0x3FFF)
        return offset + self.source.choice((0, 0, 0, NON_SECURE, NOT_SHARED) if near else (0, 0, NON_SECURE))

    def check(self, about: object) -> None:
        """Compare all lines, level 2's registers and the counters."""
        model, rig = self.model, self.rig
        data = [tag(core.data[index][way]) for core in model.cores for index in range(SETS) for way in range(WAYS)]
        assert list(struct.unpack(f"<{len(data)}I", self.tags("level1.DATA", len(data)))) == data, about
        code = [tag(Line(each) if each else None) for core in model.cores for ways in core.instructions for each in ways]
        assert list(struct.unpack(f"<{len(code)}I", self.tags("level1.INSTRUCTIONS", len(code)))) == code, about
        level2 = model.level2
        held = [
            tag(line) | (int(level2_tags.LOCKED) if line and (index, way) in level2.locked else 0)
            for index, ways in enumerate(level2.lines)
            for way, line in enumerate(ways)
        ]
        assert list(struct.unpack(f"<{len(held)}I", self.tags("level2_tags.TAGS", len(held)))) == held, about
        assert [rig.register(offset) for offset in (0x210, 0x20C, 0x21C)] == [*level2.events, level2.raw], about
        for core, before in zip(model.cores, self.counts_before, strict=True):
            counts = rig.counts(core.number)
            assert {name: counts[place] - before[place] for name, place in COUNTERS.items()} == core.counts, about

    # One step each; it returns what the core waited on both sides.

    def load(self) -> tuple[int, int]:
        address, source = self.address(), self.source
        where, kind, slots = mapped(address), source.randrange(5), source.choice((2, 2, 2, 9, 30, 100))
        rd, rn, rm = source.randrange(15), source.randrange(15), source.randrange(20)
        self.model.core.slots += slots
        return self.rig.load_as(address, kind, rd, rn, rm, slots), self.model.load(where, kind, rd, rn, rm)

    def walk(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Loads or stores of lines at one distance: a stream."""
        source, distance = self.source, self.source.choice((1, 1, 2, 3, -1, -2, 8, 9)) * LINE
        address = BASE + 0x8_0000 + source.randrange(16) * 4096 + source.randrange(128) * LINE
        stores = source.random() < 0.4
        waits = []
        for _ in range(source.randrange(2, 9)):
            issued = source.choice((2, 8, 20))
            self.rig.issue(issued)
            self.model.core.slots += issued
            if stores:
                waits.append((self.rig.store(address, 0, self.model.core.number), self.model.store(mapped(address), 0)))
            else:
                waits.append((self.rig.load(address, self.model.core.number), self.model.load(mapped(address))))
            address += distance
        found, expected = zip(*waits, strict=True)
        return found, expected

    def store(self) -> tuple[int, int]:
        address = self.address()
        # A pointer now and then, near one of the registers.
        value = self.source.choice((0, 7, BASE + 0x10_0000 * self.source.randrange(15) + self.source.randrange(-5000, 5000)))
        return self.rig.store(address, value, self.model.core.number), self.model.store(mapped(address), value)

    def fetch(self) -> tuple[int, int]:
        address = self.address()
        address = address if address >= ON_CHIP else address & ~NOT_SHARED | self.source.choice((0, NON_SECURE))
        return self.rig.fetch(address, self.model.core.number), self.model.fetch(mapped(address))

    def preload(self) -> tuple[int, int]:
        address = self.address()
        self.rig.call(preload, address)
        self.model.preload(mapped(address))
        return 0, 0

    def uncached(self) -> tuple[int, int]:
        address = UNCACHED + BASE + 0x40_0000
        if self.source.random() < 0.5:
            return self.rig.store(address, 0, self.model.core.number), self.model.store(mapped(address), 0)
        return self.rig.load(address, self.model.core.number), self.model.load(mapped(address))

    def switch(self) -> tuple[int, int]:
        self.model.core = self.model.other
        self.rig.call(driver.select, self.model.core.number)
        issued = self.source.choice((0, 50, 3000))
        self.rig.issue(issued)
        self.model.core.slots += issued
        return 0, 0

    def maintain(self) -> tuple[int, int]:
        """By address, by set and way, of instructions."""
        source, model = self.source, self.model
        before, stalled = self.rig.cpu("stalled", 8), model.core.stalled
        address, op, choice = self.address(), source.randrange(1, 4), source.random()
        clean, invalidate = bool(op & 1), bool(op & 2)
        if choice < 0.5:
            self.rig.call(driver.maintain_line, address, op)
            model.maintain_line(mapped(address), clean=clean, invalidate=invalidate)
        elif choice < 0.8:
            index, way = address // LINE % SETS, source.randrange(WAYS)
            self.rig.call(board_maintain.data_set_way, index << 5 | way << 30, op)
            if model.core.data[index][way]:
                model.maintain(model.core, (index, way), clean=clean, invalidate=invalidate)
        elif choice < 0.95:
            where = mapped(address if address >= ON_CHIP else address & ~NOT_SHARED)
            self.rig.call(board_maintain.instruction_line, where.physical, where.ns)
            for core in model.cores if model.reaches_other else (model.core,):
                ways = core.instructions[where.physical // LINE % SETS]
                ways[:] = [None if each == where.name else each for each in ways]
        else:
            self.rig.call(board_maintain.instruction_all)
            model.core.instructions = [[None] * WAYS for _ in range(SETS)]
        return self.rig.cpu("stalled", 8) - before, model.core.stalled - stalled

    def switches(self) -> tuple[int, int]:
        """ACTLR.SMP, FW and the prefetcher; SCTLR.C, I and RR. Most of the time all is on."""
        on = self.source.random() < 0.6
        actlr = sum(1 << bit for bit in (6, 2, 0) if on or self.source.random() < 0.7)
        sctlr = 1 | sum(1 << bit for bit in (2, 12) if on or self.source.random() < 0.7) | self.source.randrange(2) << 14
        self.switch_core(self.model.core, actlr, sctlr)
        return 0, 0

    def level2_lines(self) -> tuple[int, int]:
        """Maintenance of level 2 by line, by index and way, and by way, by both worlds."""
        source, level2, ns = self.source, self.model.level2, self.source.randrange(2)
        kind, where = source.choice((0x70, 0xB0, 0xF0)), mapped(self.address())
        clean, invalidate = kind != 0x70, kind != 0xB0
        choice = source.random()
        index, way = where.physical // LINE % LEVEL2_SETS, source.randrange(LEVEL2_WAYS)
        if choice < 0.5:
            self.rig.write(0x700 | kind, where.physical, ns)
            place = level2.find((where.name[0], ns))
            level2.maintain([place] if place else [], ns, clean=clean, invalidate=invalidate)
        elif choice < 0.9:
            self.rig.write(0x708 | kind, index << 5 | way << 28, ns)
            level2.maintain([(index, way)], ns, clean=clean, invalidate=invalidate)
        else:
            ways = source.getrandbits(8)
            self.rig.write(0x70C | kind, ways, ns)
            places = [(each, way) for each in range(LEVEL2_SETS) for way in range(LEVEL2_WAYS) if ways >> way & 1]
            level2.maintain(places, ns, clean=clean, invalidate=invalidate)
        return 0, 0

    def level2_registers(self) -> tuple[int, int]:
        """Lockdown, prefetch, latencies, replacement, event counters; or level 2 off for a while."""
        source, level2 = self.source, self.model.level2
        choice = source.randrange(8)
        ways = source.choice((0, 0, 0xFF, 0xFE, 0x0F, source.getrandbits(8)))
        if choice == 0:
            master, fetches = source.randrange(2), source.randrange(2)
            self.rig.write(0x900 + 8 * master + 4 * fetches, ways | source.getrandbits(8) << 8)
            (level2.fetch_ways if fetches else level2.data_ways)[master] = ways
        elif choice == 1:
            level2.lock_lines = source.randrange(2)
            self.rig.write(0x950, level2.lock_lines | 2)
        elif choice == 2:
            self.rig.write(0x954, ways)
            level2.locked = {place for place in level2.locked if not ways >> place[1] & 1}
        elif choice == 3:
            level2.prefetch = source.getrandbits(3) << 28 | source.choice((0, 1, 7, 31))
            self.rig.write(0xF60, level2.prefetch)
            level2.auxiliary = level2.auxiliary & ~(3 << 28) | level2.prefetch & 3 << 28
        elif choice == 4:
            self.configure()
        elif choice == 5:
            level2.counting = source.choice((1, 1, 3, 5, 7, 0))
            self.rig.write(0x200, level2.counting)
            level2.events = [0 if level2.counting >> 1 + number & 1 else each for number, each in enumerate(level2.events)]
        elif choice == 6:
            number = source.randrange(2)
            level2.sources[number] = source.choice((1, 2, 3, 4, 5, 7, 8, 9)) << 2 | source.randrange(4)
            self.rig.write(0x208 - 4 * number, level2.sources[number])
        else:
            number, count = source.randrange(2), source.choice((0, 0xFFFF_FFFE))
            level2.events[number] = count
            self.rig.write(0x210 - 4 * number, count)
            self.rig.write(0x220, 0x1FF)
            level2.raw = 0
        return 0, 0

    def configure(self) -> None:
        """Auxiliary control and latencies are written while level 2 is off."""
        source, level2 = self.source, self.model.level2
        self.rig.write(0x100, 0)
        bits = source.getrandbits(2) << 28 | source.randrange(2) << 25 | source.randrange(2) << 26
        level2.auxiliary = 0x0006_0000 | bits
        level2.prefetch = level2.prefetch & ~(3 << 28) | bits & 3 << 28
        self.rig.write(0x104, level2.auxiliary)
        tag_latency, data_latency = (source.choice((0x111, 0x121, 0x777, source.getrandbits(12) & 0x777)) for _ in range(2))
        self.rig.write(0x108, tag_latency | 0x888)
        self.rig.write(0x10C, data_latency)
        level2.tag_latency, level2.data_latency = tag_latency, data_latency
        level2.enabled = source.random() < 0.9
        self.rig.write(0x100, int(level2.enabled))


@pytest.mark.parametrize("varied", VARIED, ids=range(len(VARIED)))
def test_every_access_waits_as_long(rig: Rig, varied: dict[str, int]) -> None:
    """By the fast way, and, after a reset of the caches, by the long way."""
    both = Both.ready(rig, VARIED.index(varied), varied)
    place = rig.program.address_of("ovm.board.parameters.PARAMETERS") + offsetof(Parameters, "long_way")
    weights = {
        "load": 40, "store": 20, "walk": 8, "fetch": 8, "preload": 4, "uncached": 1, "switch": 6, "switches": 2, "maintain": 6,
        "level2_lines": 3, "level2_registers": 4,
    }  # fmt: skip
    for long_way in (0, 1):
        rig.memory.store(place, 4, long_way)
        if long_way:
            both.again()
        steps = both.source.choices(list(weights), list(weights.values()), k=STEPS)
        for number, step in enumerate(steps):
            found, expected = getattr(both, step)()
            assert found == expected, (long_way, number, step)
            if number % 250 == 249:
                both.check((long_way, number))
        assert all(core.counts["data misses"] > STEPS // 20 for core in both.model.cores)
