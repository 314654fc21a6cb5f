# SPDX-License-Identifier: Apache-2.0
"""All timers of the board by random accesses of both cores, beside timers in plain Python that count step by step."""

import copy
import random
from collections.abc import Iterable

import pytest

from tests.board.devices.bench import DISTRIBUTOR, Devices
from tests.board.devices.countdowns import Countdown, GlobalTimer, SystemWatchdog, Triple

PRIVATE, GLOBAL, WATCHDOG = 0xF8F0_0600, 0xF8F0_0200, 0xF800_5000
TRIPLES = (0xF800_1000, 0xF800_2000)
TRIPLE_LINES = (42, 43, 44, 69, 70, 71)
STEPS = 1500


@pytest.fixture(scope="module")
def devices() -> Devices:
    return Devices()


def after(source: random.Random) -> int:
    return source.randrange(1, source.choice((3, 12, 12, 60, 300, 2500)))


def value(source: random.Random) -> int:
    return source.randrange(source.choice((1, 2, 4, 30, 200, 1000)))


def private_lines(devices: Devices) -> list[int]:
    """Levels of interrupts 27 to 31 of both cores (ICDPPIS)."""
    return [(devices.read(DISTRIBUTOR + 0xD00, master=core) or 0) >> 11 for core in range(2)]


def shared_lines(devices: Devices, numbers: Iterable[int]) -> list[bool]:
    words = [devices.read(DISTRIBUTOR + 0xD04) or 0, devices.read(DISTRIBUTOR + 0xD08) or 0]
    return [bool(words[number // 32 - 1] >> number % 32 & 1) for number in numbers]


def countdown_write(source: random.Random, timer: Countdown) -> tuple[int, int]:
    choice = source.random()
    if choice < 0.45:
        control = source.getrandbits(3) | source.choice((0, 0, 1, 3, 255)) << 8 | source.getrandbits(32) & 0xFFFF_00F0
        # Watchdog mode begins with something to count.
        return 8, control | (8 if timer.watchdog and timer.count and source.random() < 0.2 else 0)
    if choice < 0.75:
        return source.choice((0, 0, 4)), value(source) + (1 if timer.control & 8 else 0)
    if choice < 0.9:
        return source.choice((12, 16)), source.getrandbits(2)
    return 20, source.choice((0x1234_5678, 0x1234_5678, 0x8765_4321, 0x8765_4321, 5))


def test_private_timers_and_watchdogs(devices: Devices) -> None:
    source = random.Random(1)
    devices.reset()
    timers = [[Countdown(watchdog=False), Countdown(watchdog=True)] for _ in range(2)]
    now, ended = 0, 0
    for step in range(STEPS * 2):
        now += after(source)
        devices.now = now
        core, which = source.randrange(2), source.randrange(2)
        for each in (each for pair in timers for each in pair):
            each.advance(now)
        timer = timers[core][which]
        base = PRIVATE + 0x20 * which
        for offset in range(0, 0x20, 4):
            assert devices.read(base + offset, master=core) == timer.read(offset), (step, core, which, offset)
        assert private_lines(devices) == [pair[0].line << 2 | pair[1].line << 3 for pair in timers], step
        ended += timer.over
        if timer.over:
            # What its reset would do: out of watchdog mode, and off.
            for offset, word in ((20, 0x1234_5678), (20, 0x8765_4321), (8, 0), (0, 9)):
                devices.write(base + offset, word, master=core)
                timer.write(offset, word)
        elif source.random() < 0.5:
            offset, word = countdown_write(source, timer)
            devices.write(base + offset, word, master=core)
            timer.write(offset, word)
    assert ended > 5


def global_write(source: random.Random, timer: GlobalTimer, core: int) -> tuple[int, int]:
    choice = source.random()
    if choice < 0.35:
        return 8, source.getrandbits(4) | source.choice((0, 0, 1, 7)) << 8 | source.getrandbits(32) & 0xFFFF_00F0
    if choice < 0.6:
        return 0x10, timer.count + source.randrange(-50, 400) & 0xFFFF_FFFF
    if choice < 0.7:
        return 0x14, timer.count >> 32 if source.random() < 0.8 else source.randrange(3)
    if choice < 0.8:
        return 0x18, value(source)
    if choice < 0.9:
        return 12, source.getrandbits(2)
    return source.choice(((0, source.choice((0, 0xFFFF_FF00, 100))), (4, source.randrange(3))))


def storms(timer: GlobalTimer, core: int, offset: int, word: int) -> bool:
    """Tell whether a write would let a comparator far below the counter catch up with it, increment by increment."""
    after_it = copy.deepcopy(timer)
    for each in after_it.cores:
        each.own &= ~2
    after_it.write(core, offset, word & ~2 if offset == 8 else word)
    return any(each.own & 8 and after_it.count - each.aim > 2000 for each in after_it.cores)


def test_global_timer(devices: Devices) -> None:
    source = random.Random(2)
    devices.reset()
    timer, now, events = GlobalTimer(), 0, 0
    for step in range(STEPS * 2):
        now += after(source)
        devices.now = now
        timer.advance(now)
        core = source.randrange(2)
        for offset in range(0, 0x20, 4):
            assert devices.read(GLOBAL + offset, master=core) == timer.read(core, offset), (step, core, offset)
        assert private_lines(devices) == [each.line for each in timer.cores], step
        events += timer.cores[core].status
        if source.random() < 0.5:
            offset, word = global_write(source, timer, core)
            if storms(timer, core, offset, word):
                continue
            devices.write(GLOBAL + offset, word, master=core)
            timer.write(core, offset, word)
            devices.now = now
    assert events > STEPS // 10


def triple_writes(source: random.Random) -> list[tuple[int, int]]:
    """Writes in the order in which software sets a counter up: off, then on from its beginning."""
    interval = source.choice((0, 1, 7, 90, 600, 0xFFFF))
    match = [source.choice((0, 1, 5, interval, 60, 0x1_0005)) for _ in range(3)]
    clock = source.choice((0, 0, 0x40, 1, 3, 5, 1 | 15 << 1))
    control = source.getrandbits(3) << 1 | 16 | source.choice((0, 0x60)) | source.choice((0, 0, 0, 1))
    writes = [(1, 0x21), (0, clock), (3, interval), *((4 + index, each) for index, each in enumerate(match))]
    return [*writes, (8, source.getrandbits(6)), (1, control)]


@pytest.mark.parametrize("unit", range(2))
def test_triple_timers(devices: Devices, unit: int) -> None:
    source = random.Random(3 + unit)
    devices.reset()
    timers, now, events = [Triple() for _ in range(3)], 0, 0
    for step in range(STEPS):
        now += after(source)
        devices.now = now
        for each in timers:
            each.advance(now)
        assert shared_lines(devices, TRIPLE_LINES) == [False] * 3 * unit + [each.line for each in timers] + [False] * 3 * (
            1 - unit
        ), step
        index = source.randrange(3)
        for block in range(9) if source.random() < 0.6 else (2,):
            found = devices.read(TRIPLES[unit] + 12 * block + 4 * index, master=3 if block == 7 else 0)
            events += block == 7 and found != 0
            if block == 7:
                assert found == timers[index].status, (step, index)
                if source.random() < 0.7:
                    continue
                found = devices.read(TRIPLES[unit] + 12 * block + 4 * index)
            assert found == timers[index].read(block), (step, index, block)
        if source.random() < 0.06:
            for block, word in triple_writes(source):
                devices.write(TRIPLES[unit] + 12 * block + 4 * index, word)
                timers[index].write(block, word)
        elif source.random() < 0.1:
            devices.write(TRIPLES[unit] + 12 * 8 + 4 * index, word := source.getrandbits(6))
            timers[index].write(8, word)
    assert events > STEPS // 20


def test_system_watchdog(devices: Devices) -> None:
    source = random.Random(5)
    devices.reset()
    watchdog, now, expired = SystemWatchdog(), 0, 0
    for step in range(STEPS):
        near = watchdog.left if watchdog.left is not None else 0
        now += max(1, source.choice((after(source), near - 1, near, near // 2)))
        devices.now = now
        watchdog.advance(now)
        for offset in range(0, 0x20, 4):
            assert devices.read(WATCHDOG + offset) == watchdog.read(offset), (step, offset)
        assert shared_lines(devices, [41]) == [watchdog.line], step
        assert bool(devices.signal("reset")) == watchdog.reset, step
        expired += watchdog.status
        offset = source.choice((0, 4, 8, 12, 16))
        key = {0: 0xABC << 12, 4: 0x248 << 14, 8: 0x1999}.get(offset, 0)
        word = key | (
            source.getrandbits(12)
            if offset == 0
            else source.getrandbits(14) & 0x3FF
            if offset == 4
            else source.getrandbits(8) << 16
        )
        word ^= source.choice((0, 0, 0, 0, 1 << 12 + source.randrange(20), 1 << source.randrange(16) if offset == 8 else 0))
        if source.random() < 0.4:
            devices.write(WATCHDOG + offset, word)
            watchdog.write(offset, word)
    assert expired > STEPS // 30
