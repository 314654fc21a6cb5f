# SPDX-License-Identifier: Apache-2.0
"""Planted errors: a copy of the board has one of them at a time; the named test has to fail with it, and to pass without.

Errors in functions of metal share a copy that is compiled once (`planting`); each other one has a copy of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.board.planting import Mutation, copy_board, plant, plant_all

__all__ = ["Mutation", "Planted"]


class Side:
    """A process that runs tests of a copy of the board (`planted_side`)."""

    def __init__(self, root: Path, settings: Mapping[str, str]) -> None:
        environment = {**os.environ, "OVM_BOARD_OPTIMISE": "0", "PYTHONPATH": f"{root}/src:{root}", **settings}
        command = [sys.executable, "-m", "tests.board.planted_side", str(root)]
        self._process = subprocess.Popen(
            command, env=environment, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, number: int, test: str) -> tuple[int, int, str]:
        """Pytest's exit statuses without error and with it, and what it printed the last time."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(number, test, file=self._process.stdin, flush=True)
        without, status, output = json.loads(self._process.stdout.readline())
        return without, status, output

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Planted:
    """The errors of one test file, in copies below a folder."""

    def __init__(self, folder: Path, mutations: Mapping[str, Mutation], settings: Mapping[str, str]) -> None:
        self._folder, self._mutations, self._settings = folder, mutations, settings
        copy_board(folder / "shared")
        self._numbers = plant_all(folder / "shared", mutations)
        self._shared = Side(folder / "shared", self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._shared.close()

    def check_that_its_test_fails(self, name: str) -> None:
        """Check that the named test passes without the error, and that with the error it runs and fails by an assertion."""
        test = self._mutations[name][3]
        without, status, output = self._shared.ask(self._numbers.get(name, 0), test)
        assert without == 0, f"{test} fails without the error:\n{output[-2000:]}"
        if name not in self._numbers:
            status, output = self._alone(name)
        assert status == 1, f"{test} ended with {status}:\n{output[-2000:]}"
        assert "AssertionError" in output

    def _alone(self, name: str) -> tuple[int, str]:
        """Run the named test in a copy that has no other error."""
        root = self._folder / f"alone-{list(self._mutations).index(name)}"
        copy_board(root)
        plant(root, self._mutations[name])
        side = Side(root, self._settings)
        try:
            status, _, output = side.ask(0, self._mutations[name][3])
        finally:
            side.close()
        return status, output
