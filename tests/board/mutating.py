# SPDX-License-Identifier: Apache-2.0
"""Planted errors: a copy of the board gets one change, and the named test has to fail on it.

A mutation is a file below src/ovm/board, what to replace (its first occurrence), by what, and the test that fails then, by
its path below tests/board.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
Mutation = tuple[str, str, str, str]


def copy_board(root: Path) -> None:
    """Copy sources and tests to `root`."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in (("src",), ("boards",), ("tests", "board")):
        shutil.copytree(ROOT.joinpath(*folder), root.joinpath(*folder), ignore=ignored)


def plant(root: Path, mutation: Mutation) -> None:
    """Copy sources and tests to `root`, with the change."""
    copy_board(root)
    file, before, after, _ = mutation
    path = root / "src" / "ovm" / "board" / file
    text = path.read_text()
    assert before in text, f"{file} has no {before!r}"
    path.write_text(text.replace(before, after, 1))


def run_there(root: Path, tests: Iterable[str], settings: Mapping[str, str] | None) -> subprocess.CompletedProcess[str]:
    """Run tests of the copy at `root`."""
    ways = {"OVM_BOARD_OPTIMISE": "0", "PYTHONPATH": f"{root}/src:{root}"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--import-mode=importlib"]
    command += [str(root / "tests" / "board" / test) for test in sorted(set(tests))]
    environment = {**os.environ, **ways, **(settings or {})}
    return subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)


def check_that_its_test_fails(root: Path, mutation: Mutation, settings: Mapping[str, str] | None = None) -> None:
    """Plant an error below `root`; its test must run, and fail by an assertion."""
    plant(root, mutation)
    done = run_there(root, (mutation[3],), settings)
    assert done.returncode == 1, done.stdout[-2000:]
    assert "AssertionError" in done.stdout


def check_that_all_pass_unchanged(root: Path, mutations: Iterable[Mutation], settings: Mapping[str, str] | None = None) -> None:
    """Run the named tests below `root` on a copy without any error: what fails there shows nothing elsewhere."""
    copy_board(root)
    done = run_there(root, (test for *_, test in mutations), settings)
    assert done.returncode == 0, done.stdout[-2000:]
