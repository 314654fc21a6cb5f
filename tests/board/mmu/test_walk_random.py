# SPDX-License-Identifier: Apache-2.0
"""Random translation tables, judged by the walks of Unicorn's Cortex-A9.

Whole tables are random: both first-level tables, so that a wrong TTBCR.N shows. What the two see otherwise is in
tests/board/disagreements.md, and `explained` holds each case to it.
"""

import os
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from ovm.arm import cp15
from ovm.arm.control import SCTLR_AFE, SCTLR_M, SCTLR_ONES
from ovm.board.ram.storage import DDR_HOST
from tests.board.mmu.bare import FETCH, READ, USER, WRITE, Bare, Result
from tests.board.mmu.theirs import Judge

CASES = int(os.environ.get("OVM_WALK_CASES", "6000"))
PER_TABLE = 200
TABLE_0, TABLE_1, LEVEL_2, LEVEL_2_TABLES = 0x10_0000, 0x10_8000, 0x11_0000, 64
# Where pages point to: memory that stays zero.
FIRST_MEGABYTE, LAST_MEGABYTE = 2, 64
CODE_DOMAIN = 15
SUPERSECTION = 1 << 18
LAST_WORDS = 0xFF0  # of a page: fetching there, Unicorn wants the next page too
PAR_ADDRESS, PAR_NS = 0xFFFF_F003, 1 << 9
ACCESSES = (READ, WRITE, READ | USER, WRITE | USER)
DOMAIN, TRANSLATION_PAGE, ACCESS_FLAG = (0x9, 0xB), 0x7, (0x3, 0x6)


@dataclass
class Tables:
    """Random tables and the registers that say how to read them."""

    base: int
    control: int
    dacr: int
    sctlr: int
    contents: bytes = field(repr=False)


def level_1(source: random.Random) -> int:
    base, kind = source.randrange(FIRST_MEGABYTE, LAST_MEGABYTE), source.random()
    noise = source.getrandbits(20)
    if kind < 0.1:
        return source.getrandbits(32) & ~3 | source.choice((0, 3))
    if kind < 0.45:
        table = LEVEL_2 + 0x400 * source.randrange(LEVEL_2_TABLES)
        return table | noise & 0x3E8 | 1
    if kind < 0.7:
        return (base & ~15) << 20 | noise & ~0x1E3 | SUPERSECTION | 2
    return base << 20 | noise & ~0x4_0003 | 2


def level_2(source: random.Random) -> int:
    base, noise, kind = source.randrange(FIRST_MEGABYTE, LAST_MEGABYTE) << 20, source.getrandbits(20), source.random()
    if kind < 0.15:
        return source.getrandbits(32) & ~3
    return base | noise & ~3 | (1 if kind < 0.6 else source.choice((2, 3)))


def repeated(words: list[int], starts: Callable[[int], bool]) -> list[int]:
    """Repeat what maps 16 entries, as the manual demands: at multiples of 16, and nowhere else."""
    for index, word in enumerate(words):
        if starts(words[index & ~15]):
            words[index] = words[index & ~15]
        elif starts(word):
            words[index] = 0
    return words


def tables(source: random.Random) -> Tables:
    first = repeated([level_1(source) for _ in range(0x4000)], lambda word: word & (SUPERSECTION | 3) == SUPERSECTION | 2)
    second = repeated([level_2(source) for _ in range(256 * LEVEL_2_TABLES)], lambda word: word & 3 == 1)
    split = source.choice((0, 0, 1, 2, 3, 4, 5, 6, 7))
    control = split | source.choice((0, 0, 0, 0x20))
    base = (0x4000 >> split) * source.randrange(1 << split)
    first[base // 4] = CODE_DOMAIN << 5 | 0xC02
    dacr = source.getrandbits(30) | 3 << 2 * CODE_DOMAIN
    for domain in source.sample(range(15), 8):
        dacr = dacr & ~(3 << 2 * domain) | 1 << 2 * domain
    sctlr = SCTLR_ONES | SCTLR_M | source.choice((0, SCTLR_AFE))
    return Tables(TABLE_0 + base, control, dacr, sctlr, struct.pack(f"<{len(first) + len(second)}I", *first, *second))


def load(given: Tables, ours: Bare, theirs: Judge) -> None:
    theirs.set(cp15.SCTLR, SCTLR_ONES)
    theirs.machine.mem_write(TABLE_0, given.contents)
    ours.memory.write(DDR_HOST + TABLE_0, given.contents)
    values = ((cp15.TTBR0, given.base), (cp15.TTBR1, TABLE_1), (cp15.TTBCR, given.control), (cp15.DACR, given.dacr))
    for register, value in (*values, (cp15.SCTLR, given.sctlr)):
        theirs.set(register, value)
        ours.write(register.name, value)
    ours.write("TLBIALL", 0)
    theirs.set(cp15.TLBIALL, 0)


def status(par: int) -> int:
    return par >> 1 & 0x1F if par & 1 else 0


def explained(ours: Result, par: int, given: Tables) -> str:
    """Name the known disagreement that a difference is; empty if it is none."""
    domain = given.dacr >> 2 * (ours.fault >> 4 & 15) & 3
    mine, other = ours.fault & 15, status(par)
    if mine == TRANSLATION_PAGE and other in DOMAIN and domain in (0, 2):
        return "domain before second-level translation"
    if mine in ACCESS_FLAG and other in DOMAIN and domain in (0, 2):
        return "domain before access flag"
    if mine in ACCESS_FLAG and other == 0 and domain == 3:
        return "no access flag for managers"
    return ""


def compare(ours: Result, par: int, address: int, ns: int) -> bool:
    if ours.fault or par & 1:
        return ours.fault & 15 == status(par) and bool(ours.fault) == bool(par & 1)
    kept = 0xFF00_0000 if par & 2 else 0xFFFF_F000
    same_ns = ours.ns == (par >> 9 & 1)
    return same_ns and ours.physical & kept == par & kept and ours.physical & 0xFFF == address & 0xFFF


def addresses(source: random.Random) -> int:
    kind = source.random()
    if kind < 0.3:
        return source.getrandbits(25 + source.randrange(8)) & 0xFFFF_FFFF
    return source.getrandbits(32)


@pytest.mark.parametrize("ns", (0, 1), ids=("secure", "non-secure"))
def test_translations(ns: int) -> None:
    ours, theirs, source = Bare(), Judge(ns), random.Random(ns + 1)
    ours.enter(0x13, ns)
    known: dict[str, int] = {}
    compared = 0
    for number in range(CASES):
        if number % PER_TABLE == 0:
            given = tables(source)
            load(given, ours, theirs)
        address = addresses(source)
        if address >> 20 in (0, 0xFFF) or address >> 20 == 1:
            continue
        pars = theirs.ask(address)
        check_operations(ours, pars, address, ns)
        for access, par in zip(ACCESSES, pars, strict=True):
            mine = ours.translate(address, access)
            why = "" if compare(mine, par, address, ns) else explained(mine, par, given)
            known[why] = known.get(why, 0) + 1
            compared += 1
            assert why or compare(mine, par, address, ns), f"{address:08x} {access}: {mine} PAR {par:08x} {given}"
        if address & 0xFFF < LAST_WORDS:
            check_fetch(ours, theirs, address, ns, known)
    print(compared, "compared", known)
    assert known[""] > compared * 0.7


def check_operations(ours: Bare, pars: tuple[int, ...], address: int, ns: int) -> None:
    """Our own address translation operations, where both find the same: what Unicorn fills of PAR."""
    for name, par in zip(("ATS1CPR", "ATS1CPW", "ATS1CUR", "ATS1CUW"), pars, strict=True):
        ours.write(name, address)
        mine = ours.read("PAR")
        if mine & 1:
            assert (mine ^ par) & 0x3F == 0 or par & 1 == 0 or status(par) in DOMAIN, f"{name} {address:08x} {mine:08x} {par:08x}"
        else:
            kept = PAR_ADDRESS | (0 if ns else PAR_NS)
            assert (mine ^ par) & kept == 0, f"{name} {address:08x}: {mine:08x}, theirs {par:08x}"


def check_fetch(ours: Bare, theirs: Judge, address: int, ns: int, known: dict[str, int]) -> None:
    for user in (False, True):
        mine = ours.translate(address & ~3, FETCH | user * USER)
        if mine.ns != ns and mine.fault == 0:
            continue  # Unicorn has no memory in the other physical address space
        may = theirs.may_fetch(address, user)
        if mine.fault & 15 in ACCESS_FLAG and may:
            known["no access flag for managers"] = known.get("no access flag for managers", 0) + 1
        else:
            assert may == (mine.fault == 0), f"fetch {address:08x} user {user}: {mine}, theirs {may}"
