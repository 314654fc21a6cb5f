# SPDX-License-Identifier: Apache-2.0
"""The L2C-310: size and ways, lockdown by way, master and line, maintenance, registers, who may write them."""

import pytest

from ovm.board.cache import level2, level2_tags
from ovm.board.state import Cpu
from ovm.metal import offsetof
from tests.board.cache.rig import LATENCIES, LEVEL2_SET_BYTES, LINE, NON_SECURE, Rig

BASE = 0x40_0000
HIT = LATENCIES["level2_hit"]
MISS = HIT + LATENCIES["memory_read"]
DATA_LOCK, FETCH_LOCK, LOCK_LINES, UNLOCK_LINES = 0x900, 0x904, 0x950, 0x954
INVALIDATE_LINE, CLEAN_LINE, BOTH_LINE = 0x770, 0x7B0, 0x7F0
INVALIDATE_WAY, CLEAN_WAY, BOTH_INDEX = 0x77C, 0x7BC, 0x7F8
ROUND_ROBIN = 0x0206_0000


@pytest.fixture(scope="module")
def compiled() -> Rig:
    return Rig()


@pytest.fixture
def rig(compiled: Rig) -> Rig:
    compiled.reset()
    return compiled


def address(number: int) -> int:
    """Return an address for each number, all of the same set of level 2, and of level 1 too."""
    return BASE + number * LEVEL2_SET_BYTES


def ways_of(rig: Rig, numbers: range) -> list[int]:
    return [rig.level2_tag(address(number))[0] for number in numbers]


def test_eight_ways_of_one_set(rig: Rig) -> None:
    for number in range(8):
        assert rig.load(address(number)) == MISS
    assert sorted(ways_of(rig, range(8))) == list(range(8))
    rig.load(address(8))
    assert sum(way < 8 for way in ways_of(rig, range(9))) == 8
    assert rig.load(address(8) + LINE) == MISS
    assert sum(way < 8 for way in ways_of(rig, range(9))) == 8


def test_capacity(rig: Rig) -> None:
    lines = range(BASE, BASE + (512 << 10), LINE * 64)
    for place in lines:
        rig.load(place)
    rig.forget()
    assert {rig.load(place) for place in lines} == {HIT}


def test_round_robin(rig: Rig) -> None:
    for number in range(8):
        rig.load(address(number))
    before = ways_of(rig, range(8))
    victims = []
    for number in range(8, 16):
        rig.load(address(number))
        victims.append(rig.level2_tag(address(number))[0])
    assert sorted(victims) == sorted(before)
    assert [(way - victims[0]) % 8 for way in victims] == list(range(8))


def test_pseudo_random(rig: Rig) -> None:
    rig.write(0x100, 0)
    rig.write(0x104, ROUND_ROBIN & ~(1 << 25))
    rig.write(0x100, 1)
    victims = []
    for number in range(72):
        rig.load(address(number))
        victims.append(rig.level2_tag(address(number))[0])
    assert set(victims) == set(range(8))
    steps = {(after - before) % 8 for before, after in zip(victims[8:], victims[9:], strict=False)}
    assert len(steps) > 3


def test_locked_ways_take_nothing_and_hit(rig: Rig) -> None:
    rig.write(DATA_LOCK, 0xFE)
    rig.load(address(0))
    rig.write(DATA_LOCK, 0x01)
    for number in range(1, 40):
        rig.load(address(number))
    assert rig.level2_tag(address(0))[0] == 0
    rig.forget()
    assert rig.load(address(0)) == HIT


def test_lockdown_is_by_master_and_kind(rig: Rig) -> None:
    rig.write(DATA_LOCK, 0xFB)
    rig.load(address(0))
    assert rig.level2_tag(address(0))[0] == 2
    rig.write(DATA_LOCK + 8, 0xBF)
    rig.load(address(1), 1)
    assert rig.level2_tag(address(1))[0] == 6
    rig.write(FETCH_LOCK, 0xEF)
    rig.fetch(address(2))
    assert rig.level2_tag(address(2))[0] == 4
    for number in range(3, 30):
        rig.load(address(number))
    assert rig.level2_tag(address(1))[0] == 6
    assert rig.level2_tag(address(2))[0] == 4


def test_all_ways_locked_allocates_nothing(rig: Rig) -> None:
    rig.write(DATA_LOCK, 0xFF)
    assert rig.load(address(0)) == MISS
    assert rig.level2_tag(address(0)) == (8, 0)
    rig.forget()
    assert rig.load(address(0)) == MISS


def test_lock_by_line(rig: Rig) -> None:
    rig.write(LOCK_LINES, 1)
    rig.load(address(0))
    rig.write(LOCK_LINES, 0)
    for number in range(1, 40):
        rig.load(address(number))
    assert rig.level2_tag(address(0))[0] < 8
    rig.write(UNLOCK_LINES, 0xFF)
    for number in range(40, 60):
        rig.load(address(number))
    assert rig.level2_tag(address(0))[0] == 8


def test_maintenance_reaches_locked_lines(rig: Rig) -> None:  # DDI0246 3.3.11
    rig.write(DATA_LOCK, 0xFE)
    rig.load(address(0))
    rig.write(DATA_LOCK, 0x01)
    rig.write(INVALIDATE_WAY, 0x01)
    assert rig.level2_tag(address(0))[0] == 8


def test_maintenance_by_line(rig: Rig) -> None:
    rig.store(address(0), 5)
    rig.forget()
    assert rig.level2_tag(address(0))[1] & level2_tags.DIRTY
    rig.write(CLEAN_LINE, address(0))
    assert rig.level2_tag(address(0))[0] < 8
    assert not rig.level2_tag(address(0))[1] & level2_tags.DIRTY
    rig.write(BOTH_LINE, address(0))
    assert rig.level2_tag(address(0))[0] == 8


def test_maintenance_by_index_and_way(rig: Rig) -> None:
    rig.load(address(0))
    way = rig.level2_tag(address(0))[0]
    rig.write(BOTH_INDEX, address(0) & 0xFFE0 | ((way + 1) % 8) << 28)
    assert rig.level2_tag(address(0))[0] == way
    rig.write(BOTH_INDEX, address(0) & 0xFFE0 | way << 28)
    assert rig.level2_tag(address(0))[0] == 8


def test_worlds_have_lines_of_their_own(rig: Rig) -> None:
    rig.load(address(0))
    assert rig.load(NON_SECURE + address(0)) == MISS
    rig.write(INVALIDATE_LINE, address(0), 1)
    assert rig.level2_tag(address(0), 0)[0] < 8
    assert rig.level2_tag(address(0), 1)[0] == 8
    rig.write(INVALIDATE_WAY, 0xFF, 1)
    assert rig.level2_tag(address(0), 0)[0] < 8


def test_latency_registers(rig: Rig) -> None:
    def hit() -> int:
        rig.load(address(0))
        rig.forget()
        return rig.load(address(0))

    assert hit() == HIT
    rig.write(0x100, 0)
    rig.write(0x108, 0x777)
    rig.write(0x10C, 0x777)
    rig.write(0x100, 1)
    assert hit() == HIT + (7 - 1) + (7 - 1) + (7 - 2) + (7 - 1)
    rig.write(0x10C, 0x121)  # counts only while level 2 is off
    assert rig.register(0x10C) == 0x777


def test_off(rig: Rig) -> None:
    rig.write(0x100, 0)
    assert rig.load(address(0)) == LATENCIES["memory_read"]
    assert rig.level2_tag(address(0)) == (8, 0)


def test_event_counters(rig: Rig) -> None:
    rig.write(0x208, 2 << 2)  # counter 0: data read hits
    rig.write(0x204, 3 << 2)  # counter 1: data read requests
    rig.write(0x200, 7)
    for number in range(4):
        rig.load(address(number))
    rig.forget()
    rig.load(address(0))
    assert (rig.register(0x210), rig.register(0x20C)) == (1, 5)
    rig.write(0x200, 0)
    rig.load(address(1))
    assert rig.register(0x20C) == 5


def test_who_may_write(rig: Rig) -> None:
    for offset in (0x100, 0x104, 0x108, 0x10C, 0xC00):
        assert rig.write(offset, 0, 1)
    assert rig.register(0x100) == 1
    assert rig.write(DATA_LOCK, 1, 1)
    assert rig.register(DATA_LOCK) == 0
    rig.write(0x100, 0)
    rig.write(0x104, ROUND_ROBIN | 1 << 26)
    assert not rig.write(DATA_LOCK, 1, 1)
    assert rig.register(DATA_LOCK) == 1


@pytest.mark.parametrize("offset", [0x104, 0x108, 0x10C])
def test_configuration_is_refused_while_it_is_on(rig: Rig, offset: int) -> None:
    """3.3.4: auxiliary control and RAM latencies are written with the cache off; SLVERR otherwise."""
    before = rig.register(offset)
    assert rig.write(offset, 0x111)
    assert rig.register(offset) == before
    rig.write(0x100, 0)
    assert not rig.write(offset, 0x111)
    assert rig.register(offset) == 0x111


def test_operations_by_way_go_on_in_the_background(rig: Rig) -> None:
    """DDI0246 3.1, 3.3.10: the register reads the ways until they are done, and meanwhile every write gets SLVERR."""
    assert not rig.call(level2.write, 0x7FC, 0x81, 0)
    assert rig.register(0x7FC) == 0x81
    assert rig.register(0x77C) == 0
    # Bit 0 of the others, C: a background operation is in progress. Xilinx's start-up code polls Cache Sync.
    assert [rig.register(offset) for offset in (0x730, 0x770, 0x7B8)] == [1, 1, 1]
    for offset in (0x730, 0x770, 0x77C, 0x900, 0xF60):
        assert rig.call(level2.write, offset, 0, 0)
    cpu = rig.program.address_of("ovm.board.state.CPU")
    rig.memory.store(cpu + offsetof(Cpu, "stalled"), 8, rig.memory.load(cpu + offsetof(Cpu, "stalled"), 8) + 2 * 2048)
    assert rig.register(0x7FC) == rig.register(0x730) == 0
    assert not rig.call(level2.write, 0x730, 0, 0)


def test_trustzone_is_asked_behind_level_2(rig: Rig) -> None:
    rig.load(NON_SECURE + address(0))
    rig.forget()
    rig.memory.store(rig.program.address_of("ovm.board.devices.slcr.SLCR") + 0x430, 4, 0)  # TZ_DDR_RAM: all Secure
    assert rig.value(NON_SECURE + address(0)) >> 32 == 0
    assert rig.value(NON_SECURE + address(1)) >> 32 == 1


def test_identification(rig: Rig) -> None:
    assert rig.register(0) == 0x4100_00C8
    assert rig.register(0x730) == 0
    assert rig.register(0x104) >> 16 & 0xF == 0x6  # 64 KB ways, eight of them
