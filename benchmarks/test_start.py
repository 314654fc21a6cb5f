# SPDX-License-Identifier: Apache-2.0
"""The time until the board is there, and what it takes of this computer's memory."""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.bare import Bare, build
from benchmarks.subject import on_board
from ovm.board.api import Board

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[1]
COMMAND = "from ovm.cli.main import main; main(prog_name='ovm')"
ROUNDS = int(os.environ.get("OVM_BENCH_ROUNDS", "5"))
MIB = 1 << 20


def until_text(environment: dict[str, str], folder: Path) -> tuple[float, float]:
    """Seconds of `ovm run systems/hello.toml` to the first character of a guest, and to its end."""
    command = (sys.executable, "-u", "-c", COMMAND, "run", "-o", str(folder), str(ROOT / "systems/hello.toml"))
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        heard = time.perf_counter() - began
        process.stdout.read()
    assert first and process.returncode == 0
    return heard, time.perf_counter() - began


def bar(what: str, value: float, most: float, unit: str) -> None:
    """Print a value beside its bar."""
    print(f"  {what:58}{value:8.2f} {unit:18} at most {most:5.2f}: {'met' if value <= most else 'MISSED'}")


def test_start(tmp_path: Path) -> None:
    """From nothing, and with the cache that the first run left."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OVM_CACHE": str(tmp_path / "cache")}
    print("\nstart (wall time; the system `hello`):")
    cold, _ = until_text(environment, tmp_path / "out")
    bar("first run ever, everything compiled: first character", cold, 30, "s")
    warm = sorted(until_text(environment, tmp_path / "out") for _ in range(ROUNDS))[ROUNDS // 2]
    bar("from a warm cache: first character, median", warm[0], 1.5, "s")
    print(f"  {'from a warm cache: whole run':58}{warm[1]:8.2f} s")


def resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_memory() -> None:
    """Measure what a board of 1 GiB takes before anything is touched, and for each byte that is."""
    before = resident()
    began = time.perf_counter()
    board = Board()
    there = time.perf_counter() - began
    print("\nmemory (resident set of the process):")
    print(f"  {'a board of 1 GiB, reset, in':58}{there:8.2f} s")
    print(f"  {'takes before anything is touched':58}{(resident() - before) / MIB:8.1f} MiB")
    program = build(Bare("touch", "walk.c", {"PAGES": 3000, "TURNS": 1}))
    on_board(board, program)
    base = resident()
    touched = 192 * MIB
    program = build(Bare("touch", "walk.c", {"PAGES": touched // 4096, "TURNS": 1, "SECTIONS": 1}))
    on_board(board, program)
    bar("for each byte of RAM touched (a line in each page)", (resident() - base) / touched, 4, "bytes")
