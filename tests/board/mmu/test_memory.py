# SPDX-License-Identifier: Apache-2.0
"""Tests of what memory is, with and without TEX remap, and with the MMU off: tables B3-10 and B3-11 of the manual, by hand."""

import pytest

from ovm.arm.control import SCTLR_AFE, SCTLR_EE, SCTLR_I, SCTLR_TRE
from tests.board.mmu.bare import FETCH, READ, USER, WRITE, Bare
from tests.board.mmu.maps import SECTION, TABLE, mapped

ORDERED, DEVICE, NORMAL = 0, 1, 2
NONE, ALLOCATE, THROUGH, BACK = range(4)
# TEX, C, B: kind, inner, outer, shareable with S=0, with S=1.
PLAIN = {
    (0b000, 0, 0): (ORDERED, NONE, NONE, 1, 1),
    (0b000, 0, 1): (DEVICE, NONE, NONE, 1, 1),
    (0b000, 1, 0): (NORMAL, THROUGH, THROUGH, 0, 1),
    (0b000, 1, 1): (NORMAL, BACK, BACK, 0, 1),
    (0b001, 0, 0): (NORMAL, NONE, NONE, 0, 1),
    (0b001, 1, 1): (NORMAL, ALLOCATE, ALLOCATE, 0, 1),
    (0b010, 0, 0): (DEVICE, NONE, NONE, 0, 0),
    (0b100, 0, 0): (NORMAL, NONE, NONE, 0, 1),
    (0b101, 0, 0): (NORMAL, NONE, ALLOCATE, 0, 1),
    (0b110, 0, 1): (NORMAL, ALLOCATE, THROUGH, 0, 1),
    (0b111, 1, 0): (NORMAL, THROUGH, BACK, 0, 1),
    (0b100, 1, 1): (NORMAL, BACK, NONE, 0, 1),
}
AT = 0x70_0000


@pytest.fixture(scope="module")
def shared() -> Bare:
    return Bare()


@pytest.fixture
def core(shared: Bare) -> Bare:
    shared.reset()
    return mapped(shared)


def memory(core: Bare, tex: int, c: int, b: int, s: int) -> tuple[int, ...]:
    core.store(TABLE + 4 * (AT >> 20), AT | 0xC02 | tex << 12 | c << 3 | b << 2 | s << 16)
    core.write("TLBIALL", 0)
    found = core.translate(AT)
    assert found.ns == 0  # the descriptor's bit alone makes it Non-secure
    return found.kind, found.inner, found.outer, found.shareable


@pytest.mark.parametrize("code", PLAIN, ids=str)
def test_without_remap(core: Bare, code: tuple[int, int, int]) -> None:
    kind, inner, outer, apart, shared = PLAIN[code]
    assert memory(core, *code, 0) == (kind, inner, outer, apart)
    assert memory(core, *code, 1) == (kind, inner, outer, shared)


# Of Linux: PRRR, NMRR (arch/arm/mm/proc-v7-2level.S), and TEX[0], C, B as it uses them.
PRRR, NMRR = 0xFF0A_81A8, 0x40E0_40E0
REMAPPED = {
    0b000: (ORDERED, NONE, NONE),
    0b001: (NORMAL, NONE, NONE),
    0b010: (NORMAL, THROUGH, THROUGH),
    0b011: (NORMAL, BACK, BACK),
    0b100: (DEVICE, NONE, NONE),
    0b111: (NORMAL, ALLOCATE, ALLOCATE),
}


@pytest.mark.parametrize("code", REMAPPED, ids=bin)
def test_with_remap(core: Bare, code: int) -> None:
    core.write("PRRR", PRRR)
    core.write("NMRR", NMRR)
    core.write("SCTLR", core.read("SCTLR") | SCTLR_TRE)
    for s in (0, 1):
        kind, *caches, shareable = memory(core, code >> 2, code >> 1 & 1, code & 1, s)
        assert (kind, *caches) == REMAPPED[code]
        if kind == NORMAL:
            assert shareable == s  # NS0 = 0, NS1 = 1
        if kind == DEVICE:
            assert shareable == 1 - (1 - s) * (1 - (PRRR >> 16 & 1))


def test_shareable_bits_of_prrr(core: Bare) -> None:
    core.write("SCTLR", core.read("SCTLR") | SCTLR_TRE)
    for bit, kind, s in ((16, DEVICE, 0), (17, DEVICE, 1), (18, NORMAL, 0), (19, NORMAL, 1)):
        core.write("PRRR", kind | 0xFF << 24 | 1 << bit)  # NOS has nothing to do with it
        assert memory(core, 0, 0, 0, s)[3] == 1
        assert memory(core, 0, 0, 0, 1 - s)[3] == 0


def test_mmu_off() -> None:
    core = Bare()
    data = core.translate(0x1234_5678)
    assert (data.physical, data.kind, data.shareable, data.ns) == (0x1234_5678, ORDERED, 1, 0)
    fetch = core.translate(0x1234_5678, FETCH)
    assert (fetch.kind, fetch.inner, fetch.outer) == (NORMAL, NONE, NONE)
    core.write("SCTLR", core.read("SCTLR") | SCTLR_I)
    fetch = core.translate(0x1234_5678, FETCH)
    assert (fetch.kind, fetch.inner, fetch.outer) == (NORMAL, THROUGH, THROUGH)
    core.enter(0x13, 1)
    assert core.translate(0).ns == 1
    assert core.walks == 0


def test_tables_are_big_endian_where_ee_says_so(core: Bare) -> None:
    core.write("SCTLR", core.read("SCTLR") | SCTLR_EE)
    core.store(TABLE + 4 * 0x300, int.from_bytes((0x1230_0000 | SECTION).to_bytes(4, "big"), "little"))
    assert core.translate(0x3000_0004, READ).physical == 0x1230_0004


def test_disabled_walks_fault(core: Bare) -> None:
    core.write("TTBCR", 1 << 4)
    assert core.translate(0x123_0000).fault == 0x5
    core.write("TTBCR", 1 << 5 | 1)
    assert core.translate(0x8123_0000).fault == 0x5
    assert core.translate(0x123_0000).fault == 0


def test_external_aborts_of_walks(core: Bare) -> None:
    core.store(TABLE + 4 * 0x300, 0xE000_0000 | 3 << 5 | 1)
    assert core.translate(0x3000_0000).fault == 0x0E | 3 << 4
    core.write("TTBR0", 0xE000_0000)
    assert core.translate(0x3100_0000).fault == 0x0C


def test_supersections_are_in_domain_0(core: Bare) -> None:
    for index in range(16):
        core.store(TABLE + 4 * (0x300 + index), 0x1200_0000 | 0x9 << 5 | 1 << 18 | SECTION)
    core.write("DACR", 1 << 18)
    assert core.translate(0x3000_0000).fault == 0x9
    core.write("DACR", 1)
    assert core.translate(0x3012_3456).physical == 0x1212_3456


def test_access_flag_takes_a_bit_from_the_rights(core: Bare) -> None:
    core.store(TABLE + 4 * 0x300, 0x3000_0000 | 0x8802)  # AP 110, read only
    core.store(TABLE + 4 * 0x301, 0x3010_0000 | 0x0802)  # AP 010, User reads
    assert core.translate(0x3000_0000).fault == core.translate(0x3010_0000, USER).fault == 0
    assert core.translate(0x3010_0000, USER | WRITE).fault == 0xD
    core.write("SCTLR", core.read("SCTLR") | SCTLR_AFE)
    # What the TLB holds is judged anew: 01 of AP[2:1] lets User write.
    assert core.translate(0x3010_0000, USER | WRITE).fault == 0
    core.write("TLBIALL", 0)
    assert core.translate(0x3010_0000, USER | WRITE).fault == 0x3
