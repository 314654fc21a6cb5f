# SPDX-License-Identifier: Apache-2.0
"""The board beside silicon's published figures: what accesses and branches cost, and how long an interrupt takes.

Parameters of the board come from the sources named in `boards/zc702.toml` and are never changed to make these numbers
better. A figure that a parameter was taken from says only that the model adds up; the others test it. Each row says which.
"""

import os
from dataclasses import dataclass, field
from struct import unpack

import pytest

from benchmarks.bare import Bare, build
from benchmarks.subject import on_board
from ovm.board.api import Board
from ovm.board.api.parameters import DEFAULT_FILE
from ovm.board.api.wiring import read_values

pytestmark = pytest.mark.bench
ACCESSES = 192_000
RUNS = int(os.environ.get("OVM_BENCH_INTERRUPTS", "20000"))
MOST_ACCESSES = tuple(int(each) for each in os.environ.get("OVM_BENCH_ACCESSES", "1000,4000,16000,64000").split(","))
BINS = 16384  # as in latency.c
WORDS = 4096  # directions of the program with branches
STAGES = 8, 11  # of the pipeline: about what a misprediction costs
SEVEN_CPU = "7-cpu.com, Exynos 4210"
JBL = "jblopen.com, Zynq-7000"


@dataclass(frozen=True)
class Kernel:
    """A bare program that leaves in `cycles` what ACCESSES accesses took."""

    source: str
    define: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A published figure in cycles, and the kernels whose difference it is: the second one's cycles are subtracted.

    `taken` says that a parameter of the board was taken from this very figure, so that it is no evidence.
    """

    what: str
    published: float
    source: str
    kernel: str
    less: str = ""
    taken: bool = False


def chase(count: int, stride: int = 32, chains: int = 1, **define: int) -> Kernel:
    """Loads through a random chain of `count` places, `chains` at once; sections if every line of a page is used."""
    sections = {"SECTIONS": 1} if stride == 32 else {}
    places = {"COUNT": count, "STRIDE": stride, "LOADS": ACCESSES, **sections, **define}
    return Kernel("chase.c", places) if chains == 1 else Kernel("chases.c", {**places, "CHAINS": chains})


def stream(step: int, **define: int) -> Kernel:
    """Accesses one behind the other to what L2 holds and L1 doesn't."""
    return Kernel("stream.c", {"STEP": step, "BYTES": 128 << 10, "ACCESSES": ACCESSES, "SECTIONS": 1, **define})


def far_stream(step: int, **define: int) -> Kernel:
    """Return the same far beyond L2, with the data prefetcher on, as Linux has it."""
    return stream(step, BYTES=4 << 20, PREFETCH=1, **define)


def straight(offset: int) -> Kernel:
    """Loads that wait for nothing, so many bytes from a doubleword's beginning."""
    return Kernel("straight.c", {"OFFSET": offset, "LOADS": ACCESSES, "SECTIONS": 1})


PAGE_AND_LINE = 4096 + 32
KERNELS = {
    # Within L1; within L2, where 8 of 512 KiB are L1's; far beyond L2. Sections: no translation in the way.
    "l1": chase(512),
    "l2": chase(8192),
    "ddr": chase(8 << 15),
    "l2, 8 chains": chase(8192, chains=8),
    "ddr, 8 chains": chase(8 << 15, chains=8),
    # One line in each page, all of them in L1: 24 pages fit the micro-TLB, 112 the main TLB alone, 448 neither.
    "24 pages": chase(24, PAGE_AND_LINE),
    "112 pages": chase(112, PAGE_AND_LINE),
    "448 pages": chase(448, PAGE_AND_LINE),
    "24 pages, 2 chains": chase(24, PAGE_AND_LINE, 2),
    "112 pages, 2 chains": chase(112, PAGE_AND_LINE, 2),
    "l1, no address waits": straight(0),
    "across 4 bytes": straight(1),
    "across 8 bytes": straight(5),
    "read lines": stream(32),
    "write lines": stream(32, STORES=1),
    "write words": stream(4, STORES=1),
    "read far lines": far_stream(32),
    "write far lines": far_stream(32, STORES=1),
    "write far words": far_stream(4, STORES=1),
    "on-chip": Kernel("onchip.c", {"LOADS": ACCESSES, "SECTIONS": 1}),
}
HZ = read_values(DEFAULT_FILE)["board"]["cpu_hz"]
RAM_LINE = 68e-9 * HZ


def far(what: str, step: int, rate: int, kernel: str) -> Figure:
    """Return a rate in MB/s at which other memory was read or written."""
    return Figure(what, step / (rate * 1e6) * HZ, f"{SEVEN_CPU} ({rate} MB/s, other memory)", kernel)


FIGURES = (
    Figure("load that hits L1, pointer chase", 4, SEVEN_CPU, "l1", taken=True),
    Figure("load that hits L1, no address waits", 1, SEVEN_CPU, "l1, no address waits"),
    Figure("load that hits L2", 25, f"{JBL} (31 ns at 800 MHz)", "l2", taken=True),
    Figure("line from L2, 8 chases at once", 7, SEVEN_CPU, "l2, 8 chains", taken=True),
    Figure("line from L2, one behind the other", 8.7, SEVEN_CPU, "read lines"),
    Figure("load that misses L2", 88, f"{JBL} (110 ns at 800 MHz)", "ddr", taken=True),
    Figure("line from DDR, 8 chases at once", RAM_LINE, f"{SEVEN_CPU} (68 ns, other memory)", "ddr, 8 chains"),
    far("line from DDR, one behind the other", 32, 1010, "read far lines"),
    far("store to each line in DDR", 32, 725, "write far lines"),
    far("store of each word in DDR", 4, 1600, "write far words"),
    Figure("store to each line that L2 holds", 11.5, SEVEN_CPU, "write lines", taken=True),
    Figure("store of each word that L2 holds", 1, SEVEN_CPU, "write words"),
    Figure("load across 4 bytes, more", 1, SEVEN_CPU, "across 4 bytes", "l1, no address waits", taken=True),
    Figure("load across 8 bytes, more", 6, SEVEN_CPU, "across 8 bytes", "l1, no address waits", taken=True),
    Figure("micro-TLB miss, main TLB hit", 7, SEVEN_CPU, "112 pages", "24 pages", taken=True),
    Figure("the same, 2 chases at once: in parallel", 3.5, SEVEN_CPU, "112 pages, 2 chains", "24 pages, 2 chains"),
    Figure("main TLB miss, walk hits a cache", 14, SEVEN_CPU, "448 pages", "24 pages", taken=True),
    Figure("load from on-chip memory, not cached, at least", 23, "UG585 29.1", "on-chip", taken=True),
)


def words(board: Board, address: int, count: int) -> tuple[int, ...]:
    """Words of memory."""
    return unpack(f"<{count}I", board.read(address, 4 * count))


def measured(board: Board, kernel: Kernel) -> float:
    """Cycles an access takes."""
    program = build(Bare("kernel", kernel.source, kernel.define))
    on_board(board, program)
    return words(board, program.symbols["cycles"].address, 1)[0] / ACCESSES


def row(what: str, board: float, published: float, source: str, taken: bool = False) -> None:
    """Print one comparison."""
    origin = "parameter" if taken else "test"
    print(f"{what:62}{board:10.1f}{published:11.1f}{(board - published) / published:+9.0%}   {origin:11}{source}")


def heading(text: str) -> None:
    """Print what the columns are."""
    print(f"\n{text:62}{'board':>10}{'published':>11}{'error':>9}   {'is':11}source")


def test_memory() -> None:
    """Accesses that hit and miss, alone and side by side: cycles each."""
    board = Board()
    found = {name: measured(board, kernel) for name, kernel in KERNELS.items()}
    heading("cycles an access")
    for figure in FIGURES:
        value = found[figure.kernel] - found.get(figure.less, 0.0)
        row(figure.what, value, figure.published, figure.source, figure.taken)


def test_branches() -> None:
    """Measure what a mispredicted branch costs: random directions beside fixed ones, by the number that the counter gives."""
    board = Board()
    cycles: list[int] = []
    missed: list[int] = []
    for random in ({}, {"RANDOM": 1}):
        program = build(Bare("branches", "branches.c", {"WORDS": WORDS, "BRANCHES": ACCESSES, "SECTIONS": 1, **random}))
        on_board(board, program)
        for name, values in (("cycles", cycles), ("missed", missed)):
            values.append(words(board, program.symbols[name].address, 1)[0])
    more = missed[1] - missed[0]
    cost = (cycles[1] - cycles[0]) / more
    heading("cycles a branch")
    row("mispredicted, more", cost, sum(STAGES) / 2, "the middle of 8 to 11 stages", taken=True)
    print(f"{more / ACCESSES:.3f} of the branches with random directions are; the program has {WORDS} of them, round and round")


@dataclass(frozen=True)
class Latency:
    """Interrupt latencies of one run, in cycles; `bins` counts each."""

    smallest: int
    largest: int
    mean: float
    bins: tuple[int, ...]

    def percentile(self, share: float) -> int:
        """Return the smallest latency that this share of all is no larger than."""
        wanted, seen = share * sum(self.bins), 0
        for cycles, number in enumerate(self.bins):
            seen += number
            if seen >= wanted:
                return cycles
        return len(self.bins)


def latency(board: Board, most: int, runs: int, more: dict[str, int]) -> Latency:
    """Interrupt latency with up to `most` random accesses in between."""
    define = {"DATA_BYTES": 4 << 20, "CODE_PAGES": 256, "MOST": most, "TURNS": runs, "SEED": 1, **more}
    program = build(Bare("latency", "latency.c", define))
    on_board(board, program)

    def read(name: str, count: int) -> tuple[int, ...]:
        return words(board, program.symbols[name].address, count)

    low, high = read("total", 2)
    return Latency(read("smallest", 1)[0], read("largest", 1)[0], (low | high << 32) / runs, read("bins", BINS))


WAYS = {
    "small": ("by the shortest way", {"SECTIONS": 1}),
    "layered": ("through a library's layers", {"SECTIONS": 1, "LAYERED": 1}),
    "pages": ("through layers, in pages of 4 KiB", {"LAYERED": 1}),
}


@pytest.mark.parametrize("name", WAYS)
def test_interrupts(name: str) -> None:
    """Trigger to the first instruction of the service routine.

    The source leaves open how many accesses are in between, what the software is beyond "minimal bare metal", and how memory
    is mapped (it goes on to lock TLB entries, so walks must have shown): several numbers, two ways to the routine
    (`latency.c`), sections and pages.
    """
    board = Board()
    for most in MOST_ACCESSES:
        way, define = WAYS[name]
        found = latency(board, most, max(1000, RUNS * 1000 // most), define)
        heading(f"interrupt {way}, 0 to {most} accesses")
        row("cycles, smallest", found.smallest, 154, f"{JBL}, nothing locked, 2 million runs")
        row("cycles, mean", found.mean, 876, "the same")
        row("cycles, largest", found.largest, 1778, "the same")
        shares = ", ".join(f"p{100 * share:g} {found.percentile(share)}" for share in (0.01, 0.1, 0.5, 0.9, 0.99, 0.9999))
        print(f"{sum(found.bins)} interrupts, {shares}")
