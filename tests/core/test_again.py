# SPDX-License-Identifier: Apache-2.0
"""A call that isn't done is made again: the guest goes back to its SVC, SMC or MCR, in ARM, Thumb and an IT block."""

import pytest

from ovm.abi.config import GuestState, Level
from ovm.abi.hypercalls import CONSOLE_WRITE, SUCCESS
from ovm.arm.psr import PSR_T
from ovm.core.console import TEXT_BYTES
from ovm.core.emulate.outcome import it_advanced
from ovm.core.trap.supervisor_call import supervisor_call
from ovm.core.trap.undefined import undefined
from ovm.metal import u32
from tests.core.emulate.assembled import assemble, word_of
from tests.core.machine import ENTRY, machine, write

ZERO = 1 << 30
THUMB = 0x10 | PSR_T
# An IT block of four, all of whose conditions are EQ: ITSTATE 0000_0001 before the first (ARM A2.5.2).
IT_FOUR = ZERO | THUMB | 1 << 25


@pytest.mark.parametrize(
    ("before", "width"),
    [(0x10, 4), (THUMB, 2), (IT_FOUR, 2), (int(it_advanced(u32(IT_FOUR))), 2)],
    ids=["ARM", "Thumb", "IT", "second in IT"],
)
def test_a_call_without_room_is_made_again(before: int, width: int) -> None:
    with machine(Level.NRT) as made:
        vcpu, queue = made.vcpu(), made.queue()
        behind = int(it_advanced(u32(before))) if before & PSR_T else before
        for room in (False, True):
            queue.head = u32(0 if room else TEXT_BYTES)
            write(vcpu, psr=behind, state=GuestState.READY, waits_console=False, privileged=1)
            for number, value in ((0, CONSOLE_WRITE), (1, 1), (2, 0x78), (15, ENTRY + width)):
                vcpu.registers[number] = u32(value)
            made.call(supervisor_call, vcpu)
            assert not vcpu.again
            if room:
                assert (int(vcpu.registers[0]), int(vcpu.registers[15]), int(vcpu.psr)) == (SUCCESS, ENTRY + width, behind)
            else:
                assert vcpu.state == GuestState.WAITING
                assert (int(vcpu.registers[0]), int(vcpu.registers[15]), int(vcpu.psr)) == (CONSOLE_WRITE, ENTRY, before)


# Before the instruction, as its own condition sees it: EQ holds.
BEFORE = {
    "ARM": 0x10, "Thumb": THUMB, "IT": IT_FOUR, "second in IT": int(it_advanced(u32(IT_FOUR))),
}  # fmt: skip


@pytest.mark.parametrize("name", BEFORE)
def test_an_smc_without_room_is_made_again(name: str) -> None:
    """SMC is Undefined in User mode, so it is read and emulated; the PSR is the one before it, unlike SVC's."""
    before = BEFORE[name]
    thumb = before & PSR_T != 0
    with machine(Level.SRT) as made:
        vcpu, queue = made.vcpu(), made.queue()
        # Only an NRT guest waits for the console.
        made.become_fair()
        made.guest_write(ENTRY, word_of(assemble(("smc #0",), thumb)[0], thumb))
        for room in (False, True):
            queue.head = u32(0 if room else TEXT_BYTES)
            write(vcpu, psr=before, state=GuestState.READY, waits_console=False, privileged=1)
            for number, value in ((0, CONSOLE_WRITE), (1, 1), (2, 0x78), (15, ENTRY + (2 if thumb else 4))):
                vcpu.registers[number] = u32(value)
            emulated = int(vcpu.counters.emulated_calls)
            made.call(undefined, vcpu)
            assert not vcpu.again and int(vcpu.counters.emulated_calls) == emulated + 1
            if room:
                after = int(it_advanced(u32(before))) if thumb else before
                assert (int(vcpu.registers[0]), int(vcpu.registers[15]), int(vcpu.psr)) == (SUCCESS, ENTRY + 4, after)
            else:
                assert vcpu.state == GuestState.WAITING
                assert (int(vcpu.registers[0]), int(vcpu.registers[15]), int(vcpu.psr)) == (CONSOLE_WRITE, ENTRY, before)
