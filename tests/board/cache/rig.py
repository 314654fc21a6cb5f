# SPDX-License-Identifier: Apache-2.0
"""Two cores' accesses, the caches behind them, and how long each access took.

DDR lies at 0 as Secure write-back memory, from 0x4000_0000 on as Non-secure, from 0x8000_0000 on as non-cacheable and
from 0xC000_0000 on as non-shareable.
"""

import os
import struct
from functools import cache
from typing import Any

from ovm.board import events, parameters, state
from ovm.board.access.memory import load_word, store_word
from ovm.board.access.preload import preload
from ovm.board.api.parameters import DEFAULT_FILE
from ovm.board.api.wiring import read_values, wire, wired
from ovm.board.cache import level1, level2, level2_state, level2_tags, maintain, seen
from ovm.board.cache.reset import caches_reset
from ovm.board.cache.table_reads import walk_read
from ovm.board.cp15.control import write_contextidr
from ovm.board.cp15.operations import barrier as cp15_barrier
from ovm.board.devices import scu
from ovm.board.interconnect import bus
from ovm.board.mmu import maintain as tlb
from ovm.board.processor.status import set_mode
from ovm.board.ram import contention, storage
from ovm.board.shortcuts import lines
from ovm.metal import fn, offsetof, sizeof, u32, u64
from ovm.metal.build.host import HostProgram, host_image
from ovm.metal.build.host_image import HostImage
from ovm.metal.compiler import Options, compile_unit
from tests.board.cache import driver

NON_SECURE, UNCACHED, NOT_SHARED = 0x4000_0000, 0x8000_0000, 0xC000_0000
WIRED = wired(read_values(DEFAULT_FILE))
TABLE = 0x3FF0_0000
# AP 011, domain 0; TEX 001, C, B: write-back, write-allocate; S; NS (ARM B3.5.1).
SUPER, SHAREABLE, OPEN, NORMAL_UNCACHED = 1 << 18, 1 << 16, 1 << 19, 0x1C02
WRITE_BACK = 0x1C0E
PRIVILEGED, PRIVILEGED_TOO = 0xFFE0_0000, 1 << 11  # a megabyte that User mode may not touch: AP 001
# Different everywhere, so that each sum says what it is made of.
LATENCIES = {
    "level2_hit": 20,
    "memory_read": 300,
    "memory_write": 7000,
    "on_chip_read": 50_000,
    "write_back": 1,
    "core_to_core": 4000,
}
LINE, SET_BYTES, LEVEL2_SET_BYTES = 32, 8 << 10, 64 << 10
LEVEL2 = 0xF8F0_2000


@fn
def load(address: u32) -> u64:
    """Load a word."""
    return load_word(address)


@fn
def store(address: u32, value: u32) -> u32:
    """Store a word; 1 is a failure."""
    return u32(store_word(address, value))


ROOTS = (
    load,
    store,
    driver.select,
    driver.fetch,
    driver.load_as,
    driver.set_register,
    driver.barrier,
    preload,
    write_contextidr,
    cp15_barrier,
    driver.maintain_line,
    driver.exclusive,
    driver.random_accesses,
    lines.drop_lines,
    tlb.maintain,
    maintain.data_set_way,
    maintain.instruction_all,
    maintain.instruction_line,
    level2.read,
    level2.write,
    level2.level2_reset,
    caches_reset,
    walk_read,
    set_mode,
    bus.read,
    seen.seen_at,
    seen.seen_by_all,
    seen.copy_at,
    contention.contention_reset,
    contention.windows_from,
    contention.windows_until,
    contention.dma_moved,
    contention.dma_waits,
)


@cache
def image() -> HostImage:
    return host_image(compile_unit(ROOTS, Options(target="host")), os.environ.get("OVM_BOARD_OPTIMISE", "1"))


class Rig:
    """Both cores in Secure Supervisor mode, MMU and caches on."""

    def __init__(self) -> None:
        self.program = HostProgram(image())
        self.memory = self.program.memory
        self.reset()

    def reset(self, **model: int) -> None:
        self.program.reset()
        wire(self.program, WIRED)
        values = {**LATENCIES, "random_seed": 5, **model}
        for name, value in values.items():
            place = self.program.address_of("ovm.board.parameters.PARAMETERS")
            self.memory.store(place + offsetof(parameters.Parameters, name), 4, value)
        unit_scu = self.program.address_of("ovm.board.devices.scu.SCU")
        self.memory.store(unit_scu + offsetof(scu.Scu, "control"), 4, 2)
        self.memory.store(unit_scu + offsetof(scu.Scu, "filter_end"), 4, 0xFFE0_0000)
        slcr = self.program.address_of("ovm.board.devices.slcr.SLCR")
        self.memory.store(slcr + 0x430, 4, 0xFFFF)  # TZ_DDR_RAM: all open
        self.memory.store(slcr + 0x910, 4, 0xF)  # OCM_CFG: all high
        kinds = (WRITE_BACK | SHAREABLE, WRITE_BACK | SHAREABLE | OPEN, NORMAL_UNCACHED, WRITE_BACK)
        table = [(number & 0x3F0) << 20 | SUPER | kinds[number >> 10] for number in range(4096)]
        table[0xFFE] = 0x0010_0000 | WRITE_BACK & ~PRIVILEGED_TOO
        table[0xFFF] = 0xFFF0_0000 | WRITE_BACK
        self.memory.write(storage.DDR_HOST + TABLE, struct.pack("<4096I", *table))
        self._start(self.program.address_of("ovm.board.state.CORES") + sizeof(state.Cpu), 1)
        self._start(self.program.address_of("ovm.board.state.CPU"), 0)
        self.call(level2.level2_reset)
        self.call(level2.write, 0x108, 0x111, 0)
        self.call(level2.write, 0x10C, 0x121, 0)
        self.call(level2.write, 0x100, 1, 0)
        for core in (1, 0):
            self.call(driver.select, core)
            self.call(lines.drop_lines)
        for core in (1, 0):
            self._warm(core)
        self.write(0x7FC, 0xFF)

    def _warm(self, core: int) -> None:
        """Fill the TLBs of a core, and leave its caches empty."""
        for place in (0, NON_SECURE, UNCACHED, NOT_SHARED, 0xFFFC_0000):
            self.load(place, core)
        self.fetch(0, core)
        self.fetch(NON_SECURE, core)
        self.call(maintain.instruction_all)
        self.forget(core)

    def forget(self, core: int = 0) -> None:
        """Clean and invalidate the data cache of a core."""
        self.call(driver.select, core)
        for index in range(level1.SETS):
            for way in range(level1.WAYS):
                self.call(maintain.data_set_way, index << 5 | way << 30, 3)

    def _start(self, place: int, number: int) -> None:
        for field, value in (("mode", 0x13), ("masks", 0x1C0), ("number", number), ("actlr", 0x45)):
            self.memory.store(place + offsetof(state.Cpu, field), 4, value)
        for field, value in (("sctlr", 0x1005), ("ttbr0", TABLE), ("dacr", 1)):
            world = place + offsetof(state.Cpu, "world")
            self.memory.store(world + offsetof(state.WorldRegisters, field), 4, value)

    def call(self, function: Any, *arguments: int) -> int:
        return int(self.program.call(f"{function.__module__}.{function.__name__}", *arguments) or 0)

    def cpu(self, field: str, size: int = 4) -> int:
        return int(self.memory.load(self.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, field), size))

    def set_time(self, moment: int) -> None:
        """Let the core that runs, which has issued nothing, be at a moment."""
        self.memory.store(self.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, "stalled"), 8, moment)

    def issue(self, slots: int) -> None:
        """Let the core that runs issue instructions for so many slots."""
        place = self.program.address_of("ovm.board.state.CPU") + offsetof(state.Cpu, "slots")
        self.memory.store(place, 8, self.memory.load(place, 8) + slots)

    def _timed(self, function: Any, *arguments: int) -> int:
        before = self.cpu("stalled", 8)
        self.call(function, *arguments)
        return self.cpu("stalled", 8) - before

    def load(self, address: int, core: int = 0) -> int:
        """Load a word; return the cycles that it waited."""
        self.call(driver.select, core)
        return self._timed(load, address)

    def load_as(self, address: int, kind: int, rd: int = 0, rn: int = 1, rm: int = 2, slots: int = 2) -> int:
        """Load as an instruction does; return the cycles that it waited."""
        return self._timed(driver.load_as, address, kind, rd, rn, rm, slots)

    def value(self, address: int, core: int = 0) -> int:
        self.call(driver.select, core)
        return self.call(load, address)

    def store(self, address: int, value: int = 0, core: int = 0) -> int:
        """Store a word; return the cycles that the core waited."""
        self.call(driver.select, core)
        return self._timed(store, address, value)

    def fetch(self, address: int, core: int = 0) -> int:
        self.call(driver.select, core)
        return self._timed(driver.fetch, address)

    def write(self, offset: int, value: int, ns: int = 0) -> bool:
        """Write a register of level 2; tell whether it aborts. Operations by way are waited for."""
        refused = bool(self.call(level2.write, offset, value, ns))
        registers = self.program.address_of("ovm.board.cache.level2_state.L2")
        self.memory.store(registers + offsetof(level2_state.Level2, "busy_until"), 8, 0)
        return refused

    def register(self, offset: int) -> int:
        return self.call(level2.read, offset, 0)

    OUTER_ONLY = 0xFFD0_0000

    def outer_only(self, physical: int) -> None:
        """Map the megabyte of `physical` at OUTER_ONLY, inner non-cacheable and outer write-back (TEX 101; ARM B3.8.2)."""
        section = physical & 0xFFF0_0000 | 0x5C02
        self.memory.store(storage.DDR_HOST + TABLE + (self.OUTER_ONLY >> 20) * 4, 4, section)

    def ram(self, physical: int, value: int | None = None) -> int:
        """Return what RAM itself holds, behind all caches; or change it."""
        if value is not None:
            self.memory.store(storage.DDR_HOST + physical, 4, value)
        return int(self.memory.load(storage.DDR_HOST + physical, 4))

    def counts(self, core: int) -> tuple[int, ...]:
        place = self.program.address_of("ovm.board.events.CORE_COUNTS") + core * sizeof(events.Counts)
        return struct.unpack(f"<{events.COUNTS}Q", self.memory.read(place, events.COUNTS * 8))

    def listen(self, kind: int) -> None:
        """Keep events of one kind."""
        self.memory.store(self.program.address_of("ovm.board.events.EVENTS") + offsetof(events.Events, "mask"), 4, 1 << kind)

    def heard(self) -> list[int]:
        """Return when each event happened that was kept."""
        head = self.memory.load(self.program.address_of("ovm.board.events.EVENTS") + offsetof(events.Events, "head"), 4)
        ring = self.program.address_of("ovm.board.events.RING") + offsetof(events.Event, "cycle")
        return [int(self.memory.load(ring + number * sizeof(events.Event), 8)) for number in range(head)]

    def data_tag(self, physical: int, core: int = 0, ns: int = 0) -> int:
        """Return the tag under which a core's data cache holds a line, or 0."""
        first = (physical // LINE % level1.SETS) * level1.WAYS + core * level1.LINES
        place = self.program.address_of("ovm.board.cache.level1.DATA")
        for way in range(level1.WAYS):
            tag = int(self.memory.load(place + (first + way) * 4, 4))
            if tag & level1.NAME == physical & ~31 | ns << 1 | 1:
                return tag
        return 0

    def level2_tag(self, physical: int, ns: int = 0) -> tuple[int, int]:
        """Return the way and the tag under which level 2 holds a line, or (8, 0)."""
        first = physical // LINE % level2_tags.SETS * level2_tags.WAYS
        place = self.program.address_of("ovm.board.cache.level2_tags.TAGS")
        for way in range(level2_tags.WAYS):
            tag = int(self.memory.load(place + (first + way) * 4, 4))
            if tag & level2_tags.NAME == physical & ~31 | ns << 1 | 1:
                return way, tag
        return 8, 0

    def state(self) -> bytes:
        """Return everything that the caches hold, hints apart."""
        parts = (
            ("ovm.board.cache.level1.DATA", 2 * level1.LINES * 4),
            ("ovm.board.cache.level1.INSTRUCTIONS", 2 * level1.LINES * 4),
            ("ovm.board.cache.level2_tags.TAGS", level2_tags.LINES * 4),
            ("ovm.board.cache.level2_state.L2", sizeof(level2_state.Level2)),
        )
        return b"".join(self.memory.read(self.program.address_of(name), size) for name, size in parts)
