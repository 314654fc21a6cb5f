# SPDX-License-Identifier: Apache-2.0
"""The board beside lmbench on another chip with the same core: a Cortex-A9 r3p0 (MIDR 413FC090) in a Cyclone V, at 925 MHz.

The results are in github.com/fm4dd/sbc-benchmarks (`socfpga.0`), lmbench 3.0-a4 under Linux 4.6. What happens in L1 is the
core's alone. A line from that chip's L2 takes 30 cycles, so here too; its DDR is another one and is not compared. The loops
are our own, after lmbench's.
"""

import pytest

from benchmarks.bare import Bare, build
from benchmarks.subject import on_board
from benchmarks.test_silicon import heading, row, words
from ovm.board.api import Board

pytestmark = pytest.mark.bench
MHZ = 925
LINE = 32
LEVEL2_HIT = 30 - 4  # behind a hit in L1, as `parameters.py` counts it; lat_mem_rd: 32.5 ns at 128 to 256 KiB
LEVEL1, LEVEL2 = 8 << 10, 128 << 10
SOURCE = "lmbench, Cyclone V"
OPERATIONS = 32_000
# What is done, to every so many words: MB/s at 8 and at 128 KiB, and whether a parameter was chosen with it in view.
BANDWIDTHS = (
    ("add up every word (frd)", {"EVERY": 1, "ADD": 1}, 2939.2, 918.2, True),
    ("add up every fourth word (rd)", {"EVERY": 4, "ADD": 1}, 11198.8, 2203.1, True),
    ("store every word (fwr)", {"EVERY": 1, "STORE": 1}, 3671.1, 3683.1, False),
    ("store every fourth word (wr)", {"EVERY": 4, "STORE": 1}, 11755.3, 2085.4, False),
    ("add up and store every fourth word (rdwr)", {"EVERY": 4, "ADD": 1, "STORE": 1}, 6863.5, 1757.4, False),
    ("copy every word (fcp)", {"EVERY": 1, "COPY": 1}, 1840.2, 618.3, False),
)
# Nanoseconds of each in a chain.
CHAINS = (("VMUL.F32", 6.51, True), ("VMUL.F64", 7.59, True), ("VDIV.F32", 16.27, False), ("VDIV.F64", 27.13, False))


def cycles(board: Board, source: str, define: dict[str, int]) -> int:
    """Return what a program says that it took."""
    program = build(Bare("lmbench", source, {**define, "SECTIONS": 1}))
    on_board(board, program)
    return words(board, program.symbols["cycles"].address, 1)[0]


def test_bandwidth() -> None:
    """Do what lmbench's bw_mem does, for 32 bytes."""
    board = Board({"level2_hit": LEVEL2_HIT})
    heading("cycles for 32 bytes")
    for what, define, *published, taken in BANDWIDTHS:
        for place, size, speed in zip(("L1", "L2"), (LEVEL1, LEVEL2), published, strict=True):
            rounds = (2 << 20) // size
            found = cycles(board, "sums.c", {**define, "BYTES": size, "ROUNDS": rounds}) * LINE / (size * rounds)
            row(f"{what}, {place}", found, LINE * MHZ / speed, SOURCE, taken)


def test_operations() -> None:
    """Operations that wait for each other."""
    board = Board()
    heading("cycles an operation")
    for kind, (what, nanoseconds, taken) in enumerate(CHAINS):
        found = cycles(board, "chained.c", {"KIND": kind, "OPERATIONS": OPERATIONS}) / OPERATIONS
        row(f"{what} on the result of the last one", found, nanoseconds * MHZ / 1000, SOURCE, taken)
