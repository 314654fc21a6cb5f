# SPDX-License-Identifier: Apache-2.0
"""Fair turns hold against a guest that sleeps to save time up."""

from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestState, Level
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS
from ovm.core.schedule import charge, choose
from ovm.core.vcpu import VCPUS
from ovm.metal import simulate, u32, u64
from tests.core.machine import write

TURN = 1000
SAVER, VICTIM = 0, 1


@pytest.fixture
def two_guests() -> Iterator[None]:
    with simulate.simulate():
        write(CONFIG, guest_count=2, turn_ticks=TURN)
        for index in range(2):
            write(VCPUS[u32(index)], index=index, guest=index, level=int(Level.NRT.value), state=int(GuestState.READY.value))
        yield


class Cpu:
    """CPU 0 without its hardware: time, and who has it."""

    def __init__(self) -> None:
        self.time = 0
        self.had = [0, 0]

    def run(self, ticks: int) -> None:
        """Let the chosen guest run in slices of a turn."""
        for _ in range(0, ticks, TURN):
            chosen = int(choose(u64(self.time)))
            write(CPUS[u32(0)], current=chosen, turn_ends_at=self.time + TURN)
            self.time += TURN
            if chosen < 2:
                self.had[chosen] += TURN
            charge(u64(self.time))

    def let(self, guest: int, state: GuestState) -> None:
        write(VCPUS[u32(guest)], state=int(state.value))
        choose(u64(self.time))


@pytest.mark.usefixtures("two_guests")
def test_a_sleeper_that_wakes_alone_cannot_keep_the_cpu() -> None:
    cpu = Cpu()
    cpu.let(SAVER, GuestState.WAITING)
    cpu.run(1_000 * TURN)
    assert cpu.had == [0, 1_000 * TURN]
    # The saver wakes just while the other one waits for its next interrupt.
    cpu.let(VICTIM, GuestState.WAITING)
    cpu.let(SAVER, GuestState.READY)
    cpu.let(VICTIM, GuestState.READY)
    cpu.had = [0, 0]
    cpu.run(10 * TURN)
    assert cpu.had[VICTIM] >= 4 * TURN


@pytest.mark.usefixtures("two_guests")
def test_a_sleeper_is_served_soon() -> None:
    cpu = Cpu()
    cpu.let(SAVER, GuestState.WAITING)
    cpu.run(100 * TURN)
    cpu.let(SAVER, GuestState.READY)
    cpu.had = [0, 0]
    cpu.run(4 * TURN)
    assert cpu.had[SAVER] >= 2 * TURN


@pytest.mark.usefixtures("two_guests")
def test_penance_of_one_guest_is_not_the_other_ones_advantage_for_long() -> None:
    cpu = Cpu()
    cpu.let(VICTIM, GuestState.WAITING)
    # Yields while alone count as turns used.
    write(VCPUS[u32(SAVER)], fair_time=5_000 * TURN)
    cpu.run(10 * TURN)
    cpu.let(VICTIM, GuestState.READY)
    cpu.had = [0, 0]
    cpu.run(10 * TURN)
    assert cpu.had[SAVER] >= 4 * TURN
