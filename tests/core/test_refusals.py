# SPDX-License-Identifier: Apache-2.0
"""Tests of what becomes of a refused access: the guest's abort, a record, and an alarm that brings the record to the UART."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestState
from ovm.abi.hypercalls import DENIED, GUEST_START
from ovm.arm import cp15
from ovm.core.clock import LONG_STAY
from ovm.core.report import STOP_PARTS, report_stop
from ovm.core.trap.abort import data_abort, prefetch_abort
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.metal import u32
from tests.core.machine import ENTRY, TICKS_PER_SECOND, Machine, machine, write

TRANSLATION = 0x005
WRITE = 1 << 11
NOWHERE = 0x7000_0010


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as prepared:
        write(prepared.vcpu(), vbar=0x2000)
        yield prepared


def store(made: Machine, address: int) -> None:
    """Let the guest's kernel store to an address that its map doesn't have."""
    made.vcpu().registers[15] = u32(ENTRY + 8)
    made.processor.cp15[cp15.key_of(cp15.DFSR)] = TRANSLATION | WRITE
    made.processor.cp15[cp15.key_of(cp15.DFAR)] = address
    made.call(data_abort, made.vcpu())


def test_the_guest_gets_an_external_abort(made: Machine) -> None:
    store(made, NOWHERE)
    vcpu, page = made.vcpu(), made.page()
    assert (int(vcpu.mode), int(vcpu.registers[15]), int(vcpu.registers[14])) == (0x17, 0x2010, ENTRY + 8)
    assert (int(page.dfsr), int(page.dfar)) == (0x008 | WRITE, NOWHERE)
    assert int(vcpu.counters.refusals) == 1


def test_the_record_says_who_what_and_where(made: Machine) -> None:
    store(made, NOWHERE)
    line = f"\x1erefusal guest=guest0 level=srt kind=store pc={ENTRY:#x} address={NOWHERE:#x} gpa={NOWHERE:#x} owner=nothing\n"
    assert made.printed() == line.encode()


def test_the_alarm_brings_the_record_out(made: Machine) -> None:
    """Even if nothing else is due: no timer, no other guest."""
    made.time(5_000_000)
    store(made, NOWHERE)
    assert int(made.view_cpu().event_at) <= 5_000_000 + TICKS_PER_SECOND // 1000
    assert int(made.view_cpu().housekeeping_at) <= 5_000_000 + TICKS_PER_SECOND // 1000


def test_a_long_stay_ends_between_record_and_abort(made: Machine) -> None:
    """The guest makes its access again, and gets its abort then: one refusal, one record."""
    cycles = cp15.key_of(cp15.PMCCNTR)
    made.processor.cp15[cycles] = LONG_STAY + 1
    store(made, NOWHERE)
    said = made.printed()
    assert said and (int(made.vcpu().mode), int(made.vcpu().registers[15])) == (0x13, ENTRY)
    made.processor.cp15[cycles] = 0
    store(made, NOWHERE)
    assert (int(made.vcpu().mode), int(made.vcpu().counters.refusals)) == (0x17, 1)
    assert made.printed() == b""
    store(made, NOWHERE)
    assert (int(made.vcpu().counters.refusals), made.printed()) == (2, said)


def test_refusals_without_end_leave_half_of_the_queue_to_text(made: Machine) -> None:
    """Those that are not told are counted, and the guest continues with its abort: it waits for nothing."""
    for _ in range(100):
        write(made.vcpu(), mode=0x13)
        store(made, NOWHERE)
        assert made.vcpu().state == GuestState.READY
        assert int(made.vcpu().registers[15]) == 0x2010
    counters = made.vcpu().counters
    told = made.printed().count(b"\n")
    assert (int(counters.refusals), int(counters.dropped_refusals)) == (100, 100 - told)
    assert 10 < told < 20
    # What is out makes room for more.
    store(made, NOWHERE)
    assert made.printed().count(b"\n") == 1


def test_the_first_of_each_kind_is_told_in_the_other_half(made: Machine) -> None:
    for _ in range(100):
        write(made.vcpu(), mode=0x13)
        store(made, NOWHERE)
    for _ in range(2):
        made.vcpu().registers[0], made.vcpu().registers[1] = u32(GUEST_START), u32(1)
        made.call(supervisor_call, made.vcpu())
    assert made.printed().count(b"kind=call") == 1


def test_a_denied_call_in_a_loop_is_told_for_half_a_queue(made: Machine) -> None:
    for _ in range(100):
        made.vcpu().registers[0], made.vcpu().registers[1] = u32(GUEST_START), u32(1)
        made.call(supervisor_call, made.vcpu())
        assert made.vcpu().registers[0] == DENIED
    counters = made.vcpu().counters
    told = made.printed().count(b"\n")
    assert (int(counters.refusals), int(counters.dropped_refusals)) == (100, 100 - told)
    assert 10 < told < 30


def test_a_guest_without_vectors_is_stopped(made: Machine) -> None:
    write(made.vcpu(), vbar=NOWHERE & ~0x1F)
    store(made, NOWHERE + 0x100)
    # The fetch of its vector is refused in turn.
    made.vcpu().registers[15] = u32(int(made.vcpu().registers[15]) + 4)
    made.processor.cp15[cp15.key_of(cp15.IFSR)] = TRANSLATION
    made.processor.cp15[cp15.key_of(cp15.IFAR)] = int(made.vcpu().registers[15]) - 4
    made.call(prefetch_abort, made.vcpu())
    assert made.vcpu().state == GuestState.STOPPED
    assert b"stopped" not in made.printed()
    assert made.vcpu(1).state == GuestState.READY
    for _ in range(STOP_PARTS):
        made.call(report_stop, made.vcpu())
    stopped = next(line for line in made.printed().split(b"\n") if line.startswith(b"\x1estopped"))
    # The first fault is the one to know.
    assert f"why=no-vectors pc={ENTRY:#x}".encode() in stopped
    assert f"address={NOWHERE + 0x100:#x} status=0x808".encode() in stopped
