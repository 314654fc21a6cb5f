# SPDX-License-Identifier: Apache-2.0
"""Consoles of several guests on one stream: whole lines, and nothing that could be taken for a record."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ovm.arm import cp15
from ovm.core import hard
from ovm.core.console import LINE_BYTES, console_put
from ovm.core.output import DRAIN_BYTES, Output, output_drain
from ovm.metal import u32
from tests.core.machine import Machine, machine

LINE = re.compile(rb"\[guest[01]\] [ -~]{0,121}\n")


@pytest.fixture(scope="module")
def made() -> Iterator[Machine]:
    with machine() as prepared:
        yield prepared


def printed(made: Machine) -> bytes:
    """What lies in the output ring, which is emptied."""
    output = made.view(Output, "ovm.core.output.OUTPUT")
    head, tail = int(output.head), int(output.tail)
    size = len(output.ring)
    data = bytes(int(output.ring[u32(at % size)]) for at in range(tail, head))
    output.tail = output.head
    return data


def send(made: Machine, guest: int, data: bytes) -> None:
    for byte in data:
        made.call(console_put, guest, byte)


def test_lines_of_two_guests_do_not_mix(made: Machine) -> None:
    send(made, 0, b"one ")
    send(made, 1, b"two\n")
    send(made, 0, b"three\r\n")
    assert printed(made) == b"[guest1] two\n[guest0] one three\n"


def test_long_lines_are_cut(made: Machine) -> None:
    send(made, 0, b"x" * LINE_BYTES + b"rest\n")
    assert printed(made) == b"[guest0] " + b"x" * LINE_BYTES + b"\\\n[guest0] rest\n"


def test_what_does_not_print_becomes_a_question_mark(made: Machine) -> None:
    send(made, 0, b"\x1erefusal\x1b[2J\t\xc3\xa4\x7f\n")
    assert printed(made) == b"[guest0] ?refusal?[2J ???\n"


def test_output_gives_way_to_the_alarm(made: Machine) -> None:
    """A byte each time, so that it ends whatever waits; without the alarm as many as one turn may take."""
    send(made, 0, b"x" * LINE_BYTES + b"\n")
    output = made.view(Output, "ovm.core.output.OUTPUT")
    for waits, bytes_moved in ((1 << 6, 1), (1 << 6, 1), (0, DRAIN_BYTES)):
        made.processor.cp15[cp15.key_of(cp15.ISR)] = waits
        before = int(output.tail)
        made.call(output_drain)
        assert int(output.tail) - before == bytes_moved
    printed(made)


@given(some.lists(some.tuples(some.integers(0, 1), some.binary(max_size=60)), max_size=12))
def test_any_bytes_make_whole_lines(made: Machine, parts: list[tuple[int, bytes]]) -> None:
    for guest, data in parts:
        send(made, guest, data)
    send(made, 0, b"\n")
    send(made, 1, b"\n")
    assert re.fullmatch(rb"(\[guest[01]\] [ -~]{0,121}\n)*", printed(made))


def test_a_hard_guests_page_is_not_believed() -> None:
    """Indices that no ring can have: a bounded number of characters, each through the filter."""
    from ovm.abi.config import Level

    with machine(Level.HRT) as made:
        page = hard.HrtPage.refer(0x8020_0000)
        for head, tail in ((0xFFFF_FFFF, 0), (5, 0x8000_0000), (4097, 0)):
            page.console_head, page.console_tail = u32(head), u32(tail)
            made.call(hard.hard_drain, made.vcpu())
            assert int(page.console_tail) - head & 0xFFFF_FFFF >= 0xFFFF_FFFF - 4096
            assert len(printed(made)) <= 64 * 12
