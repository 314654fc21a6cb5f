# SPDX-License-Identifier: Apache-2.0
"""Interrupt latency of the control loop `pulse`: beside full load, alone under OVM, and alone on the bare board.

The last is the same image without OVM: a few lines of C set up what OVM would (`programs/alone.c`). What differs is
explained by the counters of its CPU, which are exact: nothing is sampled, and looking costs no cycle.
"""

import importlib
import os
from pathlib import Path

import pytest

from benchmarks.bare import Bare, build
from ovm.board.api import Board
from ovm.measure.interrupts import EVENTS, Latencies, Run, measure_interrupts
from ovm.measure.picture import can_draw, draw_distributions
from ovm.measure.statistics import summarise
from ovm.metal.build.elf import Elf
from ovm.metal.build.image import link_arm
from ovm.metal.compiler import Options
from ovm.system.compiled import compile_program

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[1]
OUTPUT = Path(os.environ.get("OVM_BENCH_OUTPUT", str(ROOT / "out")))
GUEST_BASE, PAGE, STACK_BYTES = 0x0040_8000, 0x0080_0000, 0x8000
PERIOD_US = 1000
SYSTEMS = ROOT / "systems"
# Description, lines that an activation goes through, and seconds, as the description has them.
LOADS = (("full-load.toml", 0, 3), ("shared-cache.toml", 2048, 1))
FINISHED = 6 * 4  # offset in HrtPage
BARE = "alone on the bare board"
COUNTERS = (
    *("instructions", "main_misses", "walk_cycles", "fetch_misses", "data_misses"),
    *("level2_hits", "level2_misses", "device_accesses", "interrupts"),
)


def pulse(footprint: int) -> Elf:
    """Return the guest's image, as `ovm build` makes it, at GUEST_BASE."""
    constants: dict[str, int | bool] = {"ovm.guests.pulse.loop.FOOTPRINT_LINES": footprint}
    module = importlib.import_module("ovm.guests.pulse.guest")
    script = (Path(str(module.__file__)).parents[1] / "lib/guest.ld").read_text()
    unit = compile_program(module, module.ROOTS, Options(target="arm", constants=constants))
    return Elf(link_arm([unit], script, "_start", define=(("__guest_base", GUEST_BASE), ("__stack_bytes", STACK_BYTES))))


def run_bare(footprint: int, seconds: int) -> Run:
    """Run pulse without OVM, on CPU 0."""
    guest = pulse(footprint)
    define = {"ENTRY": guest.entry, "PAGE": PAGE, "SECONDS": seconds, "PERIOD_US": PERIOD_US, "SECTIONS": 1}
    start = build(Bare("alone", "alone.c", define))
    board, latencies = Board(), Latencies(0)
    board.load(guest.content)
    board.start(board.load(start.content))
    board.subscribe_raw(EVENTS, latencies.add)
    stop = board.run(until=lambda machine: machine.read(PAGE + FINISHED, 4) != bytes(4))
    assert stop.reason in ("until", "asleep"), stop
    return Run(BARE, latencies, {**board.counts(0), "instructions": board.cores[0].instructions})


@pytest.mark.parametrize(("name", "footprint", "seconds"), LOADS)
def test_interrupts(name: str, footprint: int, seconds: int) -> None:
    """Print what each activation met, and draw the latencies."""
    runs = [*measure_interrupts(SYSTEMS / name, lambda step: None), run_bare(footprint, seconds)]
    print(f"\n{'timer interrupts of pulse in ' + name + ', cycles':60}{'n':>7}{'min':>8}{'mean':>10}{'p99':>8}{'max':>8}")
    for each in runs:
        for what, samples in (("to the acknowledge", each.latencies.whole), ("the activation", each.latencies.work)):
            found = summarise(samples)
            print(f"{each.name + ', ' + what:60}{found.count:7}{found.smallest:8.0f}{found.mean:10.1f}", end="")
            print(f"{found.p99:8.0f}{found.largest:8.0f}")
    print(f"\n{'each activation, mean over the run':36}" + "".join(f"{each.name:>26}" for each in runs))
    for counter in COUNTERS:
        print(f"{counter.replace('_', ' '):36}" + "".join(f"{each.each(counter):26.3f}" for each in runs))
    if can_draw():
        OUTPUT.mkdir(parents=True, exist_ok=True)
        panels = {
            "from a pending timer interrupt to the handler's acknowledge": {each.name: each.latencies.whole for each in runs},
            "a whole activation": {each.name: each.latencies.work for each in runs},
        }
        file = OUTPUT / name.replace(".toml", "-interrupts.png")
        draw_distributions(panels, "cycles", f"Timer interrupts of an HRT guest, {name}", file)
        print(f"picture: {file}")
