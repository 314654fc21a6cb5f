# SPDX-License-Identifier: Apache-2.0
"""A timeline, from made-up events to the file and back by the Perfetto project's own classes."""

import io
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackEvent

from ovm.abi import hypercalls
from ovm.board.api import Event
from ovm.machines.trace import Recorder, Window
from ovm.machines.trace_names import Guests, call_name, exception_name

HZ = 1_000_000_000  # a cycle is a nanosecond
GUESTS = Guests(("tick", "desk", "pulse"), {0x80: 0, 1: 1, 2: 1}, {1: 2})
MON, USR, SVC, IRQ = 0x16, 0x10, 0x13, 0x12
SECURE = 1 << 16


def recorded(events: Iterable[Event], window: Window | None = None) -> tuple[Trace, Recorder]:
    file = io.BytesIO()
    recorder = Recorder(file, HZ, GUESTS, window or Window())
    for event in events:
        recorder.add(event)
    recorder.finish()
    trace = Trace()
    trace.ParseFromString(file.getvalue())
    return trace, recorder


def tracks(trace: Any) -> dict[str, list[tuple[int, str, str]]]:
    """Events of each track by its name: time, kind, name. Checks what makes a trace well-formed on the way."""
    described: dict[int, str] = {}
    names: dict[int, str] = {}
    found: dict[str, list[tuple[int, str, str]]] = {}
    for packet in trace.packet:
        for name in packet.interned_data.event_names:
            names[name.iid] = name.name
        if packet.HasField("track_descriptor"):
            descriptor = packet.track_descriptor
            assert descriptor.uuid not in described
            assert descriptor.parent_uuid == 0 or descriptor.parent_uuid in described
            described[descriptor.uuid] = descriptor.name
        if packet.HasField("track_event"):
            event = packet.track_event
            kind = {TrackEvent.TYPE_SLICE_BEGIN: "begin", TrackEvent.TYPE_SLICE_END: "end", TrackEvent.TYPE_INSTANT: "instant"}
            name = names[event.name_iid] if event.name_iid else ""
            assert (name == "") == (event.type == TrackEvent.TYPE_SLICE_END)
            found.setdefault(described[event.track_uuid], []).append((packet.timestamp, kind[event.type], name))
    return found


def check_nesting(found: dict[str, list[tuple[int, str, str]]]) -> None:
    for track, events in found.items():
        depth, last = 0, 0
        for time, kind, _ in events:
            assert time >= last, f"{track} goes back in time"
            last = time
            depth += {"begin": 1, "end": -1, "instant": 0}[kind]
            assert depth >= 0, f"{track} ends a slice that was not begun"
        assert depth == 0, f"{track} leaves {depth} slices open"


def exception(cycle: int, core: int, vector: int, mode: int, secure: bool = False) -> Event:
    return Event(cycle, core, "exception", vector | mode << 8 | secure << 16, 0x8000)


def back(cycle: int, core: int, mode: int, secure: bool = False) -> Event:
    return Event(cycle, core, "return", mode | secure << 16, 0x9000)


STORY = [
    Event(5, 0, "context", 0x80, 1),
    back(10, 0, USR),
    Event(15, 0, "walk", 0x1234_5000, 4),
    Event(20, 0, "hypercall", hypercalls.TIMER_SET, 0x8004),
    exception(20, 0, 0x08, SVC),  # SVC into the gate
    Event(22, 0, "hypercall", hypercalls.TIMER_SET, 0xFFFF_F010),
    exception(22, 0, 0x08, MON),  # the gate's SMC
    Event(30, 0, "context", 2, 1),
    back(40, 0, USR),  # to another guest
    Event(45, 0, "fault", 0x4000, 7),
    Event(50, 0, "interrupt", 29, 1),
    exception(55, 0, 0x1C, MON),
    Event(60, 0, "acknowledge", 29, 0),
    back(70, 0, USR),
    back(12, 1, SVC),
    exception(33, 1, 0x18, IRQ),
    back(39, 1, SVC),
]


def test_a_story_of_three_guests() -> None:
    trace, _ = recorded(STORY)
    found = tracks(trace)
    check_nesting(found)
    assert found["tick"] == [(10, "begin", "runs"), (20, "instant", "timer_set"), (22, "end", "")]
    assert found["desk"][:3] == [(40, "begin", "runs"), (45, "instant", "fault"), (55, "end", "")]
    assert found["pulse"] == [(12, "begin", "runs"), (70, "end", "")]
    assert found["CPU 0: page walks"] == [(11, "begin", "walk"), (15, "end", "")]
    assert found["interrupt 29 of CPU 0"] == [(50, "begin", "pending"), (60, "end", "")]
    assert found["CPU 0"] == [
        *((20, "begin", "SVC"), (22, "begin", "SMC"), (40, "end", ""), (40, "end", "")),
        *((55, "begin", "FIQ"), (60, "instant", "acknowledges interrupt 29"), (70, "end", "")),
    ]
    assert found["CPU 1"] == [(33, "begin", "IRQ"), (39, "end", "")]


def test_walks_side_by_side_are_shown_one_after_the_other() -> None:
    trace, _ = recorded([Event(15, 0, "walk", 0x1000, 4), Event(16, 0, "walk", 0x2000, 6), Event(16, 0, "walk", 0x3000, 3)])
    found = tracks(trace)
    check_nesting(found)
    walks = [time for time, _, _ in found["CPU 0: page walks"]]
    assert walks == [11, 15, 15, 16, 16, 16]


def random_events(count: int) -> list[Event]:
    """Anything in any order, but each core's cycles in theirs."""
    chance = random.Random(7)
    now = [0, 0]
    events = []
    for _ in range(count):
        core = chance.randrange(2)
        now[core] += chance.randrange(3, 9)
        now[core] = max(now[core], now[1 - core] - 20)
        kind = chance.choice(["exception", "return", "walk", "fault", "hypercall", "context"])
        first = {
            "exception": chance.choice([4, 8, 0xC, 0x10, 0x18, 0x1C]) | chance.choice([MON, SVC, IRQ]) << 8,
            "return": chance.choice([MON, SVC, IRQ, USR]) | chance.choice([0, SECURE]),
            "context": chance.choice([0, 1, 2, 0x80]),
            "hypercall": hypercalls.WAIT,
        }.get(kind, 0x1000)
        events.append(Event(now[core], core, kind, first, 2 if kind == "walk" else 1))
    return events


def test_whatever_happens_slices_nest_and_nothing_is_lost() -> None:
    events = random_events(20_000)
    trace, recorder = recorded(events)
    found = tracks(trace)
    for guest in GUESTS.names[:2]:  # on one CPU only, so in one order
        found.setdefault(guest, [])
    check_nesting({name: each for name, each in found.items() if name not in GUESTS.names})
    kinds = Counter(event.kind for event in events)
    begun = {name: sum(1 for _, kind, _ in each if kind == "begin") for name, each in found.items()}
    assert begun["CPU 0"] + begun["CPU 1"] == kinds["exception"]
    assert begun["CPU 0: page walks"] + begun["CPU 1: page walks"] == kinds["walk"]
    assert recorder.events == len(events)


@pytest.mark.parametrize("window", [Window(begin=30_000), Window(end=20_000), Window(10_000, 50_000), Window(last=500)])
def test_a_window_is_a_part_of_the_whole(window: Window) -> None:
    events = [event for event in random_events(20_000) if event.core == 0]
    found = tracks(recorded(events, window)[0])
    check_nesting(found)
    first = window.begin if not window.last else events[-window.last].cycle
    last = window.end or events[-1].cycle + 1
    whole = tracks(recorded(events)[0])
    for track, shown in found.items():
        assert all(first <= time <= last for time, _, _ in shown if not track.endswith("walks"))
        begun = Counter(each for each in shown if each[1] != "end" and each[0] > first)
        assert begun == Counter(each for each in whole[track] if each[1] != "end" and first < each[0] < last)
    if window.last:
        kinds = Counter(event.kind for event in events[-window.last :])
        begun_walks = sum(1 for _, kind, _ in found["CPU 0: page walks"] if kind == "begin")
        assert begun_walks == kinds["walk"]


def test_names() -> None:
    assert exception_name(8, MON) == "SMC" and exception_name(8, SVC) == "SVC" and exception_name(0x10, MON) == "data abort"
    assert call_name(hypercalls.CONSOLE_WRITE) == "console_write"
    assert call_name(hypercalls.PSCI_VERSION) == "psci_version"
    assert call_name(7) == "" and call_name(hypercalls.NOT_SUPPORTED) == ""
