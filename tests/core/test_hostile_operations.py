# SPDX-License-Identifier: Apache-2.0
"""Operations whose operand a guest chooses, at the edges where it would reach past what is its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.hypercalls import CONSOLE_WRITE
from ovm.arm.cp15 import CCSIDR, DCCSW, key_of
from ovm.arm.psr import MODE_USR, PSR_T
from ovm.core.emulate.cp15 import register_write
from ovm.core.output import QUEUE_BYTES
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.core.trap.undefined import undefined
from ovm.core.vcpu import VCPUS
from ovm.metal import simulate, u32
from tests.core.machine import ENTRY, GUEST_RAM, Machine, machine, write

# 32 KiB, 4 ways, 256 sets, lines of 32 bytes (ARM B4.1.19).
CCSIDR_32_KIB = 0x701F_E019
THUMB_SMC = 0x8000_F7F0


@pytest.fixture
def made() -> Iterator[Machine]:
    with machine() as prepared:
        yield prepared


@pytest.mark.parametrize("operand", [0xFFFF_FFFF, 0x0000_0002, 0x0000_E000, 0x3FFF_0000, 0xC000_1FE0])
def test_clean_by_set_and_way_stays_in_the_cache_that_is_there(operand: int) -> None:
    with simulate.simulate(cp15={CCSIDR: CCSIDR_32_KIB}) as processor:
        assert register_write(VCPUS[u32(0)], u32(key_of(DCCSW)), u32(operand))
        # Level 1, sets below 256, four ways: anything else is UNPREDICTABLE (ARM B4.2.1).
        assert processor.cp15[DCCSW] == operand & 0xC000_1FE0


@pytest.mark.parametrize("room", [0, 4096])
def test_thumb_smc_is_made_again_whole_when_the_console_is_full(made: Machine, room: int) -> None:
    vcpu = made.vcpu()
    made.memory.write(GUEST_RAM[0] + 0x8000, THUMB_SMC.to_bytes(4, "little"))
    write(made.queue(), tail=0, head=QUEUE_BYTES - room)
    made.become_fair()
    write(vcpu, psr=MODE_USR | PSR_T)
    for index, value in ((0, CONSOLE_WRITE), (1, 1), (2, 0x41), (15, ENTRY + 2)):
        vcpu.registers[index] = u32(value)
    made.call(undefined, vcpu)
    assert vcpu.registers[15] == (ENTRY + 4 if room else ENTRY)


@pytest.mark.parametrize("room", [0, 4096])
@pytest.mark.parametrize(("thumb", "width"), [(0, 4), (PSR_T, 2)])
def test_svc_is_made_again_whole_when_the_console_is_full(made: Machine, thumb: int, width: int, room: int) -> None:
    vcpu = made.vcpu()
    write(made.queue(), tail=0, head=QUEUE_BYTES - room)
    made.become_fair()
    write(vcpu, psr=MODE_USR | thumb)
    for index, value in ((0, CONSOLE_WRITE), (1, 1), (2, 0x41), (15, ENTRY + width)):
        vcpu.registers[index] = u32(value)
    made.call(supervisor_call, vcpu)
    assert vcpu.registers[15] == (ENTRY + width if room else ENTRY)
    assert not vcpu.again
