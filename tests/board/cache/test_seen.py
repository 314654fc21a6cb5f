# SPDX-License-Identifier: Apache-2.0
"""Tests of where reads from outside look, against what a load then gets, when lines hold bytes of their own."""

import random

import pytest

from ovm.board.cache import level1, level2_tags, seen, stale
from ovm.board.ram.storage import DDR_HOST
from ovm.board.shortcuts import lines
from ovm.board.state import Cpu
from ovm.metal import offsetof
from tests.board.cache import driver
from tests.board.cache.rig import LINE, NON_SECURE, NOT_SHARED, UNCACHED, Rig

STEPS = 3000
BASE, ON_CHIP = 0x10_0000, 0xFFFC_0000
ADDRESSES = [BASE + LINE * number + 0x1_0000 * way for number in range(3) for way in range(4)] + [
    ON_CHIP + 0x40,
    ON_CHIP + 0x4040,
]
# A type of memory as `mmu.attributes` packs it: Normal, inner and outer write-back with allocation, S, NS.
KINDS = {0: 0x56, NON_SECURE: 0xD6, UNCACHED: 2, NOT_SHARED: 0x16}
DEVICE = 1


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def content(rig: Rig, place: int) -> int:
    return int(rig.memory.load(place, 4))


def expected_copies(rig: Rig, physical: int) -> dict[int, int]:
    """Return the places of a line's copies by the number that `copy_at` gives them, by a search of all tags."""
    found = {}
    tags = (
        (seen.DATA_COPY, "level1.DATA", level1.SETS, level1.WAYS, 2, stale.DATA_BASE),
        (seen.INSTRUCTION_COPY, "level1.INSTRUCTIONS", level1.SETS, level1.WAYS, 2, stale.INSTRUCTION_BASE),
        (seen.LEVEL2_COPY, "level2_tags.TAGS", level2_tags.SETS, level2_tags.WAYS, 1, stale.LEVEL2_BASE),
    )
    for kind, name, sets, ways, cores, base in tags:
        place = rig.program.address_of(f"ovm.board.cache.{name}")
        for core in range(cores):
            for way in range(ways):
                index = core * sets * ways + physical // LINE % sets * ways + way
                tag = content(rig, place + 4 * index)
                if tag & 1 and tag & ~31 == physical & ~31:
                    found[kind + 2 * core + (tag >> 1 & 1)] = base + index * LINE + physical % LINE
    return found


def step(rig: Rig, source: random.Random) -> None:
    """Change something: a store, a load, a fetch, an operation, memory itself, the coherency of a core."""
    core, choice = source.randrange(2), source.random()
    address = source.choice(ADDRESSES) + 4 * source.randrange(8)
    region = source.choice(list(KINDS)) if address < ON_CHIP else 0
    rig.call(driver.select, core)
    if choice < 0.45:
        rig.store(address + region, source.getrandbits(32), core)
    elif choice < 0.6:
        rig.load(address + region, core)
    elif choice < 0.65:
        rig.fetch(address + (region if region == NON_SECURE else 0), core)
    elif choice < 0.75:
        rig.call(driver.maintain_line, address + region, source.randrange(1, 4))
    elif choice < 0.85:
        rig.write(source.choice((0x770, 0x7B0, 0x7F0)), address, source.randrange(2))
    elif choice < 0.92 and address < ON_CHIP:
        rig.ram(address, source.getrandbits(32))
    elif choice < 0.96:
        actlr = rig.program.address_of("ovm.board.state.CPU") + offsetof(Cpu, "actlr")
        rig.memory.store(actlr, 4, 0x45 if source.random() < 0.7 else 0x05)
        rig.call(lines.drop_lines)
    else:
        rig.write(0x100, int(source.random() < 0.7))


def test_what_is_seen_is_what_a_load_gets(rig: Rig) -> None:
    rig.reset(stale_lines=1)
    source, copies_seen = random.Random(8), set()
    for number in range(STEPS):
        step(rig, source)
        address, core = source.choice(ADDRESSES) + 4 * source.randrange(8), source.randrange(2)
        copies = expected_copies(rig, address)
        copies_seen |= set(copies)
        assert {each: place for each in range(seen.COPIES) if (place := rig.call(seen.copy_at, each, address))} == (
            copies
            if content(rig, level2_control(rig))
            else {each: place for each, place in copies.items() if each < seen.LEVEL2_COPY}
        ), number
        region = source.choice(list(KINDS)) if address < ON_CHIP else 0
        place = rig.call(seen.seen_at, core, address, KINDS[region] if address < ON_CHIP else 0x16)
        word = content(rig, place)
        check_by_all(rig, address, core)
        loaded = rig.value(address + region, core)
        # A load may write the line back that the other world has of the same memory, as its own takes that one's place.
        evicts = not set(copies) <= set(expected_copies(rig, address))
        assert loaded == word or evicts, (number, hex(address + region), core)
    assert copies_seen == set(range(seen.COPIES))


def level2_control(rig: Rig) -> int:
    return rig.program.address_of("ovm.board.cache.level2_state.L2")


def check_by_all(rig: Rig, address: int, core: int) -> None:
    """Without a mapping: the Non-secure space first, in it the core's own line, the other core's, level 2's; then memory."""
    copies = {each: place for each in range(seen.COPIES) if (place := rig.call(seen.copy_at, each, address))}
    order = [number for ns in (1, 0) for number in (core * 2 | ns, (1 - core) * 2 | ns, seen.LEVEL2_COPY | ns)]
    first = next((copies[each] for each in order if each in copies), None)
    place = rig.call(seen.seen_by_all, core, address)
    if first is not None or address < ON_CHIP:
        assert place == (DDR_HOST + address if first is None else first)


def test_what_has_no_copies_is_memory_itself(rig: Rig) -> None:
    """Without lines of their own; for Device memory; and where no RAM is."""
    for own in (0, 1):
        rig.reset(stale_lines=own)
        rig.store(BASE, 7)
        cached = rig.call(seen.seen_at, 0, BASE, KINDS[0])
        assert (cached == DDR_HOST + BASE) == (own == 0)
        assert rig.call(seen.seen_at, 0, BASE, DEVICE) == DDR_HOST + BASE
        assert rig.call(seen.seen_at, 0, 0x7000_0000, KINDS[0]) == 0
        assert any(rig.call(seen.copy_at, number, BASE) for number in range(seen.COPIES)) == (own == 1)
