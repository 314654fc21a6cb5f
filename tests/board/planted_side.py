# SPDX-License-Identifier: Apache-2.0
"""Run tests of a copy of the board that has many planted errors: once with none of them, then each with one.

    python -m tests.board.planted_side FOLDER

Each line of standard input is `NUMBER TEST`: the value of the word that chooses the error (0: none), and a test below
FOLDER/tests/board. Each answer is a line of JSON: pytest's exit statuses without error and with it, and what it printed last.
What is compiled stays in this process; each error has a process that is forked from it, and nothing else of it.
"""

import contextlib
import gc
import json
import os
import signal
import sys
import tempfile
import weakref
from pathlib import Path

import pytest

from ovm.metal.build.host import HostProgram
from tests.board.planting import WORD

# A board that an error keeps from ending.
SECONDS = 120
PROGRAMS: weakref.WeakSet[HostProgram] = weakref.WeakSet()


class Choice:
    """The error that all programs have."""

    def __init__(self) -> None:
        self.number = 0
        reset = HostProgram.reset

        def reset_with_error(program: HostProgram) -> None:
            reset(program)
            PROGRAMS.add(program)
            self._put(program)

        HostProgram.reset = reset_with_error  # type: ignore[method-assign]

    def choose(self, number: int) -> None:
        """Choose an error for programs that there are, and for those to come."""
        self.number = number
        for program in PROGRAMS:
            self._put(program)

    def _put(self, program: HostProgram) -> None:
        if WORD in program.statics:
            program.memory.store(program.address_of(WORD), 4, self.number)


class Runs:
    """Runs of tests below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._choice = Choice()
        self._passed: set[str] = set()

    def answer(self, number: int, test: str) -> tuple[int, int, str]:
        """Run a test without any error, unless it has passed so, and with one."""
        if test not in self._passed:
            without, output = self._run(test)
            if without != 0 or number == 0:
                return without, 0, output
            self._passed.add(test)
        if number == 0:
            return 0, 0, ""
        gc.freeze()
        with tempfile.TemporaryFile("w+") as file:
            child = os.fork()
            if child == 0:
                self._child(number, test, file.fileno())
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            file.seek(0)
            return 0, status, file.read()

    def _child(self, number: int, test: str, file: int) -> None:
        signal.alarm(SECONDS)
        status = 70
        with contextlib.suppress(BaseException):
            self._choice.choose(number)
            status, output = self._run(test)
            os.write(file, output.encode())
        os._exit(status)

    def _run(self, test: str) -> tuple[int, str]:
        """Pytest's exit status, and what it printed."""
        # Warnings of objects that are collected late take longer to wait for than most tests.
        options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:unraisableexception", "--import-mode=importlib"]
        options += ["--rootdir", str(self._folder)]
        with tempfile.TemporaryFile("w+") as file, contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
            status = int(pytest.main([*options, str(self._folder / "tests" / "board" / test)]))
            file.seek(0)
            return status, file.read()[-20_000:]


def main() -> None:
    """Answer until the input ends."""
    # With these set pytest prints values of any length, and what failed is cut off in front of them.
    for name in ("CI", "BUILD_NUMBER"):
        os.environ.pop(name, None)
    runs = Runs(Path(sys.argv[1]))
    for line in sys.stdin:
        number, _, test = line.strip().partition(" ")
        print(json.dumps(runs.answer(int(number), test)), flush=True)


if __name__ == "__main__":
    main()
