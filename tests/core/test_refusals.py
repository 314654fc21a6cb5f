# SPDX-License-Identifier: Apache-2.0
"""What becomes of a refused access: the guest's abort, a record, and an alarm that brings the record to the UART."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestState
from ovm.arm import cp15
from ovm.core.output import Output
from ovm.core.trap.abort import data_abort, prefetch_abort
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


def output(made: Machine) -> bytes:
    found = made.view(Output, "ovm.core.output.OUTPUT")
    return bytes(int(found.ring[u32(at)]) for at in range(int(found.head)))


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
    assert output(made) == line.encode()


def test_the_alarm_brings_the_record_out(made: Machine) -> None:
    """Even if nothing else is due: no timer, no other guest."""
    made.time(5_000_000)
    store(made, NOWHERE)
    assert int(made.view_cpu().event_at) <= 5_000_000 + TICKS_PER_SECOND // 1000
    assert int(made.view_cpu().housekeeping_at) <= 5_000_000 + TICKS_PER_SECOND // 1000


def test_a_guest_that_fills_the_console_waits(made: Machine) -> None:
    for _ in range(1000):
        store(made, NOWHERE)
        if made.vcpu().state == GuestState.WAITING:
            break
        write(made.vcpu(), mode=0x13)
    assert made.vcpu().waits_console
    # It had its abort all the same, and the ring still has room for others.
    assert int(made.vcpu().registers[15]) == 0x2010
    assert len(output(made)) <= 16384 - 2048


def test_a_guest_without_vectors_is_stopped(made: Machine) -> None:
    write(made.vcpu(), vbar=NOWHERE & ~0x1F)
    store(made, NOWHERE + 0x100)
    # The fetch of its vector is refused in turn.
    made.vcpu().registers[15] = u32(int(made.vcpu().registers[15]) + 4)
    made.processor.cp15[cp15.key_of(cp15.IFSR)] = TRANSLATION
    made.processor.cp15[cp15.key_of(cp15.IFAR)] = int(made.vcpu().registers[15]) - 4
    made.call(prefetch_abort, made.vcpu())
    assert made.vcpu().state == GuestState.STOPPED
    assert made.vcpu(1).state == GuestState.READY
    stopped = next(line for line in output(made).split(b"\n") if line.startswith(b"\x1estopped"))
    # The first fault is the one to know.
    assert f"why=no-vectors pc={ENTRY:#x}".encode() in stopped
    assert f"address={NOWHERE + 0x100:#x} status=0x808".encode() in stopped
