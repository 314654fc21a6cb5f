# SPDX-License-Identifier: Apache-2.0
"""The ledgers together hold every cycle and every instruction of both cores, and nothing twice."""

from pathlib import Path

import pytest

from ovm.board.api import Board
from ovm.board.processor import account
from tests.board.devices.test_machine import ADDING, CROSSING, WAKING, build, started


@pytest.fixture(scope="module")
def board() -> Board:
    return Board()


@pytest.mark.parametrize("source", [ADDING, WAKING, CROSSING])
def test_everything_is_booked_once(board: Board, source: str, tmp_path: Path) -> None:
    started(board, build(tmp_path, source))
    board.accounts.start((None, None), fixed_owners=(0, 1))
    for _ in range(3):
        board.run(cycles=70_000)
        board.accounts.settle()
        ledgers = [board.accounts.ledger(owner, inside) for owner in range(account.OWNERS) for inside in (False, True)]
        assert sum(each.cycles + each.asleep for each in ledgers) == sum(core.cycles for core in board.cores)
        assert sum(each.instructions for each in ledgers) == sum(core.instructions for core in board.cores)
        for name, total in board.counts(0).items():
            assert sum(each.counts[name] for each in ledgers) == total + board.counts(1)[name], name
