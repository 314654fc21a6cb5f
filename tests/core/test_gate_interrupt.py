# SPDX-License-Identifier: Apache-2.0
"""An interrupt that came inside the gate is served before the abort that was on its way; the guest aborts again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ovm.abi.config import Level
from ovm.arm import cp15
from ovm.core.trap import abort
from ovm.core.vcpu import NOTHING_NOTED, PC
from ovm.metal import u32
from tests.core.machine import Machine, machine, write

SPURIOUS = 1023
DATA_PC, FETCH_PC = 0x1000_9008, 0x1000_9004
OUTSIDE = 0x2000_0000


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine(Level.SRT) as prepared:
        prepared.processor.cp15.update({cp15.key_of(register): OUTSIDE for register in (cp15.DFAR, cp15.IFAR)})
        prepared.processor.cp15.update({cp15.key_of(register): 0x5 for register in (cp15.DFSR, cp15.IFSR)})
        yield prepared


@pytest.mark.parametrize(("handler", "link"), [(abort.data_abort, DATA_PC), (abort.prefetch_abort, FETCH_PC)])
def test_the_interrupt_comes_first(made: Machine, handler: Any, link: int) -> None:
    vcpu = made.vcpu()
    vcpu.registers[PC] = u32(link)
    write(vcpu, noted=SPURIOUS)
    assert made.call(handler, vcpu) == vcpu.address
    assert int(vcpu.registers[PC]) == 0x1000_9000
    assert (int(vcpu.noted), int(vcpu.counters.refusals), int(vcpu.counters.exceptions)) == (NOTHING_NOTED, 0, 0)


@pytest.mark.parametrize(("handler", "link"), [(abort.data_abort, DATA_PC), (abort.prefetch_abort, FETCH_PC)])
def test_the_second_abort_is_the_guests(made: Machine, handler: Any, link: int) -> None:
    vcpu = made.vcpu()
    vcpu.registers[PC] = u32(link)
    write(vcpu, noted=NOTHING_NOTED)
    made.call(handler, vcpu)
    assert (int(vcpu.counters.refusals), int(vcpu.counters.exceptions)) == (1, 1)
    assert int(vcpu.registers[PC]) != 0x1000_9000
