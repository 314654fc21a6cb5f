# SPDX-License-Identifier: Apache-2.0
"""Random tables under random registers of both worlds, against the walk in plain Python.

Unicorn, which judges walks in `test_walk_random`, shows neither types of memory nor what a TLB keeps, reads no big-endian
tables and has no memory that refuses.
"""

import random
import struct

import pytest

from ovm.arm.control import SCTLR_AFE, SCTLR_C, SCTLR_EE, SCTLR_M, SCTLR_ONES, SCTLR_TRE
from ovm.board.ram.storage import DDR_HOST
from tests.board.mmu.bare import FETCH, SVC, USER, USR, WRITE, Bare
from tests.board.mmu.walking import CLIENT, Leaf, Registers, denied, memory, par, walk

# Everything random lies in 64 MiB; nothing answers behind 1 GiB.
TABLES, TABLE_BYTES, MEMORY_END, NOWHERE = 0x10_0000, 0x4_0000, 0x4000_0000, 0x7000_0000
SETTINGS, CASES = 48, 50
SIZES = {24: 0, 12: 1, 16: 2, 20: 3}
EXTERNAL, RECORDED = (0b1100, 0b1110), 1 << 31  # of a walk: an abort, and PAR stays
OPERATIONS = ("ATS1CPR", "ATS1CPW", "ATS1CUR", "ATS1CUW")


@pytest.fixture(scope="module")
def core() -> Bare:
    return Bare()


def words(source: random.Random, count: int) -> bytes:
    """Descriptors of all kinds; tables are among these words, now and then where no memory is."""
    found = []
    for _ in range(count):
        word, kind = source.getrandbits(32), source.choice((0, 1, 1, 1, 2, 2, 2, 3))
        if kind == 1:
            where = NOWHERE if source.random() < 0.05 else TABLES + source.randrange(TABLE_BYTES >> 10) * 0x400
            word = word & 0x3FC | where
        found.append(word & ~3 | kind)
    return struct.pack(f"<{count}I", *found)


def settings(source: random.Random, ns: int) -> Registers:
    def table() -> int:
        return TABLES + (source.randrange(TABLE_BYTES) & ~0x7F) | source.getrandbits(7)

    dacr = sum(source.choice((CLIENT, CLIENT, 3, 0, 2)) << 2 * domain for domain in range(16))
    split = source.choice((0, 0, *range(8)))
    return Registers(
        ns=ns,
        ttbr0=table() if source.random() < 0.95 else NOWHERE,
        ttbr1=table() & 0xFFFF_C07F if source.random() < 0.95 else NOWHERE,
        ttbcr=split | source.choice((0, 0, 0, 0x10, 0x20)),
        dacr=dacr,
        prrr=source.getrandbits(32),
        nmrr=source.getrandbits(32),
        contextidr=source.getrandbits(32),
        afe=source.random() < 0.3,
        tre=source.random() < 0.5,
        big_endian=source.random() < 0.3,
    )


def apply(core: Bare, now: Registers) -> None:
    core.enter(SVC, now.ns)
    for name in ("TTBR0", "TTBR1", "TTBCR", "DACR", "PRRR", "NMRR", "CONTEXTIDR"):
        core.write(name, getattr(now, name.lower()))
    flags = now.afe * SCTLR_AFE | now.tre * SCTLR_TRE | now.big_endian * SCTLR_EE
    core.write("SCTLR", SCTLR_ONES | SCTLR_M | SCTLR_C | flags)
    core.write("TLBIALL", 0)


def expected_entry(leaf: Leaf, now: Registers) -> tuple[int, int, int, int]:
    """Return the registers of a TLB entry (A9 TRM 4.3.25)."""
    virtual = leaf.start | now.ns << 10 | (1 << 9 if leaf.global_ else now.contextidr & 0xFF)
    physical = leaf.physical | SIZES[leaf.log] << 6 | leaf.access << 1 | 1
    attributes = leaf.ns << 11 | leaf.domain << 7 | leaf.execute_never << 6 | leaf.tex << 3
    return virtual, physical, attributes | leaf.cacheable << 2 | leaf.bufferable << 1 | leaf.shareable, 0


def check(core: Bare, source: random.Random, now: Registers, address: int, contents: bytes) -> str:
    """Compare one access; return what came of it."""

    def read(place: int) -> int | None:
        if place >= MEMORY_END:
            return None
        inside = TABLES <= place < TABLES + len(contents)
        return int(struct.unpack_from("<I", contents, place - TABLES)[0]) if inside else 0

    leaf = walk(address, now, read)
    how, mode = source.choice((0, WRITE, FETCH)) | source.choice((0, USER)), source.choice((SVC, USR))
    user = mode == USR or how & USER != 0
    fault = leaf.fault or denied(leaf, now, write=how & WRITE != 0, fetch=how & FETCH != 0, user=user)
    core.enter(mode, now.ns)
    mine = core.translate(address, how)
    about = f"{address:08x} {how} {mode:x} {now} {leaf} {mine}"
    assert mine.fault == fault, about
    if not leaf.fault:
        # The first way of its set, as all are empty.
        assert core.entry((leaf.start >> leaf.log) % 64) == expected_entry(leaf, now), about
    if not fault:
        found = memory(leaf, now)
        page = leaf.physical | address % (1 << leaf.log)
        assert mine.physical == page, about
        expected = (leaf.ns, found.kind, found.inner, found.outer, int(found.shareable))
        assert (mine.ns, mine.kind, mine.inner, mine.outer, mine.shareable) == expected, about
    core.enter(SVC, now.ns)
    check_par(core, source, now, address, leaf)
    core.write("TLBIALL", 0)
    core.write("TLBIMVAA", address)
    return hex(fault & 15)


def check_par(core: Bare, source: random.Random, now: Registers, address: int, leaf: Leaf) -> None:
    """PAR after one of the four operations, which finds the entry or walks again."""
    which = source.randrange(4)
    fault = leaf.fault or denied(leaf, now, write=bool(which & 1), fetch=False, user=which >= 2)
    core.write(OPERATIONS[which], address)
    if fault & 15 in EXTERNAL:
        assert core.get("fault") == RECORDED | fault
        core.set("fault", 0)
        return
    expected = (fault & 15) << 1 | 1 if fault else par(leaf, now, leaf.physical | address % (1 << leaf.log))
    assert core.read("PAR") == expected, f"{OPERATIONS[which]} {address:08x} {now} {leaf}"


@pytest.mark.parametrize("ns", (0, 1), ids=("secure", "non-secure"))
def test_everything_of_a_walk(core: Bare, ns: int) -> None:
    core.reset()
    source = random.Random(3 + ns)
    outcomes: dict[str, int] = {}
    for number in range(SETTINGS):
        if number % 8 == 0:
            little = words(source, TABLE_BYTES // 4)
        now = settings(source, ns)
        contents = (
            struct.pack(f">{TABLE_BYTES // 4}I", *struct.unpack(f"<{TABLE_BYTES // 4}I", little)) if now.big_endian else little
        )
        core.memory.write(DDR_HOST + TABLES, contents)
        apply(core, now)
        for _ in range(CASES):
            shift = source.choice((0, 0, 0, 4, 8))
            outcome = check(core, source, now, source.getrandbits(32) >> shift, contents)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert outcomes["0x0"] > SETTINGS * CASES // 10
    assert {"0x3", "0x5", "0x6", "0x7", "0x9", "0xb", "0xc", "0xd", "0xe", "0xf"} <= set(outcomes), outcomes


@pytest.mark.parametrize("remap", (False, True))
def test_each_type_of_memory(core: Bare, remap: bool) -> None:
    """TEX, C, B and S in every combination, with remap under PRRR and NMRR that set each bit alone and all others."""
    core.reset()
    first = [base << 20 | 0xC02 | (base >> 4 & 7) << 12 | (base >> 2 & 3) << 2 | (base & 1) << 16 for base in range(128)]
    contents = struct.pack("<128I", *first)
    core.memory.write(DDR_HOST + TABLES, contents)
    ones = 0xFFFF_FFFF
    kinds = [
        each
        for bit in range(32)
        for value in (1 << bit, ones ^ 1 << bit)
        for each in ((value, 0x4E4E_1B1B), (0x00FF_AAAA, value))
    ]
    for prrr, nmrr in kinds if remap else [(0x1234_5678, 0x9ABC_DEF0)]:
        now = Registers(ttbr0=TABLES, dacr=CLIENT, prrr=prrr, nmrr=nmrr, tre=remap)
        apply(core, now)
        for base in range(0, 128, 4 if remap else 1):
            base += base // 4 % 2 * 1 if remap else 0
            leaf = walk(base << 20, now, lambda place: struct.unpack_from("<I", contents, place - TABLES)[0])
            found, mine = memory(leaf, now), core.translate(base << 20)
            expected = (found.kind, found.inner, found.outer, int(found.shareable))
            assert (mine.kind, mine.inner, mine.outer, mine.shareable) == expected, f"{base} {prrr:x} {nmrr:x}"
            core.write("ATS1CPR", base << 20)
            assert core.read("PAR") == par(leaf, now, base << 20), f"{base} {prrr:x} {nmrr:x}"
