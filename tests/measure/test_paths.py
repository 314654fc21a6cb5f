# SPDX-License-Identifier: Apache-2.0
"""Tests of how long OVM keeps the CPU: stays are put together from events, and a run gives every path that it took."""

import pytest

from ovm.abi import hypercalls
from ovm.board.api.events import KINDS, LAYOUT
from ovm.machines.trace_names import Guests
from ovm.measure.paths import ALARM, IN_GUEST, WOKEN, PathRun, Paths, measure_paths
from tests.measure.test_lockdown import described

SVC, FIQ, DATA_ABORT, MONITOR, ABORT, USER = 0x08, 0x1C, 0x10, 0x16, 0x17, 0x10
GUESTS = Guests(("nrt", "srt"), {1: 0, 0x81: 1}, {})
NRT, SRT = 1, 0x81


def record(cycle: int, kind: str, first: int, second: int = 0) -> bytes:
    return LAYOUT.pack(cycle, KINDS[kind], 0, 0, first, second, 0)


def entry(cycle: int, vector: int, mode: int, secure: bool = False) -> bytes:
    return record(cycle, "exception", vector | mode << 8 | secure << 16)


def heard(*records: bytes) -> Paths:
    paths = Paths(GUESTS)
    for each in (record(0, "context", NRT), *records):
        paths.add(each)
    return paths


def test_a_fault_goes_through_the_gate() -> None:
    paths = heard(entry(100, DATA_ABORT, ABORT), entry(110, SVC, MONITOR), record(500, "return", USER))
    assert paths.stays == {"data abort": [390]}


def test_a_call_is_named() -> None:
    call = record(100, "hypercall", hypercalls.WAIT)
    gate = entry(100, SVC, 0x13), record(110, "hypercall", hypercalls.WAIT), entry(110, SVC, MONITOR)
    assert heard(call, *gate, record(200, "return", USER)).stays == {"call wait": [90]}
    other = record(100, "hypercall", 7), entry(100, SVC, 0x13), entry(110, SVC, MONITOR), record(200, "return", USER)
    assert heard(*other).stays == {"system call": [90]}


def test_a_switch_and_the_alarms_wait() -> None:
    alarm = entry(300, FIQ, MONITOR), record(340, "acknowledge", 29), record(400, "context", SRT), record(700, "return", USER)
    paths = heard(record(250, "interrupt", 29, 1), *alarm)
    assert paths.stays == {f"{ALARM}, switches": [400]} and paths.waits == {IN_GUEST: [90]}
    assert [(stay.begin, stay.guest) for stay in paths.switches] == [(300, 1)]


def test_an_alarm_in_the_middle_is_booked_to_what_held_it() -> None:
    fault = entry(100, DATA_ABORT, ABORT), entry(110, SVC, MONITOR)
    alarm = record(200, "interrupt", 29, 1), record(900, "return", USER), entry(905, FIQ, MONITOR), record(930, "acknowledge", 29)
    paths = heard(*fault, *alarm, record(990, "return", USER))
    assert paths.stays == {"data abort": [790], ALARM: [85]} and paths.waits == {"data abort": [730]}


def test_sleep_is_no_stay() -> None:
    call = record(100, "hypercall", hypercalls.WAIT), entry(100, SVC, 0x13), entry(110, SVC, MONITOR)
    alarm = record(5000, "interrupt", 29, 1), record(5100, "acknowledge", 29), record(5600, "return", USER)
    paths = heard(*call, *alarm)
    assert paths.stays == {f"{WOKEN}, switches": [600]} and not paths.waits


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PathRun:
    return measure_paths(described(tmp_path_factory.mktemp("paths")), lambda step: None)


def test_a_run_has_its_paths(run: PathRun) -> None:
    assert {"data abort", "alarm, switches", "call wait, switches", "call console_write"} <= set(run.paths.stays)
    assert all(0 < cycles < 30_000 for stays in run.paths.stays.values() for cycles in stays)


def test_the_longest_is_the_same_when_it_is_stepped_through(run: PathRun) -> None:
    """Except for the time from the entry's event to the first instruction, and the steps by which the other core's turns come."""
    stay, profile = run.longest
    assert stay.cycles == max(max(stays) for stays in run.paths.stays.values())
    assert stay.cycles - 100 <= profile.whole.cycles <= stay.cycles + 40


def test_the_switch_to_the_srt_guest_is_looked_into(run: PathRun) -> None:
    assert run.worst is not None and run.activations == 16
    assert run.worst[0].cycles == max(stay.cycles for stay in run.paths.switches[16:])
    whole = run.activation.whole
    assert whole.instructions > 200 * run.activations and whole.cycles > whole.instructions
    assert "ovm.core.leave.leave_changed" in run.activation.functions


def test_a_page_that_is_zeroed_holds_the_alarm_for_a_step_only(run: PathRun) -> None:
    """A whole one takes more than 7000; one stay zeroes a quarter of it at most."""
    assert 2500 < max(run.paths.stays["data abort"]) < 6000
    assert all(wait < 3000 for path, waits in run.paths.waits.items() if path == "data abort" for wait in waits)
