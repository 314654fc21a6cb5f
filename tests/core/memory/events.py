# SPDX-License-Identifier: Apache-2.0
"""Random events for `scenario.World`, drawn by Hypothesis.

A guest has three first-level tables and a second-level table for each megabyte of interest in each, all in its own RAM.
Descriptors are mostly sensible, sometimes any word at all; changes come with maintenance, with too much of it,
or with none. Addresses are few, so that events meet.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.core.memory import board
from tests.core.memory.reference import FETCH, READ, WRITE
from tests.core.memory.scenario import ACCESS, World

MEGABYTES = (0x000, 0x100, 0x200, 0x201, 0x20F, 0x7FF, 0x800, 0xFFF)
PAGES = (0x0_0000, 0x0_1000, 0x1_0000, 0xF_1000, 0xF_0000)
ADDRESSES = tuple(megabyte << 20 | page for megabyte in MEGABYTES for page in PAGES) + (0xFFFF_E000, 0x1002_0000)
TABLES = tuple(board.NRT_GPA + offset for offset in (0x4000, 0x8000, 0xC000))
LEVEL2 = board.NRT_GPA + 0x1_0000
DATA = tuple(board.NRT_GPA + offset for offset in (0x2_0000, 0x2_1000, 0x3_0000, 0x8_0000, 0xF_F000))
OWN = (board.CHANNEL_GPA, board.CHANNEL_GPA + 0x1000, board.FILE_GPA, board.DEVICE_GPA)
STRANGE = (
    board.CHANNEL_GPA + 0x2000, 0, 0x1E00_0000, board.OVM, board.IMAGE_B, board.SRT_RAM, board.HRT_RAM, 0xFFFF_F000,
)  # fmt: skip
TARGETS = DATA * 6 + OWN * 3 + STRANGE + TABLES

addresses = st.sampled_from(ADDRESSES)
tables = st.sampled_from(TABLES)
asids = st.sampled_from((0, 1, 2))
domains = st.sampled_from((0, 1, 2, 15))
targets = st.sampled_from(TARGETS)
rights = st.sampled_from((0b000, 0b001, 0b010, 0b010, 0b011, 0b011, 0b011, 0b100, 0b101, 0b110, 0b111))
rarely = st.sampled_from((False, False, False, True))
Event = Callable[[World], None]
How = tuple[int, int, bool, bool, int, int]


def level2_of(table: int, megabyte: int) -> int:
    return LEVEL2 + (TABLES.index(table) * len(MEGABYTES) + MEGABYTES.index(megabyte)) * 1024


def section(target: int, ap: int, xn: bool, domain: int, local: bool, super_: bool) -> int:
    # In a supersection bits [23:20] and the domain field would extend the address, if this core had more than 32 bits.
    base = target & 0xFF00_0000 | 0x00A0_0000 if super_ else target & 0xFFF0_0000
    return base | 2 | xn << 4 | domain << 5 | (ap & 3) << 10 | (ap >> 2) << 15 | local << 17 | super_ << 18 | 0b1_0000_0000_1100


def small(target: int, ap: int, xn: bool, local: bool) -> int:
    return target & 0xFFFF_F000 | 2 | xn | (ap & 3) << 4 | (ap >> 2) << 9 | local << 11 | 0b1100


def large(target: int, ap: int, xn: bool, local: bool) -> int:
    return target & 0xFFFF_0000 | 1 | xn << 15 | (ap & 3) << 4 | (ap >> 2) << 9 | local << 11 | 0b1100


@st.composite
def mapping(draw: Any) -> Event:
    """Draw an event: the guest's kernel maps something at an address, and then does its duty, or not."""
    va, table, target = draw(addresses), draw(tables), draw(targets)
    ap, xn, local, domain = draw(rights), draw(rarely), not draw(rarely), draw(domains)
    kind = draw(st.sampled_from(("small", "small", "small", "large", "section", "super", "none", "any", "outside")))
    word = draw(st.integers(0, 0xFFFF_FFFF)) if kind == "any" else 0
    duty = draw(st.sampled_from(("address", "address", "all", "asid", "nothing")))
    elsewhere = draw(st.integers(0, 0xFFFF))

    def happen(world: World) -> None:
        extent = _write_mapping(world, kind, va, table, (target, ap, xn, local, domain, word))
        if duty == "address":
            # Any address that the changed descriptors cover will do, with every ASID that may hold it.
            mva = va & ~(extent - 1) & 0xFFFF_F000 | elsewhere * 0x1000 & extent - 1
            for asid in (0, 1, 2):
                world.invalidate_address(mva | asid)
        elif duty == "all":
            world.invalidate_all()
        elif duty == "asid":
            for asid in (0, 1, 2):
                world.invalidate_asid(asid)

    return happen


def _write_mapping(world: World, kind: str, va: int, table: int, how: How) -> int:
    """Write the descriptors of one mapping; the extent that they cover."""
    words, extent = mapping_words(kind, va, table, how)
    world.poke(words)
    return extent


def mapping_words(kind: str, va: int, table: int, how: How) -> tuple[dict[int, int], int]:
    """Return the descriptors of one mapping by address, and the extent that the mapping covers."""
    target, ap, xn, local, domain, word = how
    megabyte = va >> 20
    level1, level2 = table + megabyte * 4, level2_of(table, megabyte)
    place = level2 + (va >> 12 & 0xFF) * 4
    link = {level1: level2 | domain << 5 | 1}
    if kind == "super":
        first, entry = table + (megabyte & 0xFF0) * 4, section(target, ap, xn, domain, local, True)
        return {first + 4 * number: entry for number in range(16)}, 1 << 24
    if kind == "section":
        return {level1: section(target, ap, xn, domain, local, False)}, 1 << 20
    if kind == "any" and word & 1 << 31:
        return {level1: word}, 1 << 20
    if kind == "outside":
        return {level1: board.POOL | domain << 5 | 1}, 1 << 20
    if kind == "none" and xn:
        return {level1: 0}, 1 << 20
    if kind == "large":
        entry = large(target, ap, xn, local)
        return link | {(place & ~63) + 4 * number: entry for number in range(16)}, 1 << 16
    return link | {place: {"small": small(target, ap, xn, local), "none": 0, "any": word}[kind]}, 1 << 12


def furnish(world: World, seed: int) -> None:
    """Give the present guest tables that map most addresses."""
    chance = random.Random(seed)
    words: dict[int, int] = {}
    for table in TABLES:
        for va in ADDRESSES[:-2]:
            kind = chance.choice(("small",) * 24 + ("large",) * 4 + ("section",) * 3 + ("none", "none", "super"))
            ap = chance.choice((0b001, 0b010, 0b011, 0b011, 0b011, 0b101, 0b111))
            how = (chance.choice(TARGETS), ap, chance.random() < 0.2, True, chance.choice((0, 1, 2)), 0)
            words.update(mapping_words(kind, va, table, how)[0])
    world.poke(words)


@st.composite
def access(draw: Any) -> Event:
    """Draw an event: the guest touches a few places."""
    places = draw(st.lists(st.tuples(addresses, st.sampled_from((READ, WRITE, WRITE, FETCH))), min_size=1, max_size=6))
    return lambda world: [world.access(va, kind) for va, kind in places]


@st.composite
def story(draw: Any) -> Event:
    """Draw an event: a page is used, its mapping changes, with maintenance or without, and the page is used again."""
    va, kinds = draw(addresses), st.sampled_from(("small", "small", "small", "large", "section", "super", "none"))
    target, other = draw(st.sampled_from(DATA)), draw(st.sampled_from(DATA))
    shapes = [
        (draw(kinds), (place, draw(rights), draw(rarely), not draw(rarely), draw(st.sampled_from((0, 0, 1))), 0))
        for place in (target, draw(st.sampled_from((target, target, other))))
    ]
    uses = draw(st.lists(st.sampled_from((READ, READ, WRITE, WRITE, FETCH, "user", "kernel", "beside")), min_size=3, max_size=6))
    elsewhere, duty = draw(st.integers(0, 0xFFFF)), draw(st.sampled_from(("nothing", "address", "all")))

    def happen(world: World) -> None:
        table = world.side.registers.ttbr0
        for kind, how in shapes:
            extent = _write_mapping(world, kind, va, table, how) if table in TABLES else 4096
            if duty == "address":
                mva = va & ~(extent - 1) & 0xFFFF_F000 | elsewhere * 0x1000 & extent - 1
                world.invalidate_address(mva | world.side.registers.asid)
            elif duty == "all":
                world.invalidate_all()
            for use in uses:
                if use in ACCESS:
                    world.access(va, use)
                elif use == "beside":
                    world.access(va ^ 0x1000, READ)
                else:
                    world.set_mode(use == "kernel")

    return happen


@st.composite
def registers(draw: Any) -> Event:
    """Draw an event: the kernel writes CP15, mostly a switch of process, sometimes anything."""
    what = draw(st.sampled_from(("process",) * 6 + ("dacr", "dacr", "ttbcr", "mmu", "afe")))
    table, asid = draw(tables), draw(asids)
    dacr = draw(st.sampled_from((0x5555_5555, 0xFFFF_FFFF, 0x4000_0011, 0x8000_0014, 0xC000_001D)))
    # Mostly a process keeps its ASID, so that nothing of another's may show.
    odd = draw(rarely)
    ttbcr = draw(st.sampled_from((0, 0, 0, 0, 1, 1, 2, 7, 0x11, 0x21)))
    stray = draw(st.sampled_from((0,) * 19 + (0x5000_0000,)))
    changes: dict[str, dict[str, int | bool]] = {
        "process": {"ttbr0": stray or table, "asid": asid if odd else TABLES.index(table), "mmu": True},
        "dacr": {"dacr": dacr},
        "ttbcr": {"ttbcr": ttbcr, "ttbr1": TABLES[2]},
        "mmu": {"mmu": not draw(rarely)},
        "afe": {"afe": draw(st.booleans())},
    }
    return lambda world: world.change(**changes[what])


@st.composite
def maintenance(draw: Any) -> Event:
    what, va, asid = draw(st.sampled_from(("all", "asid", "address"))), draw(addresses), draw(asids)
    if what == "all":
        return lambda world: world.invalidate_all()
    if what == "asid":
        return lambda world: world.invalidate_asid(asid)
    return lambda world: world.invalidate_address(va | asid)


@st.composite
def release(draw: Any) -> Event:
    page, pages = draw(st.sampled_from((0, 1, 4, 8, 16, 32, 33, 48, 128, 200, 255))), draw(st.sampled_from((1, 1, 2, 64, 200)))
    return lambda world: world.release(board.NRT_GPA + page * 4096, pages)


mode = st.booleans().map(lambda privileged: lambda world: world.set_mode(privileged))
switch = st.sampled_from((board.FIRST, board.SECOND)).map(lambda index: lambda world: world.activate(index))
pressure = st.sampled_from((40, 120)).map(
    lambda pages: lambda world: world.poke({board.NRT_GPA + 0x4_0000 + page * 4096: page for page in range(pages)})
)
event: st.SearchStrategy[Event] = st.one_of(
    access(), access(), access(), mapping(), story(), story(), registers(), mode, mode, maintenance(), switch, release(),
    pressure,
)  # fmt: skip
