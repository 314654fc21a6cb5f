# SPDX-License-Identifier: Apache-2.0
"""A guest that prints much takes nothing from others: text, records and the wire, with a UART that is as slow as it likes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ovm.abi.config import NAME_BYTES, GuestState, Level
from ovm.core import console, output
from ovm.core.config import CONFIG
from ovm.core.console import LINE_BYTES, RECORDS_BYTES, TEXT_BYTES, WRITE_ROOM, console_close, console_hold, console_put
from ovm.core.guest import GUESTS
from ovm.core.output import OVM_QUEUE, QUEUE_BYTES, STEP_BYTES, output_drain, output_flush, output_waits, queue_used
from ovm.core.record import (
    RECORDS,
    field_address,
    field_number,
    record_about,
    record_begin,
    record_end,
    record_pause,
    record_resume,
)
from ovm.core.report import _registers
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import simulate, text, u32
from tests.core.machine import UART_EMPTY, write

LEVELS = (Level.HRT, Level.SRT, Level.SRT, Level.NRT, Level.NRT, Level.NRT, Level.NRT, Level.NRT)
# Not where the simulation puts statics.
UART = 0xE000_1000
# One of them is as long as a name may be.
NAMES = tuple(f"{level.name.lower()}{index}".ljust(NAME_BYTES if index == 4 else 0, "x") for index, level in enumerate(LEVELS))


class Wire:
    """A PL011 with room for 16 bytes whenever `steps` are left, and what it has sent."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.steps = 0

    def read(self, offset: int, size: int) -> int:
        assert (offset, size) == (0x18, 4)
        return UART_EMPTY if self.steps else 0

    def write(self, offset: int, size: int, value: int) -> None:
        assert (offset, size) == (0, 4)
        self.sent.append(value)

    def take(self, steps: int) -> None:
        """Let the UART have room for so many steps, and OVM fill it."""
        for self.steps in range(steps, 0, -1):
            if not output_waits():
                break
            before = len(self.sent)
            output_drain(False)
            assert len(self.sent) - before <= STEP_BYTES
        self.steps = 0

    def lines(self) -> list[tuple[str, str]]:
        """Return who printed what, OVM's records as `record`."""
        found = []
        *whole, rest = self.sent.decode().split("\n")
        assert not rest
        for line in whole:
            if line.startswith("\x1e"):
                found.append(("record", line[1:]))
            else:
                name, _, said = line.removeprefix("[").partition("] ")
                found.append((name, said))
        return found


@contextmanager
def system(levels: tuple[Level, ...] = LEVELS) -> Iterator[Wire]:
    wire = Wire()
    with simulate.simulate(devices=[(UART, 4096, wire)]):
        write(CONFIG, guest_count=len(levels), uart_phys=UART)
        for index, level in enumerate(levels):
            write(GUESTS[u32(index)], vcpu=index)
            write(VCPUS[u32(index)], index=index, guest=index, level=int(level.value), state=int(GuestState.READY.value))
            for at, letter in enumerate(NAMES[index].encode()):
                GUESTS[u32(index)].config.name[at] = letter
        yield wire


def guest(index: int) -> Vcpu:
    return VCPUS[u32(index)]


def say(index: int, line: str) -> None:
    for byte in line.encode() + b"\n":
        console_put(u32(index), u32(byte))


def say_if_allowed(index: int, line: str) -> bool:
    """Return what CONSOLE_WRITE does with a line: an NRT guest may have to wait first."""
    if console_hold(guest(index)):
        return False
    say(index, line)
    return True


def flood(indices: tuple[int, ...]) -> None:
    """Everybody prints as much as OVM lets him."""
    for index in indices:
        for count in range(200):
            if not say_if_allowed(index, f"flood {count} " + "x" * 80):
                break


def test_a_flood_costs_no_other_guest_a_line() -> None:
    with system() as wire:
        flood((2, 3, 4, 5, 6, 7))
        assert [guest(index).waits_console for index in range(8)] == [False] * 3 + [True] * 5
        for count in range(20):
            say(1, f"alive {count}")
        wire.take(3000)
        assert [said for name, said in wire.lines() if name == NAMES[1]] == [f"alive {count}" for count in range(20)]
        assert guest(1).counters.dropped_lines == 0


@pytest.mark.parametrize("speaker", [1, 2, 7])
def test_a_line_waits_for_one_line_of_each_other(speaker: int) -> None:
    with system() as wire:
        flood(tuple(index for index in range(1, 8) if index != speaker))
        wire.take(1)
        say(speaker, "now")
        wire.take(3000)
        order = [name for name, _ in wire.lines()]
        assert order.index(NAMES[speaker]) <= 7


def test_a_reservation_never_waits_and_loses_whole_lines_that_are_counted() -> None:
    with system() as wire:
        for count in range(100):
            assert say_if_allowed(1, f"{count:03} " + "y" * 60)
        assert guest(1).state == GuestState.READY
        dropped = int(guest(1).counters.dropped_lines)
        assert dropped > 50
        wire.take(3000)
        say(1, "after")
        wire.take(100)
        lines = wire.lines()
        kept = [said for name, said in lines if name == NAMES[1]]
        assert kept == [f"{count:03} " + "y" * 60 for count in range(100 - dropped)] + ["after"]
        # The record stands at the gap.
        assert lines[-2] == ("record", f"dropped guest={NAMES[1]} lines={dropped} bytes={dropped * 64}")


def test_dropping_ends_when_half_of_the_text_is_out() -> None:
    """So that not every second line is a record of what was dropped."""
    with system() as wire:
        for _ in range(TEXT_BYTES // 100 + 1):
            say(1, "z" * 100)
        assert guest(1).counters.dropped_lines > 0
        while queue_used(u32(1)) > TEXT_BYTES // 2:
            say(1, "z")
            wire.take(1)
        dropped = int(guest(1).counters.dropped_lines)
        say(1, "taken")
        assert guest(1).counters.dropped_lines == dropped


def test_who_waits_goes_on_when_half_of_the_text_is_out() -> None:
    with system() as wire:
        flood((3, 4))
        assert guest(3).state == guest(4).state == GuestState.WAITING
        write(output.QUEUES[u32(3)], tail=int(output.QUEUES[u32(3)].head) - TEXT_BYTES // 2)
        console.console_release()
        assert guest(3).state == GuestState.READY
        assert guest(4).state == GuestState.WAITING
        assert wire.sent == b""


def test_what_ends_a_guest_is_told_however_full_its_queue_is() -> None:
    """The longest records of a guest's end, with the longest name, behind as much text and as many refusals as fit."""
    with system() as wire:
        for at, letter in enumerate(b"sixteen-letters-"):
            GUESTS[u32(1)].config.name[at] = letter
        for count in range(200):
            say(1, "x" * (count % LINE_BYTES))
        for _ in range(LINE_BYTES):
            console_put(u32(1), u32(0x78))
        for register in range(16):
            guest(1).registers[register] = u32(0xFFFF_FFF0)
        before = int(queue_used(u32(1)))
        console_close(u32(1))
        record_about(u32(1), text("stopped"))
        for _ in range(12):
            field_address(text("maps_fault"), u32(0xFFFF_FFFF))
        record_end()
        _registers(guest(1))
        record_about(u32(1), text("exit"))
        field_number(text("status"), u32(0xFFFF_FFFF))
        record_end()
        assert RECORDS[u32(0)].lost == 0
        assert int(queue_used(u32(1))) - before < RECORDS_BYTES
        wire.take(3000)
        assert [said.split()[0] for name, said in wire.lines() if name == "record"] == ["dropped", "stopped", "registers", "exit"]


def test_a_record_without_room_is_dropped_whole_and_counted() -> None:
    with system() as wire:
        for count in range(500):
            record_begin(text("cpu"))
            field_number(text("index"), u32(count))
            record_end()
        wire.take(3000)
        kept = len(wire.lines())
        assert wire.lines() == [("record", f"cpu index={index}") for index in range(kept)]
        assert RECORDS[u32(0)].lost == 500 - kept > 0
        assert queue_used(u32(OVM_QUEUE)) == 0


@pytest.mark.parametrize(("gives_way", "sent"), [(True, 1), (False, STEP_BYTES)])
def test_the_wire_is_fed_by_the_byte_while_the_alarm_waits(monkeypatch: pytest.MonkeyPatch, gives_way: bool, sent: int) -> None:
    with system() as wire:
        monkeypatch.setattr(output, "alarm_waits", lambda: True)
        record_begin(text("longer than one step"))
        record_end()
        wire.steps = 1
        output_drain(gives_way)
        assert len(wire.sent) == sent


def test_a_record_in_two_parts_is_one() -> None:
    """Text that others print in between goes elsewhere, and a line that isn't ended doesn't go out."""
    with system() as wire:
        record_about(u32(1), text("stopped"))
        length = record_pause()
        record_begin(text("other"))
        record_end()
        wire.take(100)
        record_resume(u32(1), length)
        field_number(text("more"), u32(7))
        record_end()
        wire.take(100)
        assert wire.lines() == [("record", "other"), ("record", f"stopped guest={NAMES[1]} more=7")]


WHOLE = f"\x1estopped guest={NAMES[1]} more=7 at=0xbeef\n".encode()


@pytest.mark.parametrize("start", [0, 5, QUEUE_BYTES - 3, 2**32 - 20, 2**32 - QUEUE_BYTES - 1])
@pytest.mark.parametrize("room", [0, 1, len(WHOLE) - 1, len(WHOLE), len(WHOLE) + 1, QUEUE_BYTES])
@pytest.mark.parametrize("parts", [False, True])
def test_a_record_joins_whole_or_not_at_all_wherever_the_queue_is(start: int, room: int, parts: bool) -> None:
    """The queue's indices run freely; a record in parts has the same room as one that is written at once."""
    with system():
        queue = output.QUEUES[u32(1)]
        head = (start + QUEUE_BYTES - room) % 2**32
        write(queue, tail=start, head=head)
        record_about(u32(1), text("stopped"))
        field_number(text("more"), u32(7))
        if parts:
            record_resume(u32(1), record_pause())
        field_address(text("at"), u32(0xBEEF))
        record_end()
        fits = room > len(WHOLE)
        assert RECORDS[u32(0)].lost == (0 if fits else 1)
        assert queue.head == (head + len(WHOLE) if fits else head) % 2**32 and queue.tail == start
        if fits:
            assert bytes(int(queue.ring[u32((head + at) % QUEUE_BYTES)]) for at in range(len(WHOLE))) == WHOLE


def test_a_failure_inside_a_record_is_told() -> None:
    with system() as wire:
        record_about(u32(1), text("refusal"))
        record_begin(text("broken"))
        record_end()
        wire.take(100)
        assert wire.lines() == [("record", "broken")]


def test_nothing_waits_for_a_dead_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "POLLS", 50)
    with system() as wire:
        flood(tuple(range(1, 8)))
        output_drain(False)
        output_flush()
        assert wire.sent == b""


STEP = some.one_of(
    some.tuples(some.just("say"), some.integers(1, 7), some.integers(0, 130)),
    some.tuples(some.just("take"), some.integers(0, 12), some.just(0)),
    some.tuples(some.just("record"), some.integers(0, 8), some.integers(1, 12)),
)


@given(some.lists(STEP, max_size=120))
@settings(deadline=None, max_examples=60)
def test_any_history(steps: list[tuple[str, int, int]]) -> None:
    """Whole lines; each guest's in its order, all of them or counted; no queue beyond its bounds."""
    said: dict[str, list[str]] = {name: [] for name in NAMES}
    with system() as wire:
        for number, (what, which, size) in enumerate(steps):
            if what == "take":
                wire.take(which)
            elif what == "record":
                if queue_used(u32(which)) <= TEXT_BYTES // 2:
                    record_begin(text("cpu")) if which == OVM_QUEUE else record_about(u32(which), text("refusal"))
                    for _ in range(size):
                        field_number(text("index"), u32(number))
                    record_end()
            else:
                line = f"{number} " + "w" * size
                if say_if_allowed(which, line[:LINE_BYTES]):
                    said[NAMES[which]].append(line[:LINE_BYTES])
            for index in range(8):
                assert queue_used(u32(index)) <= TEXT_BYTES
                assert console.console_room(u32(index)) >= 0
        for index in range(8):
            console_close(u32(index))
        wire.take(3000)
        assert not output_waits()
        assert RECORDS[u32(0)].lost == 0
        lines = wire.lines()
        for index, name in enumerate(NAMES):
            printed = [line for owner, line in lines if owner == name]
            missing = Counter(said[name]) - Counter(printed)
            assert sum(missing.values()) == guest(index).counters.dropped_lines
            assert printed == [line for line in said[name] if line not in missing]
            if LEVELS[index] == Level.NRT:
                assert not missing


def test_the_room_that_a_call_may_need() -> None:
    """An unfinished line and 24 bytes, each a line of its own or the one that cuts the line."""
    assert WRITE_ROOM >= LINE_BYTES + 1 + 1 + 24
    assert QUEUE_BYTES == TEXT_BYTES + RECORDS_BYTES
