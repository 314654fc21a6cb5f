# SPDX-License-Identifier: Apache-2.0
"""Looking into a running system: whose time it was, what caches hold, where addresses lead."""

from pathlib import Path

import pytest

from ovm.board.api import Board, BoardError
from ovm.machines.use import guest_use, machine_use, start_accounts
from ovm.system.archive import Archive
from ovm.system.build import build

ROOT = Path(__file__).parents[3]
NOBODY = 16


@pytest.fixture(scope="module")
def archive() -> Archive:
    return build(ROOT / "systems" / "mixed.toml", lambda step: None, board="zc702")


@pytest.fixture(scope="module")
def board(archive: Archive) -> Board:
    """Three guests at work for 15 ms, with their accounts."""
    made = Board()
    made.start(made.load(archive.boot))
    start_accounts(made, archive)
    made.run(cycles=10_000_000)
    made.accounts.settle()
    return made


def test_nothing_is_booked_twice_and_nothing_is_lost(board: Board) -> None:
    ledgers = [board.accounts.ledger(owner, inside) for owner in range(NOBODY + 1) for inside in (False, True)]
    cores = board.cores
    assert sum(each.cycles + each.asleep for each in ledgers) == sum(core.cycles for core in cores)
    assert sum(each.instructions for each in ledgers) == sum(core.instructions for core in cores)
    for name in ("main_misses", "walk_cycles", "data_misses", "exceptions"):
        assert sum(each.counts[name] for each in ledgers) == sum(core.counts[name] for core in cores), name


def test_each_guest_has_its_own(board: Board, archive: Archive) -> None:
    uses = {guest.name: guest_use(board, guest.index) for guest in archive.plan.system.guests}
    assert all(use["instructions"] > 1000 for use in uses.values())
    # The HRT guest's CPU enters OVM once, to boot.
    assert uses["pulse"]["ovm"]["instructions"] < 1000 < uses["desk"]["ovm"]["instructions"]
    assert uses["desk"]["main_misses"] > uses["pulse"]["main_misses"]
    assert machine_use(board)["unowned_cycles"] > 0


def test_interrupt_latency_is_that_of_the_level(board: Board, archive: Archive) -> None:
    found = {guest.name: guest_use(board, guest.index)["interrupt_latency"] for guest in archive.plan.system.guests}
    pulse, tick = found["pulse"], found["tick"]
    assert pulse["count"] > 5 and tick["count"] > 3
    assert pulse["min"] >= board.parameters["exception_entry"]
    assert pulse["min"] <= pulse["mean"] <= pulse["p99"] <= pulse["max"] < tick["min"]
    pulse_index = next(guest.index for guest in archive.plan.system.guests if guest.name == "pulse")
    assert sum(count for _, count in board.accounts.buckets(pulse_index)) == pulse["count"]


def test_caches_hold_what_runs(board: Board) -> None:
    for core in (0, 1):
        code = board.cache(f"i{core}")
        assert 0 < len(code.lines) <= code.sets * code.ways == 1024
        physical = board.cores[core].translate(board.cores[core].pc)
        assert physical is not None
        assert code.find(physical) is not None
    level2 = board.cache("l2")
    assert (level2.sets, level2.ways) == (2048, 8)
    assert {line.set for line in level2.lines} == {line.physical >> 5 & 2047 for line in level2.lines}
    assert any(line.dirty for line in board.cache(0).lines)
    with pytest.raises(BoardError, match="R211"):
        board.cache("l3")


def test_translation_agrees_with_the_tlbs(board: Board) -> None:
    core = board.cores[0]
    before = board.state_hash()
    checked = 0
    for entry in board.tlb(0).main:
        context = core.get("CONTEXTIDR_NS" if entry.ns else "CONTEXTIDR_S") & 0xFF
        if entry.valid and entry.ns is not core.secure and entry.asid in (None, context):
            assert core.translate(entry.virtual + 0x123) == entry.physical + 0x123
            checked += 1
    assert checked
    assert board.state_hash() == before


def test_reading_by_virtual_address(board: Board) -> None:
    core = board.cores[0]
    physical = core.translate(core.pc)
    assert physical is not None
    assert core.read_virtual(core.pc, 4) == board.read(physical, 4)
    with pytest.raises(BoardError, match="R206"):
        core.read_virtual(0x5000_0000, 4)
