# SPDX-License-Identifier: Apache-2.0
"""The check that the virtual board can be what a board file says, made without loading the board."""

from typing import Any

from ovm.board.api.errors import BoardError
from ovm.board.api.parameters import TABLES, checked
from ovm.board.api.wiring import faults
from ovm.system.model import Board as BoardFile
from ovm.system.problems import Problems


def check_board(board: BoardFile) -> None:
    """Refuse a board file that the virtual board can't be: by [timing] and [model], or by how it is wired."""
    problems = Problems()
    for path, error in faults(board.document.values) if board.parameters else ():
        said: dict[str, Any] = {"found": error.found, "expected": error.expected, "fix": error.fix or "remove it"}
        problems.add(board.document.problem(error.code, path, error.message, key=error.code == "R218", **said))
    for table in TABLES:
        for name, value in board.document.values.get(table, {}).items():
            try:
                checked({name: value})
            except BoardError as error:
                facts: dict[str, Any] = {"found": error.found, "expected": error.expected, "fix": error.fix or "remove it"}
                key = error.code == "R200"
                problems.add(board.document.problem(error.code, (table, name), error.message, key=key, **facts))
    problems.stop_if_any()
