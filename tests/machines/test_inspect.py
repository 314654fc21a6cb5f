# SPDX-License-Identifier: Apache-2.0
"""Walks and words against tables made by hand; then a real run, whose TLB has to agree with the tables in memory."""

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from ovm.board.api import Board
from ovm.cli.inspect_text import headline, key_tables, mapping_table, tlb_table
from ovm.machines import virtual
from ovm.machines.errors import MachineError
from ovm.machines.inspect import OWN, SHADOW, Inspection
from ovm.machines.inspect_moment import Until, address_of
from ovm.machines.inspect_picture import picture
from ovm.machines.inspect_stretches import stretches
from ovm.machines.inspect_walk import Context, Fault, Mapping, Tables
from ovm.machines.running import TIMEOUT, Driven, RunOptions
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build

ROOT = Path(__file__).parents[2]
SYSTEM = ROOT / "systems" / "mixed.toml"
LEVEL1, LEVEL2 = 0x4000, 0x8000


def tables(words: dict[int, int], **context: int) -> Tables:
    return Tables(lambda place: words.get(place, 0) if place < 0x10_0000 else None, Context(LEVEL1, **context))  # type: ignore[arg-type]


# Section at 1 MiB; supersection at 16 MiB; a table at 2 MiB with a small and a large page. ARM DDI0406C figures B3-4, B3-5.
WORDS = {
    LEVEL1 + 4 * 1: 0x4560_0000 | 0xC02 | 5 << 5 | 0xC | 1 << 12 | 1 << 16 | 1 << 17,
    **{LEVEL1 + 4 * index: 0x0700_0000 | 1 << 18 | 2 | 1 << 10 | 1 << 15 | 1 << 4 for index in range(16, 32)},
    LEVEL1 + 4 * 2: LEVEL2 | 1 | 3 << 5,
    LEVEL2 + 4 * 3: 0x0123_4000 | 2 | 1 | 2 << 4,
    **{LEVEL2 + 4 * index: 0x0066_0000 | 1 | 3 << 4 | 1 << 9 | 1 << 2 for index in range(16, 32)},
}


def found(tables: Tables, address: int) -> Mapping:
    mapping = tables.find(address)
    assert isinstance(mapping, Mapping)
    return mapping


def test_each_kind_of_entry() -> None:
    walk = tables(WORDS)
    section = found(walk, 0x0012_3456)
    assert (section.size, section.virtual, section.domain) == ("section", 0x10_0000, 5)
    assert section.leads_to(0x0012_3456) == 0x4562_3456
    assert section.rights() == "privileged read/write, User read/write, execute"
    assert section.memory() == "Normal, write-back, write-allocate, shareable"
    assert not section.is_global
    large = found(walk, 0x01AB_CDEF)
    assert (large.size, large.leads_to(0x01AB_CDEF), large.domain) == ("supersection", 0x07AB_CDEF, 0)
    assert large.rights() == "privileged read, User none, no execute"
    assert large.memory() == "Strongly-ordered"
    page = found(walk, 0x0020_3010)
    assert (page.size, page.leads_to(0x0020_3010), page.domain, page.is_global) == ("page", 0x0123_4010, 3, True)
    assert page.rights() == "privileged read/write, User read, no execute"
    wide = found(walk, 0x0021_5678)
    assert (wide.size, wide.leads_to(0x0021_5678)) == ("large page", 0x0066_5678)
    assert wide.memory() == "Device, shareable"


def test_faults_say_what_is_missing() -> None:
    walk = tables(WORDS)
    for address, status, level in ((0x0030_0000, 5, 1), (0x0020_0000, 7, 2)):
        fault = walk.find(address)
        assert isinstance(fault, Fault) and (fault.status, fault.level) == (status, level)
        assert walk.translate(address) is None
    outside = Tables(lambda place: None, Context(LEVEL1)).find(0)
    assert isinstance(outside, Fault) and outside.status == 0xC


def test_two_tables_and_no_walks() -> None:
    words = {LEVEL1: 0x0010_0002, 0x2_0000 + 4 * 0x800: 0x0020_0002}
    walk = tables(words, ttbr1=0x2_0000, ttbcr=1)
    assert found(walk, 0).physical == 0x0010_0000
    assert found(walk, 0x8000_0000).physical == 0x0020_0000
    forbidden = tables(words, ttbr1=0x2_0000, ttbcr=1 | 1 << 5).find(0x8000_0000)
    assert isinstance(forbidden, Fault) and "TTBCR" in forbidden.text
    assert tables(words, enabled=False).translate(0x1234) == 0x1234


def test_stretches_put_neighbours_together() -> None:
    every = list(tables(WORDS).all())
    assert [each.size for each in every] == ["section", "page", "large page", "supersection"]
    words = {LEVEL1 + 4 * index: index << 20 | 2 for index in range(8)} | {LEVEL1 + 4 * 8: 8 << 20 | 2 | 1 << 4}
    assert [(each.first.virtual, each.entries) for each in stretches(tables(words).all())] == [(0, 8), (8 << 20, 1)]


@pytest.fixture(scope="module")
def archive() -> Archive:
    return build(SYSTEM, lambda _: None, board="zc702")


def looked(archive: Archive, until: Until) -> Inspection:
    result = virtual.run(archive, until.hear, RunOptions(drive=until))
    assert until.inspection is not None, result.reason
    return until.inspection


@pytest.fixture(scope="module")
def inspection(archive: Archive) -> Inspection:
    """At a moment at which there is something to see: `desk` has just changed its space at some others."""
    found: list[Inspection] = []

    def drive(machine: Driven) -> str:
        for millisecond in range(500, 530):
            machine.board.run(cycles=machine.board.hz * millisecond // 1000 - machine.board.now)
            seen = Inspection(machine.board, archive)
            if sum(len(list(view.tables.all())) for view in seen.tables if view.kind == SHADOW and view.current) > 40:
                found.append(seen)
                break
        return "looked"

    virtual.run(archive, lambda event: None, RunOptions(drive=drive))
    return found[0]


def test_no_guest_reaches_a_foreign_frame(inspection: Inspection) -> None:
    assert inspection.problems() == []


def test_the_tlb_agrees_with_the_tables(inspection: Inspection) -> None:
    assert sum(entry.valid for cpu in inspection.cpus for entry in cpu.tlb.main) > 10
    assert inspection.unconfirmed() == []


def test_locked_entries_are_the_right_ones(inspection: Inspection) -> None:
    owners = [inspection.owner_of(entry, 0) if entry.valid else "" for entry in inspection.cpus[0].tlb.lockable]
    assert owners == ["tick", "", "gate", "OVM"]
    assert [entry.locked for entry in inspection.cpus[0].tlb.lockable] == [True, False, True, True]


def test_every_shadow_page_comes_from_the_guests_own_tables(inspection: Inspection) -> None:
    """A shadow is a software TLB: what it maps, the guest's tables map, to the frame behind the guest-physical page."""
    (own,) = [view for view in inspection.tables if view.kind == OWN]
    (shadow,) = [view for view in inspection.tables if view.kind == SHADOW and view.current]
    pages = [each for each in shadow.tables.all() if each.virtual < 0xFFFF_E000]
    assert len(pages) > 10
    index = inspection.guests.names.index("desk")
    for page in pages:
        mapping = found(own.tables, page.virtual)
        assert inspection.ovm.physical(index, mapping.leads_to(page.virtual)) == page.physical


def test_keys_account_for_all_frames(inspection: Inspection, archive: Archive) -> None:
    totals = inspection.key_totals()
    assert sum(totals.values()) == archive.plan.system.board.ram.length // 4096
    assert totals["tick"] == totals["pulse"] == 256
    assert totals["desk"] == inspection.ovm.frames(inspection.guests.names.index("desk"))


def test_text_and_picture(inspection: Inspection) -> None:
    console = Console(width=170, record=True, file=io.StringIO())
    for line in headline(inspection):
        console.print(line)
    for cpu in inspection.cpus:
        console.print(tlb_table(inspection, cpu, 10))
    for view in inspection.tables:
        console.print(mapping_table(inspection, view, 10))
    for table in key_tables(inspection):
        console.print(table)
    text = console.export_text()
    assert "lock 0 locked" in text and "tick (ASID 0x12)" in text
    words = " ".join(text.replace("│", " ").split())
    assert "frame of desk; privileged view: kernel only" in words or "frame of desk; user view: kernel and applications" in words
    assert "gate page" in words and "own tables" in words
    root = ElementTree.fromstring(picture(inspection))
    titles = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any(title.startswith("lock entry 0: tick, 0x10000000 to ") for title in titles)
    assert any("privileged view (desk)" in title for title in titles)


def test_moments_by_console_and_by_function(archive: Archive) -> None:
    said = looked(archive, Until(archive, said="desk: MMU on"))
    assert 0 < said.cycle < said.hz // 10
    early = looked(archive, Until(archive, symbol="boot_primary"))
    assert early.cpus[0].pc == address_of(archive, "boot_primary") and not early.tables
    assert early.cpus[0].place.startswith("ovm.core.boot.boot_primary")
    line = early.cpus[0].place.rpartition(":")[2]
    assert address_of(archive, f"ovm/core/boot.py:{line}") == early.cpus[0].pc


def test_an_entry_that_ovm_is_about_to_drop_is_no_finding(archive: Archive) -> None:
    """The table is written first, then the TLB is told (ARM B3.10.2)."""
    lines = (ROOT / "src/ovm/core/memory/tlb.py").read_text().splitlines()
    line = 1 + next(index for index, text in enumerate(lines) if "TLBIMVA, va" in text)
    board = Board(dict(archive.plan.system.board.parameters))
    board.start(board.load(archive.boot))
    for address in Elf(archive.core.content).line_addresses("ovm/core/memory/tlb.py", line):
        board.breakpoints.add(address)
    for _ in range(12):
        assert board.run(cycles=board.hz // 10).reason == "breakpoint"
        assert Inspection(board, archive).unconfirmed() == []


def test_a_moment_that_is_waited_for_too_long(archive: Archive) -> None:
    until = Until(archive, at=lambda hz: hz)
    result = virtual.run(archive, until.hear, RunOptions(timeout_seconds=0, drive=until))
    assert until.inspection is None and result.reason == TIMEOUT


@pytest.mark.parametrize("symbol", ["no_such_function", "nobody:main", "desk:nothing", "ovm/core/boot.py:1"])
def test_a_moment_that_never_is(archive: Archive, symbol: str) -> None:
    with pytest.raises(MachineError):
        address_of(archive, symbol)


@pytest.mark.parametrize("name", ["hello", "two-srt", "mixed"])
def test_a_sound_machine_has_no_finding_at_any_moment(name: str) -> None:
    """From before the MMU is on, over the gate's lock entry, which is there before any table, to guests at work."""
    archive = build(SYSTEM.with_name(f"{name}.toml"), lambda step: None, board="zc702")
    board = Board(dict(archive.plan.system.board.parameters))
    board.start(board.load(archive.boot))
    for _ in range(60):
        board.run(cycles=90_001)
        seen = Inspection(board, archive)
        assert seen.problems() + seen.unconfirmed() == [], board.now
