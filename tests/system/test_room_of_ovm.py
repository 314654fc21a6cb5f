# SPDX-License-Identifier: Apache-2.0
"""OVM's place in its megabyte is what the build needs; beyond the megabyte the message shows what takes it."""

from pathlib import Path

import pytest

from ovm.abi.config import FRAME_BYTES
from ovm.board.api import Board
from ovm.system import plan as planning
from ovm.system.archive import Archive
from ovm.system.build import build
from ovm.system.problems import DescriptionError
from ovm.system.units import MIB

HELLO = """
[system]
name = "t"
{keys}
[[guest]]
name = "a"
level = "nrt"
image = "metal:ovm.guests.hello"
memory = "1MiB"
"""


def built(folder: Path, keys: str = "", steps: list[str] | None = None) -> Archive:
    file = folder / "t.toml"
    file.write_text(HELLO.format(keys=keys))
    return build(file, ([] if steps is None else steps).append, "t.toml")


def printed(archive: Archive) -> bytes:
    board = Board(archive.plan.system.board.parameters)
    found = bytearray()
    board.on_console(lambda uart, data: found.extend(data))
    board.start(board.load(archive.boot))
    board.run(cycles=30_000_000)
    return bytes(found)


def test_where_ovm_is_larger_than_was_guessed_its_tables_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "OVM_IMAGE_BYTES", FRAME_BYTES)
    # Its tables leave 64 KiB, so the last of them, the guest's frame map and the pool's stack, go behind the megabyte.
    steps: list[str] = []
    archive = built(tmp_path, 'pool = "700MiB"', steps)
    plan, core = archive.plan, archive.core
    assert steps.count("compiling OVM") == 2
    assert plan.returned_frames.start >= plan.ovm.start + MIB
    assert core.occupied <= plan.ovm_limit - plan.ovm.start
    assert b"hello from metal" in printed(archive)


def test_more_than_the_megabyte_is_refused_with_its_parts(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError) as caught:
        built(tmp_path, "level2_tables = 65536")
    text = str(caught.value)
    assert text.startswith("error[S180]: t.toml:2:1: OVM doesn't fit into its megabyte\n")
    assert "the largest: ovm.core.memory.tables.TABLES 1024 KiB, ovm.core.secure_map.TABLE 16 KiB, " in text
    assert "  expected: at most 1024 KiB: the section that one TLB lock entry maps (A9 4.3.25)\n" in text
    assert text.endswith("  fix:      lower level2_tables, or remove guests")


def test_a_board_with_one_cpu_builds(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('[board]\nbase = "zc702"\ncpus = 1\n')
    archive = built(tmp_path, 'board = "one.toml"')
    assert archive.plan.gate.length == FRAME_BYTES
    assert archive.plan.system.level2_tables == 512
