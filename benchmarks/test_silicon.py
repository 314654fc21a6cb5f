# SPDX-License-Identifier: Apache-2.0
"""The board beside silicon's published figures: what a load costs that hits or misses, and how long an interrupt takes.

Parameters of the board come from the sources named in `boards/zc702.toml` and are never changed to make these numbers
better. A figure that a parameter was taken from says only that the model adds up; the others test it.
"""

import os
from dataclasses import dataclass
from struct import unpack

import pytest

from benchmarks.bare import Bare, build
from benchmarks.subject import on_board
from ovm.board.api import Board

pytestmark = pytest.mark.bench
LOADS = 200_000
RUNS = int(os.environ.get("OVM_BENCH_INTERRUPTS", "20000"))
MOST_ACCESSES = (1_000, 4_000, 16_000, 64_000)
BINS = 16384  # as in latency.c
SEVEN_CPU = "7-cpu.com, Exynos 4210"
JBL = "jblopen.com, Zynq-7000"


@dataclass(frozen=True)
class Figure:
    """A published figure, and the chases whose difference it is: the second one's cycles a load are subtracted."""

    what: str
    published: float
    source: str
    chase: str
    less: str = ""


CHASES = {
    # Within L1; within L2, where 8 of 512 KiB are L1's; far beyond L2. Sections: no translation in the way.
    "l1": {"COUNT": 512, "STRIDE": 32, "SECTIONS": 1},
    "l2": {"COUNT": 8192, "STRIDE": 32, "SECTIONS": 1},
    "ddr": {"COUNT": 8 << 15, "STRIDE": 32, "SECTIONS": 1},
    # One line in each page, all of them in L1: 24 pages fit the micro-TLB, 112 the main TLB alone, 448 neither.
    "24 pages": {"COUNT": 24, "STRIDE": 4096 + 32},
    "112 pages": {"COUNT": 112, "STRIDE": 4096 + 32},
    "448 pages": {"COUNT": 448, "STRIDE": 4096 + 32},
}
FIGURES = (
    Figure("load that hits L1, pointer chase", 4, SEVEN_CPU, "l1"),
    Figure("load that hits L2", 25, f"{JBL} (31 ns at 800 MHz)", "l2"),
    Figure("load that misses L2", 88, f"{JBL} (110 ns at 800 MHz)", "ddr"),
    Figure("micro-TLB miss, main TLB hit", 7, SEVEN_CPU, "112 pages", "24 pages"),
    Figure("main TLB miss, walk hits a cache", 14, SEVEN_CPU, "448 pages", "24 pages"),
)


def chase(board: Board, define: dict[str, int]) -> float:
    """Cycles a load takes in a chase."""
    program = build(Bare("chase", "chase.c", {**define, "LOADS": LOADS}))
    on_board(board, program)
    return int.from_bytes(board.read(program.symbols["cycles"].address, 4), "little") / LOADS


def row(what: str, board: float, published: float, source: str) -> None:
    """Print one comparison."""
    print(f"{what:62}{board:10.1f}{published:11.1f}{(board - published) / published:+9.0%}   {source}")


def heading(text: str) -> None:
    """Print what the columns are."""
    print(f"\n{text:62}{'board':>10}{'published':>11}{'error':>9}   source")


def test_memory() -> None:
    """Loads that hit and miss: cycles each."""
    board = Board()
    found = {name: chase(board, define) for name, define in CHASES.items()}
    heading("cycles a load")
    for figure in FIGURES:
        row(figure.what, found[figure.chase] - found.get(figure.less, 0.0), figure.published, figure.source)


@dataclass(frozen=True)
class Latency:
    """Interrupt latencies of one run, in cycles; `bins` counts each."""

    smallest: int
    largest: int
    mean: float
    bins: tuple[int, ...]

    def percentile(self, share: float) -> int:
        """The smallest latency that this share of all is no larger than."""
        wanted, seen = share * sum(self.bins), 0
        for cycles, number in enumerate(self.bins):
            seen += number
            if seen >= wanted:
                return cycles
        return len(self.bins)


def latency(board: Board, most: int, runs: int, layered: bool) -> Latency:
    """Interrupt latency with up to `most` random accesses in between."""
    define = {"DATA_BYTES": 4 << 20, "CODE_PAGES": 256, "MOST": most, "TURNS": runs, "SEED": 1, "SECTIONS": 1}
    program = build(Bare("latency", "latency.c", {**define, "LAYERED": 1} if layered else define))
    on_board(board, program)

    def words(name: str, count: int) -> tuple[int, ...]:
        return unpack(f"<{count}I", board.read(program.symbols[name].address, 4 * count))

    low, high = words("total", 2)
    return Latency(words("smallest", 1)[0], words("largest", 1)[0], (low | high << 32) / runs, words("bins", BINS))


@pytest.mark.parametrize("layered", [False, True], ids=["small", "layered"])
def test_interrupts(layered: bool) -> None:
    """Trigger to the first instruction of the service routine.

    The source leaves open how many accesses are in between and what the software is beyond "minimal bare metal": so
    several numbers, and two ways to the routine (`latency.c`).
    """
    board = Board()
    for most in MOST_ACCESSES:
        found = latency(board, most, max(1000, RUNS * 1000 // most), layered)
        way = "through a library's layers" if layered else "by the shortest way"
        heading(f"interrupt {way}, 0 to {most} accesses")
        row("cycles, smallest", found.smallest, 154, f"{JBL}, nothing locked, 2 million runs")
        row("cycles, mean", found.mean, 876, "the same")
        row("cycles, largest", found.largest, 1778, "the same")
        print(f"{sum(found.bins)} interrupts, median {found.percentile(0.5)}, p99 {found.percentile(0.99)}")
