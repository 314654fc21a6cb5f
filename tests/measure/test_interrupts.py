# SPDX-License-Identifier: Apache-2.0
"""Latencies are put together from the events of one CPU's timer."""

from pathlib import Path

import pytest

from ovm.board.api.events import KINDS, LAYOUT
from ovm.machines.errors import MachineError
from ovm.measure.interrupts import TIMER_INTERRUPT, Latencies, measure_interrupts

IRQ, FIQ = 0x18, 0x1C


def record(cycle: int, kind: str, first: int, second: int = 0, core: int = 1) -> bytes:
    return LAYOUT.pack(cycle, KINDS[kind], core, 0, first, second, 0)


def test_one_activation() -> None:
    found = Latencies(1)
    found.add(record(100, "interrupt", TIMER_INTERRUPT, 2, core=0) + record(140, "exception", IRQ | 0x12 << 8))
    found.add(record(155, "acknowledge", TIMER_INTERRUPT) + record(300, "return", 0x13) + record(310, "return", 0x13))
    assert (found.entry, found.service, found.whole, found.work) == ([40], [15], [55], [160])


def test_what_is_not_its_timer_does_not_count() -> None:
    found = Latencies(1)
    found.add(record(100, "interrupt", TIMER_INTERRUPT, 1) + record(140, "exception", IRQ) + record(150, "acknowledge", 29))
    found.add(record(200, "interrupt", 59, 2) + record(240, "exception", IRQ) + record(250, "acknowledge", 59))
    found.add(record(300, "interrupt", TIMER_INTERRUPT, 2) + record(340, "exception", FIQ) + record(350, "acknowledge", 29))
    found.add(record(400, "exception", IRQ, core=0) + record(410, "acknowledge", 29, core=0))
    assert found.whole == []


LEARNT = 4  # wakes by which the branches of the way are predicted right
MISPREDICT = 9
DESCRIPTION = """
[system]
name = "alone"
seconds = 0.04
[[guest]]
name = "pulse"
level = "hrt"
image = "metal:ovm.guests.pulse"
memory = "1MiB"
"""


def test_a_sleeping_cpu_is_woken_in_the_same_time_each_time(tmp_path: Path) -> None:
    """Events of the timer have its own moment, not that of a CPU that sleeps.

    The first time lines are fetched; then the predictor learns the way, of which one branch is before the service routine.
    """
    (tmp_path / "alone.toml").write_text(DESCRIPTION)
    loaded, alone = measure_interrupts(tmp_path / "alone.toml", lambda step: None)
    assert loaded.latencies.whole == alone.latencies.whole
    first, *others = alone.latencies.whole
    known = others[LEARNT:]
    assert len(known) > 20
    assert len(set(known)) == 1 and 100 < known[0] < first < 1000
    assert all(each - known[0] in (0, MISPREDICT) for each in others)
    assert len(set(alone.latencies.work[1 + LEARNT :])) <= 2
    assert alone.each("interrupts") >= 1
    assert alone.each("main_misses") < 1


def test_a_system_without_hrt_guest_is_refused() -> None:
    with pytest.raises(MachineError, match="no guest is HRT"):
        measure_interrupts(Path(__file__).parents[2] / "systems/hello.toml", lambda step: None)
