# SPDX-License-Identifier: Apache-2.0
"""A guest whose abort vectors can't be fetched would abort there for ever: it is stopped, with its first fault."""

import pytest

from ovm.abi.config import GuestState
from ovm.arm import cp15
from ovm.core.trap.abort import prefetch_abort
from ovm.metal import u32
from tests.core.machine import ENTRY, Machine, machine, write

SVC, ABT, UND = 0x13, 0x17, 0x1B
NOWHERE = 0x7000_0000
TRANSLATION = 0x005


def fetch(made: Machine, address: int, mode: int) -> None:
    """Let the guest fail to fetch an instruction."""
    vcpu = made.vcpu()
    write(vcpu, vbar=NOWHERE, mode=mode, state=GuestState.READY)
    vcpu.registers[15] = u32(address + 4)
    made.processor.cp15[cp15.key_of(cp15.IFSR)] = TRANSLATION
    made.processor.cp15[cp15.key_of(cp15.IFAR)] = address
    made.call(prefetch_abort, vcpu)


@pytest.mark.parametrize(
    ("mode", "offset", "stopped"),
    [(ABT, 0x0C, True), (ABT, 0x10, True), (UND, 0x04, True), (UND, 0x1C, True), (UND, 0x20, False), (ABT, -4, False),
     (SVC, 0x08, False)],
)  # fmt: skip
def test_vectors_that_cannot_be_fetched(mode: int, offset: int, stopped: bool) -> None:
    with machine() as made:
        made.vcpu().last_pc = u32(ENTRY)
        fetch(made, NOWHERE + offset, mode)
        assert (made.vcpu().state == GuestState.STOPPED) == stopped
        pc = ENTRY if stopped else NOWHERE + 0x0C
        assert int(made.vcpu().registers[15]) == pc
