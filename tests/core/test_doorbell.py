# SPDX-License-Identifier: Apache-2.0
"""Doorbells: not more often than the description says, and none lost, whatever is rung when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ovm.abi.config import GuestState, Level
from ovm.abi.hypercalls import INTERRUPT_DOORBELL
from ovm.abi.vcpu_page import VcpuPage
from ovm.core.config import CONFIG, REGIONS
from ovm.core.doorbell import ENDS, doorbell_expire, doorbell_ring
from ovm.core.guest import GUESTS
from ovm.core.vcpu import NEVER, VCPUS, Vcpu
from ovm.metal import simulate, u8, u32, u64
from tests.core.machine import write

# Two channels: 0 joins guests 0, 1 and 2, 1 joins 1 and 2; guest 2 has both.
CHANNELS = ((0, 1, 2), (1, 2))
RING_TICKS = (1000, 300)
# Behind OVM and three guests.
CHANNEL_KEY = 4
BELL = 1 << INTERRUPT_DOORBELL


def guest(index: int) -> Vcpu:
    return VCPUS[u32(index)]


def page(index: int) -> VcpuPage:
    return VcpuPage.refer(0x2000_0000 + index * 4096)


@contextmanager
def system() -> Iterator[None]:
    with simulate.simulate() as simulated:
        ends = [(channel, end) for channel, joined in enumerate(CHANNELS) for end in joined]
        write(CONFIG, guest_count=3, region_count=len(ends))
        for number, (channel, end) in enumerate(ends):
            write(REGIONS[u32(number)], guest=end, key=CHANNEL_KEY + channel, ring_ticks=RING_TICKS[channel])
        for index in range(3):
            simulated.memory.write(0x2000_0000 + index * 4096, bytes(4096))
            write(GUESTS[u32(index)], vcpu=index)
            write(
                guest(index), index=index, guest=index, level=int(Level.SRT.value), state=int(GuestState.READY.value),
                page=0x2000_0000 + index * 4096, doorbell_at=NEVER,
            )  # fmt: skip
        yield


class Bells:
    """Time, rings, and when each end's interrupt came."""

    def __init__(self) -> None:
        self.now = 5000
        self.came: dict[int, list[int]] = {0: [], 1: [], 2: []}

    def ring(self, ringer: int, channel: int) -> int:
        later = int(doorbell_ring(guest(ringer), u8(CHANNEL_KEY + channel), u64(self.now)))
        self._see()
        return later

    def wait(self, ticks: int) -> None:
        """Let time pass as the alarm would: it goes off at each guest's next doorbell."""
        end = self.now + ticks
        while (due := min(int(guest(index).doorbell_at) for index in range(3))) <= end:
            self.now = max(due, self.now)
            for index in range(3):
                doorbell_expire(guest(index), u64(self.now))
            self._see()
        self.now = end

    def _see(self) -> None:
        for index in range(3):
            if int(page(index).irq_pending) & BELL:
                self.came[index].append(self.now)
                page(index).irq_pending = u32(0)


def test_the_first_ring_comes_at_once_and_early_ones_become_one() -> None:
    with system():
        bells = Bells()
        assert bells.ring(1, 1) == NEVER
        for _ in range(5):
            bells.wait(10)
            assert bells.ring(1, 1) == 5000 + RING_TICKS[1]
        bells.wait(10_000)
        assert bells.came == {0: [], 1: [], 2: [5000, 5000 + RING_TICKS[1]]}
        assert (guest(2).counters.doorbells, guest(2).counters.doorbells_early) == (2, 5)


def test_a_ring_after_the_time_comes_at_once() -> None:
    with system():
        bells = Bells()
        bells.ring(1, 1)
        bells.wait(RING_TICKS[1])
        assert bells.ring(1, 1) == NEVER
        assert bells.came[2] == [5000, 5000 + RING_TICKS[1]]


def test_ends_and_channels_have_times_of_their_own() -> None:
    with system():
        bells = Bells()
        bells.ring(0, 0)
        bells.ring(1, 1)
        # Guest 2's end of channel 1 was quiet; guest 1's end of channel 0 has just had one.
        assert bells.came == {0: [], 1: [5000], 2: [5000, 5000]}
        assert bells.ring(2, 0) == 5000 + RING_TICKS[0]
        assert bells.came[0] == [5000]


@pytest.mark.parametrize("state", [GuestState.HELD, GuestState.EXITED, GuestState.STOPPED])
def test_nobody_rings_where_nobody_lives(state: GuestState) -> None:
    with system():
        write(guest(2), state=int(state.value))
        assert Bells().ring(1, 1) == NEVER
        assert page(2).irq_pending == 0
        assert guest(2).counters.doorbells == 0
        assert ENDS[u32(4)].next_at == 0


STEP = some.tuples(some.integers(0, 2), some.integers(0, 1), some.integers(0, 700))


@given(some.lists(STEP, max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_history(steps: list[tuple[int, int, int]]) -> None:
    with system():
        bells = Bells()
        rung: dict[tuple[int, int], list[int]] = {(channel, end): [] for channel in (0, 1) for end in CHANNELS[channel]}
        for ringer, channel, pause in steps:
            if ringer in CHANNELS[channel]:
                bells.ring(ringer, channel)
                for end in CHANNELS[channel]:
                    if end != ringer:
                        rung[channel, end].append(bells.now)
            bells.wait(pause)
        bells.wait(max(RING_TICKS))
        for index in range(3):
            assert guest(index).doorbell_at == NEVER
            # Not more often than its channels' ends allow together, in any stretch of time.
            ticks = [RING_TICKS[channel] for channel in (0, 1) if index in CHANNELS[channel]]
            for first in range(len(bells.came[index])):
                for last in range(first, len(bells.came[index])):
                    stretch = bells.came[index][last] - bells.came[index][first]
                    assert last - first + 1 <= sum(stretch // each + 1 for each in ticks)
        for (channel, end), times in rung.items():
            for time in times:
                assert any(time <= came <= time + RING_TICKS[channel] for came in bells.came[end])
