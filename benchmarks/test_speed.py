# SPDX-License-Identifier: Apache-2.0
"""The speed of the board beside its peers, on the same ELF files, in one run.

Rounds are interleaved: each round runs every machine once, so that a slow minute of this computer meets all of them.
What is printed are medians. Nothing is asserted about time; what is asserted is that all machines give one result.
"""

import os
from dataclasses import dataclass
from statistics import geometric_mean, median

import pytest

from benchmarks import peers, suite
from benchmarks.bare import EXPRESS, EXPRESS_BASE, Bare, build
from benchmarks.subject import on_board
from ovm.board.api import Board

pytestmark = pytest.mark.bench
ROUNDS = int(os.environ.get("OVM_BENCH_ROUNDS", "5"))
# CoreMark on QEMU 7.2 alone and with its own cache plugin (contrib/plugins/cache.c, Cortex-A9 geometry), measured on one machine
# in one session: 1480 and 53 million instructions a second. The plugin comes with QEMU's sources only, so the
# second is derived from the first: of each run's own QEMU.
PLUGIN_SHARE = 53 / 1480


@dataclass(frozen=True)
class Row:
    """One program: million instructions a second on each machine; QEMU's is 0 where it is not installed."""

    name: str
    instructions: int
    cycles: int
    board: float
    unicorn: float
    qemu: float

    @property
    def beside_unicorn(self) -> float:
        """Return the ratio to Unicorn, 0 where that wasn't measured."""
        return self.board / self.unicorn if self.unicorn else 0.0


def measure(board: Board, program: Bare, empty: float) -> Row:
    """Run one program ROUNDS times on every machine."""
    elf, monitor = build(suite.scaled(program)), program is suite.MONITOR
    theirs = build(suite.scaled(program), EXPRESS_BASE, EXPRESS) if monitor else elf
    times: dict[str, list[float]] = {"board": [], "unicorn": [], "qemu": []}
    run = on_board(board, elf)
    for _ in range(ROUNDS):
        again = on_board(board, elf)
        assert (again.result, again.instructions, again.cycles) == (run.result, run.instructions, run.cycles)
        times["board"].append(again.seconds)
        if not monitor:
            outcome = peers.on_unicorn(elf)
            assert outcome.result == run.result
            times["unicorn"].append(outcome.seconds)
        if peers.has_qemu():
            outcome = peers.on_qemu(theirs, "vexpress-a9" if monitor else "xilinx-zynq-a9")
            assert outcome.result == run.result
            times["qemu"].append(max(outcome.seconds - empty, 1e-3))
    rate = {name: run.instructions / median(each) / 1e6 if each else 0.0 for name, each in times.items()}
    return Row(program.name, run.instructions, run.cycles, rate["board"], rate["unicorn"], rate["qemu"])


def empty_run() -> float:
    """CPU time of QEMU for a program that does nothing."""
    elf = build(suite.NOTHING)
    return median(peers.on_qemu(elf).seconds for _ in range(max(3, ROUNDS))) if peers.has_qemu() else 0.0


def number(value: float, digits: int) -> str:
    """Return a number, or a dash for what was not measured."""
    return f"{value:.{digits}f}" if value else "-"


def heading() -> None:
    """Print what the columns of a row are."""
    print(f"\n{'program':12}{'Minstr':>8}{'cycles/i':>9}{'board':>8}{'Unicorn':>9}{'QEMU':>8}", end="")
    print(f"{'/Unicorn':>10}{'/QEMU':>8}{'/plugin class':>15}   (million instructions a second)")


def show(row: Row) -> Row:
    """Print rates and their ratios, and give them back."""
    theirs = row.board / row.qemu if row.qemu else 0.0
    print(f"{row.name:12}{row.instructions / 1e6:8.1f}{row.cycles / row.instructions:9.2f}", end="")
    print(f"{row.board:8.0f}{number(row.unicorn, 0):>9}{number(row.qemu, 0):>8}", end="")
    print(f"{number(row.beside_unicorn, 2):>10}{number(theirs, 2):>8}{number(theirs / PLUGIN_SHARE, 1):>15}", flush=True)
    return row


def bar(text: str, values: list[float], least: float) -> None:
    """Print how ratios stand to a bar: their geometric mean and the worst one."""
    if not all(values):
        print(f"  {text:48} not measured: no QEMU here")
        return
    mean, worst = geometric_mean(values), min(values)
    verdict = "met by all" if worst >= least else "met by the mean" if mean >= least else "MISSED"
    print(f"  {text:48} at least {least:4.1f}: mean {mean:6.2f}, worst {worst:6.2f}: {verdict}")


def test_speed() -> None:
    """Measure everything and print it beside the bars."""
    board, empty = Board(), empty_run()
    heading()
    ordinary = [show(measure(board, program, empty)) for program in suite.ORDINARY]
    hard = [show(measure(board, program, empty)) for program in suite.HARD]
    show(measure(board, suite.MONITOR, empty))
    unicorn = [row.beside_unicorn for row in ordinary]
    qemu = [row.board / row.qemu if row.qemu else 0.0 for row in ordinary]
    print(f"\nbars (medians of {ROUNDS} interleaved rounds, CPU time of the process):")
    bar("ordinary programs beside Unicorn", unicorn, 0.6)
    bar("ordinary programs beside QEMU's cache plugin", [each / PLUGIN_SHARE for each in qemu], 4)
    bar("goal: ordinary programs beside Unicorn", unicorn, 1.0)
    bar("goal: ordinary programs beside QEMU", qemu, 0.2)
    bar("traps and page walks beside Unicorn", [row.beside_unicorn for row in hard], 0.3)
    print("  (Unicorn takes no exceptions: for `calls` a hook in C enters SVC mode; `monitor` is SMC)")
