# SPDX-License-Identifier: Apache-2.0
"""The check counts as many level-2 tables as OVM takes at boot; with just as many it boots."""

from pathlib import Path

import pytest

from ovm.abi.config import LEAST_SHARE
from ovm.board.api import Board
from ovm.metal.build.elf import Elf
from ovm.system.build import build
from ovm.system.problems import DescriptionError
from ovm.system.shadow_tables import SECTION, fixed_tables, pieces

DESCRIPTION = """
[system]
name = "few"
level1_tables = 2
level2_tables = {tables}
[[guest]]
name = "hard"
level = "hrt"
image = "metal:ovm.guests.pulse"
memory = "1MiB"
devices = ["uart0", "ttc1"]
[[guest]]
name = "soft"
level = "srt"
image = "metal:ovm.guests.tick"
memory = "1MiB"
budget_us = 400
period_us = 1000
[[guest.region]]
name = "r"
bytes = "8KiB"
[[guest]]
name = "one"
level = "nrt"
image = "metal:ovm.guests.hello"
memory = "1MiB"
[[guest]]
name = "two"
level = "nrt"
image = "metal:ovm.guests.hello"
memory = "1MiB"
[[guest]]
name = "three"
level = "nrt"
image = "metal:ovm.guests.hello"
memory = "1MiB"
"""
TAKEN = 6


def test_the_count_is_what_ovm_takes(tmp_path: Path) -> None:
    description = tmp_path / "few.toml"
    least = TAKEN + 3 * LEAST_SHARE
    with pytest.raises(DescriptionError, match=f"at least 3: (.|\n)*at least {least}:"):
        description.write_text(DESCRIPTION.format(tables=least - 1))
        build(description, lambda step: None)
    description.write_text(DESCRIPTION.replace("level1_tables = 2", "level1_tables = 3").format(tables=least))
    archive = build(description, lambda step: None)
    guests = archive.plan.guests
    assert archive.plan.system.board.cpus + sum(fixed_tables(archive.plan.system, each) for each in guests) == TAKEN
    board = Board(archive.plan.system.board.parameters)
    printed = bytearray()
    board.on_console(lambda uart, data: printed.extend(data))
    board.start(board.load(archive.boot))
    board.run(cycles=30_000_000)
    symbol = Elf(archive.core.content).symbols["ovm.core.memory.sections.STRAIGHT_TABLES"]
    assert int.from_bytes(board.read(symbol.address, 4), "little") == TAKEN
    # Each NRT guest has had its share, and runs.
    assert b"broken" not in printed and printed.count(b"hello from metal") == 3, bytes(printed)


def test_pieces_of_a_range() -> None:
    assert pieces(0, 0, 2 * SECTION) == set()
    assert pieces(0x1000, 0x1000, SECTION) == {0, 1}
    assert pieces(0x1000, 0x1000, 3 * SECTION) == {0, 3}
    assert pieces(SECTION, 0x1000, 2 * SECTION) == {1, 2}
