# SPDX-License-Identifier: Apache-2.0
"""CPU time is accounted to the tick: core beside an oracle that counts them one by one, over random histories.

Between two choices any time may pass (entries into OVM are as long as they are: budgets are overrun), and guests sleep and
wake as they like, late and early.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ovm.abi.config import GuestState, Level
from ovm.core import reservation, schedule, turns
from ovm.core.config import CONFIG
from ovm.core.cpu import CPUS, NOBODY
from ovm.core.guest import GUESTS
from ovm.core.vcpu import NEVER, VCPUS, Vcpu
from ovm.metal import simulate, u32, u64
from tests.core.cpu_time_oracle import Oracle, Server, Someone
from tests.core.machine import write

TURN = 40
# (budget, period) of each SRT guest: full bandwidths, tiny budgets, and more than all of the CPU.
SYSTEMS = (
    ((3, 10), (5, 20)),
    ((1, 7), (10, 11)),
    ((20, 60), (30, 90), (10, 35)),
    ((8, 8),),
    ((9, 10), (9, 10), (1, 50)),
    ((20, 40), (30, 120)),
    ((10, 20),),
)


@contextmanager
def system(servers: tuple[tuple[int, int], ...], fair: int) -> Iterator[Oracle]:
    """As many guests in core and in an oracle."""
    count = len(servers) + fair
    with simulate.simulate():
        write(CONFIG, guest_count=count, turn_ticks=TURN)
        write(CPUS[u32(0)], current=NOBODY, housekeeping_at=NEVER)
        for index in range(count):
            level = Level.SRT if index < len(servers) else Level.NRT
            state = GuestState.WAITING
            write(VCPUS[u32(index)], index=index, guest=index, level=int(level.value), state=int(state.value))
            write(VCPUS[u32(index)], timer_at=NEVER, doorbell_at=NEVER)
            if index < len(servers):
                write(GUESTS[u32(index)].config, budget_ticks=servers[index][0], period_ticks=servers[index][1])
        yield Oracle([Someone(Server(*each)) for each in servers] + [Someone() for _ in range(fair)], TURN)


def guest(index: int) -> Vcpu:
    return VCPUS[u32(index)]


def set_ready(oracle: Oracle, index: int, ready: bool) -> None:
    oracle.guests[index].ready = ready
    write(guest(index), state=int((GuestState.READY if ready else GuestState.WAITING).value))


def account(module: ModuleType, oracle: Oracle) -> int | None:
    """Do what `schedule` does, without the hardware; return the chosen guest."""
    current = u64(oracle.now)
    module.charge(current)
    chosen = int(module.choose(current))
    if chosen != NOBODY:
        module._begin_turn(u32(chosen), current)
    write(CPUS[u32(0)], current=chosen)
    return None if chosen == NOBODY else chosen


def check_same(module: ModuleType, oracle: Oracle, chosen: int | None, expected: int | None) -> None:
    """Core and oracle agree in everything that either knows."""
    for index, each in enumerate(oracle.guests):
        vcpu = guest(index)
        assert vcpu.runtime == each.runtime, index
        if each.server:
            found = (int(vcpu.release_at), int(vcpu.deadline), int(vcpu.budget_left), int(vcpu.counters.used_up))
            assert found == (each.server.release, each.server.deadline, each.server.left, each.server.used_up), index
        else:
            assert vcpu.fair_time == each.fair, index
    assert CPUS[u32(0)].idle_ticks == oracle.idle
    assert chosen == expected
    event = int(module.next_event(u32(NOBODY if chosen is None else chosen), u64(oracle.now)))
    assert event == (NEVER if (soonest := oracle.next_event()) is None else soonest)
    assert sum(each.runtime for each in oracle.guests) + oracle.idle == oracle.now


def check_history(module: Any, servers: tuple[tuple[int, int], ...], fair: int, steps: list[tuple[int, int, int]]) -> None:
    """Time passes, a guest sleeps or wakes, OVM chooses: after each step both agree."""
    with system(servers, fair) as oracle:
        for ticks, index, what in steps:
            oracle.advance(ticks)
            if what < 3 and index < len(oracle.guests):
                set_ready(oracle, index, what > 0)
            chosen = account(module, oracle)
            check_same(module, oracle, chosen, oracle.choose())


def random_steps(seed: int, length: int) -> list[tuple[int, int, int]]:
    chance = random.Random(seed)
    ticks, guests = (0, 1, 2, 3, 5, 9, 17, 40, 130), (0, 0, 0, 1, 1, 2, 3, 4, 5)
    return [(chance.choice(ticks), chance.choice(guests), chance.randrange(5)) for _ in range(length)]


Steps = list[tuple[int, int, int]]
STEPS = some.lists(some.tuples(some.integers(0, 150), some.integers(0, 5), some.integers(0, 4)), max_size=50)


@given(some.sampled_from(SYSTEMS), some.integers(0, 3), STEPS)
@settings(deadline=None, max_examples=60)
def test_core_counts_as_the_oracle_does(servers: tuple[tuple[int, int], ...], fair: int, steps: Steps) -> None:
    check_history(schedule, servers, fair, steps)


def test_every_tick_of_a_long_run_is_somebodys() -> None:
    """2,000 choices at the times at which the alarm would have asked for them, or a little later."""
    chance = random.Random(1)
    with system(((3, 10), (20, 90)), 2) as oracle:
        for _ in range(2000):
            soonest = oracle.next_event()
            ahead = chance.randrange(60) if soonest is None else min(max(soonest - oracle.now, 0), chance.randrange(60))
            oracle.advance(ahead + chance.randrange(3))
            set_ready(oracle, chance.randrange(4), chance.random() < 0.7)
            chosen = account(schedule, oracle)
            assert chosen == oracle.choose()
        check_same(schedule, oracle, oracle.current, oracle.current)
        assert all(each.runtime for each in oracle.guests)
        assert oracle.idle


@pytest.mark.parametrize(
    ("used", "release", "deadline", "left"),
    [
        (0, 1000, 1100, 10), (9, 1000, 1100, 1), (10, 1100, 1200, 10), (13, 1100, 1200, 7), (19, 1100, 1200, 1),
        (20, 1200, 1300, 10), (57, 1500, 1600, 3),
    ],
)  # fmt: skip
def test_an_overrun_comes_off_the_next_budgets(used: int, release: int, deadline: int, left: int) -> None:
    check_charge(reservation, used, release, deadline, left)


def check_charge(module: Any, used: int, release: int, deadline: int, left: int) -> None:
    """Charge once a reservation of 10 in 100 that woke at 1000."""
    with system(((10, 100),), 0):
        module.reservation_wake(guest(0), u64(1000))
        module.reservation_charge(guest(0), u64(used))
        found = (int(guest(0).release_at), int(guest(0).deadline), int(guest(0).budget_left))
        assert found == (release, deadline, left)


@pytest.mark.parametrize(
    ("now", "deadline", "left"),
    [
        # Early, the rest fits its bandwidth: kept, up to the very tick at which it doesn't.
        (1049, 1100, 5), (1050, 1100, 5), (1051, 1151, 10), (1099, 1199, 10),
        # At and after the deadline.
        (1100, 1200, 10), (5000, 5100, 10),
    ],
)  # fmt: skip
def test_waking_keeps_a_period_only_while_the_rest_fits(now: int, deadline: int, left: int) -> None:
    with system(((10, 100),), 0):
        reservation.reservation_wake(guest(0), u64(1000))
        reservation.reservation_charge(guest(0), u64(5))
        reservation.reservation_wake(guest(0), u64(now))
        assert (int(guest(0).deadline), int(guest(0).budget_left)) == (deadline, left)


def test_a_used_up_budget_stays_used_up_however_often_the_guest_wakes() -> None:
    with system(((10, 100),), 0):
        reservation.reservation_wake(guest(0), u64(1000))
        reservation.reservation_charge(guest(0), u64(12))
        for now in range(1012, 1100):
            reservation.reservation_wake(guest(0), u64(now))
            assert not reservation.reservation_may_run(guest(0), u64(now))
        assert reservation.reservation_may_run(guest(0), u64(1100))
        assert (int(guest(0).deadline), int(guest(0).budget_left)) == (1200, 8)


def test_the_oracle_sees_what_is_not_counted() -> None:
    """The test of the test: a history in which core isn't told of some ticks."""
    assert turns.turn_charge is schedule.turn_charge
    with system(((3, 10),), 1) as oracle:
        set_ready(oracle, 0, True)
        check_same(schedule, oracle, account(schedule, oracle), oracle.choose())
        oracle.advance(2)
        with pytest.raises(AssertionError):
            check_same(schedule, oracle, 0, 0)
