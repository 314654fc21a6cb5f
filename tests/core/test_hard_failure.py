# SPDX-License-Identifier: Apache-2.0
"""OVM's own failure on the CPU of an HRT guest: CPU 0 says it, and the run ends."""

from pathlib import Path

from ovm.board.api import Board
from ovm.core.hard_trap import hard_call
from ovm.machines.stream import Record, parse_line
from ovm.metal import symbol
from ovm.metal.build.elf import Elf
from ovm.system.build import build
from tests.guests.seizing import DESCRIPTION, WATCHDOG

UDF = b"\xf0\x00\xf0\xe7"
# Cycles until the guest runs, and until it has made its first hypercall.
BOOTED, CALLED = 5_000_000, 30_000_000


def test_a_failure_on_cpu_1_ends_the_run_with_a_record(tmp_path: Path) -> None:
    description = tmp_path / "fails.toml"
    description.write_text(DESCRIPTION.format(attack=WATCHDOG))
    archive = build(description, lambda step: None)
    board, text = Board({"uart_timed": 0}), bytearray()
    board.on_console(lambda uart, data: text.extend(data if uart == 1 else b""))
    board.start(board.load(archive.boot))
    board.run(cycles=BOOTED)
    place = Elf(archive.core.content).symbols[symbol(hard_call)].address
    board.write(place, UDF)
    board.run(cycles=CALLED)
    record = parse_line(next(line for line in text.split(b"\n") if line.startswith(b"\x1ebroken")))
    assert isinstance(record, Record)
    assert record.fields == {"cpu": 1, "vector": 4, "link": place + 4}
    assert b"\x1eend" not in text
