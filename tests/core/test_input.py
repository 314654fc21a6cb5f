# SPDX-License-Identifier: Apache-2.0
"""Input: the guest that it goes to, that nothing is lost but what is counted, and what the driver is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ovm.abi.config import GuestState, Level
from ovm.abi.hypercalls import CONSOLE_READ, INTERRUPT_CONSOLE, INVALID_PARAMETER, SUCCESS
from ovm.abi.uart import FIRST_NUMBER, SELECT, UNFINISHED
from ovm.core import console
from ovm.core import input as core_input
from ovm.core.config import CONFIG
from ovm.core.console import console_put
from ovm.core.guest import GUESTS
from ovm.core.hypercall.console import console_read
from ovm.core.input import BUFFER_BYTES, BUFFERS, STEP_BYTES, input_count, input_poll, input_take
from ovm.core.output import QUEUE_BYTES, QUEUES
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import simulate, u32
from ovm.system.pack import GuestFlags
from tests.core.machine import write

UART = 0xE000_1000
NAMES = ("none", "one", "two")
RECEIVE_EMPTY = 1 << 4


class Wire:
    """A PL011 that has received `bytes`; the interrupts that guests got."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.raised: list[tuple[int, int]] = []

    def read(self, offset: int, size: int) -> int:
        if offset == 0x18:
            return 0 if self.bytes else RECEIVE_EMPTY
        assert (offset, size) == (0, 4)
        return self.bytes.pop(0)

    def write(self, offset: int, size: int, value: int) -> None:
        raise AssertionError("input writes no register")

    def raise_line(self, vcpu: Vcpu, line: int) -> None:
        self.raised.append((int(vcpu.guest), int(line)))


@contextmanager
def system() -> Iterator[Wire]:
    """Yield the UART of three guests, of which the last two have input."""
    wire = Wire()
    patch = pytest.MonkeyPatch()
    patch.setattr(core_input, "interrupt_raise", wire.raise_line)
    patch.setattr(core_input, "alarm_waits", lambda: False)
    patch.setattr(console, "INPUT", True)
    with patch.context(), simulate.simulate(devices=[(UART, 4096, wire)]):
        write(CONFIG, guest_count=len(NAMES), uart_phys=UART)
        for index, name in enumerate(NAMES):
            write(GUESTS[u32(index)], vcpu=index)
            write(GUESTS[u32(index)].config, flags=GuestFlags.input.mask if index else 0)
            write(VCPUS[u32(index)], index=index, guest=index, level=int(Level.NRT.value), state=int(GuestState.READY.value))
            for at, letter in enumerate(name.encode()):
                GUESTS[u32(index)].config.name[at] = letter
        yield wire
    patch.undo()


def choose(guest: int) -> bytes:
    return bytes((SELECT, FIRST_NUMBER + guest))


def poll(wire: Wire, data: bytes = b"") -> None:
    """Let the UART receive bytes, and OVM take them all."""
    wire.bytes += data
    for _ in range(len(wire.bytes) // STEP_BYTES + 1):
        before = len(wire.bytes)
        input_poll()
        assert before - len(wire.bytes) <= STEP_BYTES
    assert not wire.bytes


def taken(guest: int) -> bytes:
    return bytes(int(input_take(u32(guest))) for _ in range(int(input_count(u32(guest)))))


def printed(guest: int) -> bytes:
    """Return what is in a guest's queue, which is emptied."""
    queue = QUEUES[u32(guest)]
    found = bytes(int(queue.ring[u32(at % QUEUE_BYTES)]) for at in range(int(queue.tail), int(queue.head)))
    queue.tail = queue.head
    return found


def test_nobody_gets_input_before_a_guest_is_chosen() -> None:
    with system() as wire:
        poll(wire, b"lost")
        assert [int(input_count(u32(guest))) for guest in range(3)] == [0, 0, 0]
        assert wire.raised == []


def test_the_chosen_guest_gets_it() -> None:
    with system() as wire:
        poll(wire, choose(1) + b"ab" + choose(2) + b"c" + choose(1) + b"d")
        assert (taken(1), taken(2)) == (b"abd", b"c")
        assert wire.raised == [(1, INTERRUPT_CONSOLE), (2, INTERRUPT_CONSOLE)]
        poll(wire, b"e")
        assert wire.raised[2:] == [(1, INTERRUPT_CONSOLE)]


@pytest.mark.parametrize("other", [0, 3, 9, 200])
def test_who_has_no_input_and_who_does_not_exist_gets_none(other: int) -> None:
    with system() as wire:
        poll(wire, choose(1) + bytes((SELECT, (FIRST_NUMBER + other) & 0xFF)) + b"x")
        assert [int(input_count(u32(guest))) for guest in range(3)] == [0, 0, 0]


def test_the_selecting_byte_itself_can_be_typed() -> None:
    with system() as wire:
        poll(wire, choose(1) + bytes((SELECT, SELECT, FIRST_NUMBER + 2)) + b"x")
        assert taken(1) == bytes((SELECT, FIRST_NUMBER + 2)) + b"x"


def test_without_room_bytes_are_counted() -> None:
    with system() as wire:
        poll(wire, choose(1) + bytes(range(0x20, 0x7F)) * 4)
        assert int(BUFFERS[u32(1)].lost) == 4 * 95 - BUFFER_BYTES
        assert taken(1) == (bytes(range(0x20, 0x7F)) * 4)[:BUFFER_BYTES]


def test_a_guest_that_has_ended_gets_none() -> None:
    with system() as wire:
        write(VCPUS[u32(1)], state=int(GuestState.EXITED.value))
        poll(wire, choose(1) + b"abc")
        assert (int(input_count(u32(1))), int(BUFFERS[u32(1)].lost), wire.raised) == (0, 3, [])


def test_the_driver_is_told_when_a_guest_is_chosen_and_when_it_has_taken_some() -> None:
    def record(given: int, taken_: int, lost: int) -> bytes:
        return f"\x1einput guest=one size={BUFFER_BYTES} given={given} taken={taken_} lost={lost}\n".encode()

    with system() as wire:
        poll(wire, choose(1))
        assert printed(1) == record(0, 0, 0)
        poll(wire, b"abc")
        assert printed(1) == b""
        input_take(u32(1))
        poll(wire)
        poll(wire)
        assert printed(1) == record(3, 1, 0)
        assert printed(2) == printed(0) == b""


def test_the_driver_is_told_later_if_there_is_no_room() -> None:
    with system() as wire:
        QUEUES[u32(1)].head = u32(QUEUE_BYTES - 40)
        poll(wire, choose(1))
        QUEUES[u32(1)].tail = QUEUES[u32(1)].head
        poll(wire)
        assert re.fullmatch(rb"\x1einput guest=one .*\n", printed(1))


def test_an_unfinished_line_is_shown_when_it_stands_still() -> None:
    with system() as wire:
        for guest in (1, 2):
            for byte in b"> ":
                console_put(u32(guest), u32(byte))
        poll(wire, choose(1))
        printed(1)
        poll(wire)
        assert printed(1) == b"> " + bytes((UNFINISHED,)) + b"\n"
        poll(wire)
        poll(wire)
        assert printed(1) == printed(2) == b""


def test_a_console_with_input_passes_what_terminals_know() -> None:
    with system():
        for guest in (0, 1):
            for byte in range(256):
                if byte != 0x0A:
                    console_put(u32(guest), u32(byte))
            console_put(u32(guest), u32(0x0A))
        plain = "".join(printed(0).decode().split("\\\n")).removesuffix("\n")
        assert plain == "?" * 9 + " " + "?" * 20 + bytes(range(0x20, 0x7F)).decode() + "?" * 129
        passed = b"".join(printed(1).split(b"\\\n")).removesuffix(b"\n")
        kept = {7, 8, 9, 13, 27} | set(range(0x20, 0x7F)) | set(range(0x80, 256))
        assert passed == bytes(byte if byte in kept else 0x3F for byte in range(256) if byte != 0x0A)


@pytest.mark.parametrize("most", range(10))
def test_console_read(most: int) -> None:
    with system() as wire:
        poll(wire, choose(1) + b"0123456789")
        vcpu = VCPUS[u32(1)]
        for index, value in enumerate((CONSOLE_READ, most, 7, 7)):
            vcpu.registers[u32(index)] = u32(value)
        console_read(vcpu)
        found = [int(vcpu.registers[u32(index)]) for index in range(4)]
        if most > 8:
            assert found[0] == INVALID_PARAMETER
            assert taken(1) == b"0123456789"
            return
        assert found[:2] == [SUCCESS, most]
        got = b"".join(word.to_bytes(4, "little") for word in found[2:])
        assert got == b"0123456789"[:most].ljust(8, b"\0")
        assert taken(1) == b"0123456789"[most:]


@settings(deadline=None, max_examples=60)
@given(some.lists(some.one_of(some.binary(max_size=40), some.integers(0, 12), some.tuples(some.just("t"), some.integers(1, 2)))))
def test_any_bytes_in_any_order(steps: list[bytes | int | tuple[str, int]]) -> None:
    """A plain model: what each guest gets, in order, and what is lost."""
    with system() as wire:
        kept, lost = {1: b"", 2: b""}, {1: 0, 2: 0}
        chosen, selects = 0, False
        for step in steps:
            if isinstance(step, tuple):
                assert taken(step[1]) == kept[step[1]]
                kept[step[1]] = b""
                continue
            data = step if isinstance(step, bytes) else bytes((SELECT, FIRST_NUMBER + step))
            for byte in data:
                if selects and byte != SELECT:
                    chosen, selects = (byte - FIRST_NUMBER if byte - FIRST_NUMBER in (1, 2) else 0), False
                elif byte == SELECT and not selects:
                    selects = True
                else:
                    selects = False
                    if chosen and len(kept[chosen]) < BUFFER_BYTES:
                        kept[chosen] += bytes((byte,))
                    elif chosen:
                        lost[chosen] += 1
            poll(wire, data)
        for guest in (1, 2):
            assert taken(guest) == kept[guest]
            assert int(BUFFERS[u32(guest)].lost) == lost[guest]
