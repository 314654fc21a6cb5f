# SPDX-License-Identifier: Apache-2.0
"""An interrupt that came inside the gate is served before the trap that was on its way; the guest traps again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.config import Level
from ovm.arm.psr import MODE_USR, PSR_T
from ovm.core.emulate.outcome import it_advanced, it_before
from ovm.core.entry.gate import (
    RETURN_DATA_ABORT,
    RETURN_PREFETCH_ABORT,
    RETURN_SUPERVISOR_CALL,
    RETURN_UNDEFINED,
)
from ovm.core.trap.interrupt import gate_interrupt
from ovm.core.vcpu import NOTHING_NOTED, PC
from ovm.metal import u32
from tests.core.machine import TICKS_PER_SECOND, Machine, machine, write

SPURIOUS, ALARM = 1023, 29
INSTRUCTION = 0x1000_9000
# How far LR is past the instruction, in ARM and in Thumb state (ARM table B1-7).
STUBS = {
    RETURN_UNDEFINED: (4, 2),
    RETURN_SUPERVISOR_CALL: (4, 2),
    RETURN_PREFETCH_ABORT: (4, 4),
    RETURN_DATA_ABORT: (8, 8),
}
N, Z = 1 << 31, 1 << 30


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine(Level.SRT) as prepared:
        yield prepared


@pytest.mark.parametrize("thumb", [False, True])
@pytest.mark.parametrize("stub", STUBS)
def test_the_guest_goes_back_to_its_instruction(made: Machine, stub: int, thumb: bool) -> None:
    vcpu = made.vcpu()
    vcpu.registers[PC] = u32(INSTRUCTION + STUBS[stub][thumb])
    write(vcpu, noted=SPURIOUS, psr=MODE_USR | (PSR_T if thumb else 0))
    assert made.call(gate_interrupt, vcpu, stub & 0xFF) == vcpu.address
    assert int(vcpu.registers[PC]) == INSTRUCTION
    counters = vcpu.counters
    assert (int(vcpu.noted), int(counters.supervisor_calls), int(counters.exceptions)) == (NOTHING_NOTED, 0, 0)


def test_the_alarm_is_served(made: Machine) -> None:
    vcpu = made.vcpu()
    made.time(TICKS_PER_SECOND)
    write(vcpu, noted=ALARM, timer_at=TICKS_PER_SECOND - 1)
    made.call(gate_interrupt, vcpu, RETURN_SUPERVISOR_CALL & 0xFF)
    assert int(made.page().irq_pending) != 0


@pytest.mark.parametrize(("condition", "flags"), [(0, Z), (1, N), (4, N), (5, Z)])
@pytest.mark.parametrize("mask", range(1, 16))
def test_a_call_in_an_it_block_keeps_its_condition(condition: int, flags: int, mask: int) -> None:
    before = u32(flags | MODE_USR | PSR_T | (mask & 3) << 25 | (condition << 4 | mask) >> 2 << 10)
    behind = it_advanced(before)
    # The last one of a block leaves no state: without one it is made in any case, and leaves none.
    assert it_before(behind) == (before if mask & 7 else behind)
    assert it_advanced(it_before(behind)) == behind
