# SPDX-License-Identifier: Apache-2.0
"""Observers of a run from outside see the same, whether or not caches hold data of their own."""

import struct
from pathlib import Path
from typing import Any

import pytest

from ovm.board.api import Board
from ovm.machines import virtual
from ovm.machines.gdb.board import BoardTarget
from ovm.machines.gdb.console import Once
from ovm.machines.inspect import Inspection
from ovm.machines.running import RunOptions
from ovm.metal.build.elf import Elf
from ovm.system.archive import Archive
from ovm.system.build import build

WORDS = 4096
GUEST = """#include "guest.h"
int guest_main(struct ovm_vcpu_page *page) {
    volatile uint32_t *r = (volatile uint32_t *)page->region_base[0];
    for (uint32_t i = 0; i < page->region_bytes[0] / 4; i++) r[i] = 0x5A000000 | i;
    return 0;
}
"""
SYSTEM = """[system]
name = "save"
[[guest]]
name = "g"
level = "nrt"
image = "g"
memory = "1MiB"
[[guest.region]]
name = "r"
bytes = "16KiB"
save = "r.bin"
"""
STORED = struct.pack(f"<{WORDS}I", *(0x5A00_0000 | index for index in range(WORDS)))
BOTH = pytest.mark.parametrize("stale_lines", [0, 1])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("save")
    (folder / "g").mkdir()
    (folder / "g" / "main.c").write_text(GUEST)
    (folder / "save.toml").write_text(SYSTEM)
    return build(folder / "save.toml", lambda step: None)


def run(archive: Archive, folder: Path, stale_lines: int) -> Any:
    options = RunOptions(save_to=folder, parameters={"stale_lines": stale_lines})
    return virtual.run(archive, lambda event: None, options).guests["g"].use


def test_regions_and_accounts(archive: Archive, tmp_path: Path) -> None:
    uses = [run(archive, tmp_path / str(stale), stale) for stale in (0, 1)]
    plain, stale = uses
    assert plain["instructions"] == stale["instructions"] > WORDS and plain["exceptions"] == stale["exceptions"] > 0
    # Times may differ, and so what OVM does while it waits.
    assert plain["cycles"] == pytest.approx(stale["cycles"], rel=0.05)
    assert plain["ovm"]["instructions"] == pytest.approx(stale["ovm"]["instructions"], rel=0.05)
    assert [(tmp_path / str(stale) / "r.bin").read_bytes() for stale in (0, 1)] == [STORED, STORED]


def at_the_end(archive: Archive, stale_lines: int) -> tuple[Board, int]:
    """Return the guest's core before its last hypercall, and where the guest has its region."""
    board = Board({**archive.plan.system.board.parameters, "stale_lines": stale_lines})
    board.start(board.load(archive.boot))
    board.breakpoints.add(Elf(archive.images["g"].content).symbols["guest_exit"].address)
    assert board.run(cycles=20_000_000).reason == "breakpoint"
    return board, archive.plan.guests[0].regions[0].gpa


@BOTH
def test_the_debugger(archive: Archive, stale_lines: int) -> None:
    board, place = at_the_end(archive, stale_lines)
    target = BoardTarget(board, lambda: None, Once(lambda uart, data: None))
    assert target.read_virtual(0, place, len(STORED)) == STORED
    physical = target.translate(0, place)
    assert physical is not None and target.read(0, physical, 64) == STORED[:64]
    target.write(physical, b"new!")
    assert target.read_virtual(0, place, 8) == b"new!" + STORED[4:8]


def test_inspection(archive: Archive) -> None:
    found = []
    for stale_lines in (0, 1):
        seen = Inspection(at_the_end(archive, stale_lines)[0], archive)
        assert seen.problems() == [] and seen.unconfirmed() == []
        assert seen.cpus[0].guest == "g" and len(seen.keys) > 4
        found.append((seen.keys, [(view.title, view.stretches) for view in seen.tables], seen.cpus))
    assert found[0] == found[1]
