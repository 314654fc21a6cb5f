# SPDX-License-Identifier: Apache-2.0
"""The timeline of a real run: as many events as the board has counted, well-formed, each guest on its track."""

from collections import Counter
from pathlib import Path

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace

from ovm.machines import virtual
from ovm.machines.running import TIMEOUT, Driven, RunOptions
from ovm.machines.trace import Traced
from ovm.system.archive import Archive
from ovm.system.build import build
from tests.machines.test_trace import check_nesting, tracks

MILLISECONDS = 25
SYSTEM = Path(__file__).parent.parent.parent / "systems" / "mixed.toml"


@pytest.fixture(scope="module")
def archive() -> Archive:
    return build(SYSTEM, lambda _: None, board="zc702")


def traced(archive: Archive, file: Path, *, begin: float = 0, last: int = 0) -> tuple[Trace, dict[str, int]]:
    """Return a run of some milliseconds; the file, and what the board counted meanwhile."""
    counts: Counter[str] = Counter()
    driver = Traced(archive, file, begin=lambda hz: int(begin * hz / 1000), end=lambda hz: MILLISECONDS * hz // 1000, last=last)

    def drive(machine: Driven) -> str:
        reason = driver(machine)
        for core in range(2):
            counts.update(machine.board.counts(core))
        return reason

    with driver:
        result = virtual.run(archive, lambda event: None, RunOptions(drive=drive))
    assert result.reason == driver.REASON
    trace = Trace()
    trace.ParseFromString(file.read_bytes())
    return trace, counts


def begun(found: dict[str, list[tuple[int, str, str]]], *names: str) -> int:
    return sum(kind == "begin" for name in names for _, kind, _ in found[name])


def slices(events: list[tuple[int, str, str]]) -> list[tuple[int, int]]:
    """Beginnings and ends of slices that don't nest."""
    ends = {"begin": [time for time, kind, _ in events if kind == "begin"], "end": [t for t, kind, _ in events if kind == "end"]}
    return list(zip(ends["begin"], ends["end"], strict=True))


def test_as_many_events_as_were_counted(archive: Archive, tmp_path: Path) -> None:
    trace, counts = traced(archive, tmp_path / "trace")
    found = tracks(trace)
    check_nesting(found)
    last = max(time for events in found.values() for time, _, _ in events)
    assert last <= MILLISECONDS * 1_000_000 + 1000
    # Events at the very end, beyond the window, are counted and not shown.
    walks = begun(found, "CPU 0: page walks", "CPU 1: page walks")
    assert counts["main_misses"] - 50 <= walks <= counts["main_misses"] and walks > 100
    exceptions = begun(found, "CPU 0", "CPU 1")
    assert counts["exceptions"] - 50 <= exceptions <= counts["exceptions"] and exceptions > 1000
    for guest in ("tick", "desk", "pulse"):
        assert begun(found, guest) > 0
    runs = sorted(run for guest in ("tick", "desk") for run in slices(found[guest]))
    assert all(before[1] <= after[0] for before, after in zip(runs, runs[1:], strict=False)), "two guests at once on CPU 0"
    names = Counter(name for _, kind, name in found["tick"] if kind == "instant")
    assert names["null"] >= 100 and names["timer_set"] > 0


def test_the_same_run_gives_the_same_file(archive: Archive, tmp_path: Path) -> None:
    first, _ = traced(archive, tmp_path / "first")
    second, _ = traced(archive, tmp_path / "second")
    assert first == second


def test_a_window_of_a_run(archive: Archive, tmp_path: Path) -> None:
    part = tracks(traced(archive, tmp_path / "part", begin=20)[0])
    check_nesting(part)
    times = [time for name, events in part.items() if not name.endswith("walks") for time, _, _ in events]
    assert min(times) >= 20_000_000 - 2  # a cycle is 1.5 ns
    few = tracks(traced(archive, tmp_path / "few", last=300)[0])
    check_nesting(few)
    assert sum(len(events) for events in few.values()) < 1000
    assert not (tmp_path / ".few.part").exists()


def test_a_run_that_takes_too_long(archive: Archive, tmp_path: Path) -> None:
    driver = Traced(archive, tmp_path / "late", end=lambda hz: MILLISECONDS * hz // 1000)
    with driver:
        result = virtual.run(archive, lambda event: None, RunOptions(timeout_seconds=0, drive=driver))
    assert result.reason == TIMEOUT
