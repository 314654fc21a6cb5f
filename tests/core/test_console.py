# SPDX-License-Identifier: Apache-2.0
"""Consoles of several guests on one stream: whole lines, and nothing that could be taken for a record."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from ovm.core import hard
from ovm.core.console import LINE_BYTES, console_put
from ovm.metal import u32
from tests.core.machine import Machine, machine


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as prepared:
        yield prepared


def send(made: Machine, guest: int, data: bytes) -> None:
    for byte in data:
        made.call(console_put, guest, byte)


def test_lines_of_two_guests_do_not_mix(made: Machine) -> None:
    send(made, 0, b"one ")
    send(made, 1, b"two\n")
    send(made, 0, b"three\r\n")
    assert made.printed(1) == b"two\n"
    assert made.printed(0) == b"one three\n"


def test_long_lines_are_cut(made: Machine) -> None:
    send(made, 0, b"x" * LINE_BYTES + b"rest\n")
    assert made.printed() == b"x" * LINE_BYTES + b"\\\nrest\n"


def test_what_does_not_print_becomes_a_question_mark(made: Machine) -> None:
    send(made, 0, b"\x1erefusal\x1b[2J\t\xc3\xa4\x7f\n")
    assert made.printed() == b"?refusal?[2J ???\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.tuples(some.integers(0, 1), some.binary(max_size=60)), max_size=12))
def test_any_bytes_make_whole_lines(made: Machine, parts: list[tuple[int, bytes]]) -> None:
    for guest, data in parts:
        send(made, guest, data)
    send(made, 0, b"\n")
    send(made, 1, b"\n")
    for guest in (0, 1):
        assert re.fullmatch(rb"([ -~]{0,121}\n)*", made.printed(guest))


def test_a_hard_guests_page_is_not_believed() -> None:
    """Indices that no ring can have: a bounded number of characters, each through the filter."""
    from ovm.abi.config import Level

    with machine(Level.HRT) as made:
        page = hard.HrtPage.refer(0x8020_0000)
        for head, tail in ((0xFFFF_FFFF, 0), (5, 0x8000_0000), (4097, 0)):
            page.console_head, page.console_tail = u32(head), u32(tail)
            made.call(hard.hard_drain, made.vcpu())
            assert int(page.console_tail) - head & 0xFFFF_FFFF >= 0xFFFF_FFFF - 4096
            assert len(made.printed()) <= hard.FETCH_BYTES * 2


@pytest.mark.parametrize("status", [0, 1, 0xFFFF_FFFF])
def test_a_hard_guests_status_is_its_own(status: int) -> None:
    """No status is taken for a guest that was stopped."""
    from ovm.abi.config import GuestState, Level

    with machine(Level.HRT) as made:
        page = hard.HrtPage.refer(0x8020_0000)
        page.exit_status, page.finished = u32(status), u32(1)
        made.call(hard.hard_drain, made.vcpu())
        assert made.vcpu().state == GuestState.EXITED and int(made.guest().exit_status) == status
        assert made.printed() == f"\x1eexit guest=guest0 status={status}\n".encode()


@pytest.mark.parametrize("barrier", [1, 2, 3])
def test_a_hard_guest_that_ends_meanwhile_has_exited(barrier: int) -> None:
    """CPU 1 writes the end and then that it has parked. Wherever both come in between, it is not taken for a stop."""
    from ovm.abi.config import GuestState, Level
    from ovm.core.cpu import Cpu

    with machine(Level.HRT) as made, pytest.MonkeyPatch.context() as patch:
        page, cpu = hard.HrtPage.refer(0x8020_0000), made.view(Cpu, "ovm.core.cpu.CPUS", hard.HARD_CPU)
        passed = []

        def end(kind: int) -> None:
            passed.append(kind)
            if len(passed) == barrier:
                page.exit_status, page.finished, cpu.state = u32(7), u32(1), u32(hard.CPU_PARKED)

        patch.setattr(made.processor, "barrier", end)
        made.call(hard.hard_drain, made.vcpu())
        # The first barrier lies between the two reads: the end is seen at once. Later ones come after both.
        assert made.vcpu().state == (GuestState.EXITED if barrier == 1 else GuestState.READY)
        made.call(hard.hard_drain, made.vcpu())
        assert (made.vcpu().state, int(made.guest().exit_status)) == (GuestState.EXITED, 7)
