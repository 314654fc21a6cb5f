# SPDX-License-Identifier: Apache-2.0
"""CPU time: reservations kept by earliest deadline first, turns shared fairly, for random workloads.

The real `schedule` and `next_event` decide; a plain simulation lets the chosen guest run until the next event, and
measures what each one got.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ovm.abi.config import GuestState, Level
from ovm.core import schedule
from ovm.core.cpu import NOBODY
from ovm.core.vcpu import NEVER
from tests.core.machine import Machine, machine, write

TURN = 100_000


@dataclass
class Task:
    """The wish of a guest: to run for `work` ticks, then sleep for `sleep`, again and again; no sleep is a busy loop."""

    level: Level
    work: int
    sleep: int
    budget: int = 0
    period: int = 0
    left: int = 0
    wakes_at: int = 0
    got: int = 0
    history: list[tuple[int, int]] = field(default_factory=list)


class Run:
    """The scheduler with tasks in place of guests."""

    def __init__(self, made: Machine, tasks: list[Task]) -> None:
        self.made, self.tasks, self.now, self.idle = made, tasks, 0, 0
        write(made.view_cpu(), current=NOBODY, accounted_at=0, housekeeping_at=NEVER, turn_ends_at=0)
        for index, task in enumerate(tasks):
            config = made.guest(index).config
            write(config, budget_ticks=task.budget, period_ticks=task.period)
            write(
                made.vcpu(index), state=GuestState.READY, counted_ready=False, timer_at=NEVER, release_at=0, deadline=0,
                budget_left=0, fair_time=0, runtime=0,
            )  # fmt: skip
            task.left = task.work

    def _wake(self) -> None:
        for index, task in enumerate(self.tasks):
            vcpu = self.made.vcpu(index)
            if vcpu.state == GuestState.WAITING and task.wakes_at <= self.now:
                write(vcpu, state=GuestState.READY, timer_at=NEVER)
                task.left = task.work

    def step(self) -> None:
        """Choose, and let the chosen one run until something happens."""
        self._wake()
        made = self.made
        chosen = made.call(schedule.schedule, self.now)
        event = made.call(schedule.next_event, chosen, self.now)
        wakes = [task.wakes_at for index, task in enumerate(self.tasks) if made.vcpu(index).state == GuestState.WAITING]
        event = max(min(event, *wakes, self.now + 10_000_000), self.now + 1)
        if chosen == NOBODY:
            self.idle += event - self.now
            self.now = event
            return
        task = self.tasks[chosen]
        used = min(event - self.now, task.left) if task.sleep else event - self.now
        task.got += used
        task.history.append((self.now, self.now + used))
        self.now += used
        task.left -= used
        if task.sleep and task.left == 0:
            task.wakes_at = self.now + task.sleep
            write(made.vcpu(chosen), state=GuestState.WAITING, timer_at=task.wakes_at)

    def until(self, end: int) -> None:
        steps = 0
        while self.now < end:
            self.step()
            steps += 1
            assert steps < 20_000, "the scheduler makes no progress"


@contextmanager
def run(tasks: list[Task]) -> Iterator[Run]:
    with machine(*(task.level for task in tasks)) as made:
        yield Run(made, tasks)


def within(task: Task, start: int, end: int) -> int:
    """Ticks that a task got in a stretch of time."""
    return sum(max(0, min(stop, end) - max(begin, start)) for begin, stop in task.history)


def reserved(chance: random.Random, count: int) -> list[Task]:
    """SRT tasks that always want to run, whose reservations add up to at most 1."""
    shares = [chance.random() for _ in range(count)]
    total = sum(shares) * chance.uniform(1.0, 2.0)
    tasks = []
    for share in shares:
        period = chance.choice([50_000, 100_000, 130_000, 400_000, 1_000_000])
        budget = max(1000, int(period * share / total) - 100)
        tasks.append(Task(Level.SRT, 1, 0, budget, period))
    return tasks


@given(some.integers(0, 2**32), some.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_every_reservation_is_kept_in_every_period(seed: int, count: int) -> None:
    """Busy SRT guests and a busy NRT guest: each server period that ends in time brought its whole budget."""
    chance = random.Random(seed)
    tasks = [*reserved(chance, count), Task(Level.NRT, 1, 0)]
    if sum(task.budget / task.period for task in tasks[:-1]) > 1:
        return
    with run(tasks) as system:
        system.until(5_000_000)
        for task in tasks[:-1]:
            for start in range(0, 5_000_000 - task.period, task.period):
                got = within(task, start, start + task.period)
                assert got == pytest.approx(task.budget, abs=2), (start, task.budget, task.period)
        # What is left over goes to the NRT guest, nothing is lost.
        assert system.idle == 0
        assert sum(task.got for task in tasks) == system.now


@given(some.integers(0, 2**32))
@settings(max_examples=8, deadline=None)
def test_a_guest_that_wakes_gets_its_work_done_within_a_period(seed: int) -> None:
    """A periodic SRT guest that needs at most its budget is done within a period of waking, beside busy ones."""
    chance = random.Random(seed)
    period = chance.choice([60_000, 100_000, 250_000])
    budget = period * chance.randrange(10, 60) // 100
    tasks = [
        Task(Level.SRT, chance.randrange(1000, budget), period, budget, period),
        Task(Level.SRT, 1, 0, 30_000, 100_000),
        Task(Level.NRT, 1, 0),
        Task(Level.NRT, chance.randrange(1000, 200_000), chance.randrange(1000, 200_000)),
    ]
    with run(tasks) as system:
        first = tasks[0]
        woke = 0
        for _ in range(3000):
            asleep = system.made.vcpu(0).state == GuestState.WAITING
            system.step()
            if asleep and system.made.vcpu(0).state != GuestState.WAITING:
                woke = first.wakes_at
            if not asleep and system.made.vcpu(0).state == GuestState.WAITING:
                assert system.now - woke <= period + 1, (budget, period, first.work)


@given(some.integers(2, 4), some.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_busy_guests_have_equal_turns(count: int, seed: int) -> None:
    chance = random.Random(seed)
    tasks = [Task(Level.NRT, 1, 0) for _ in range(count)]
    tasks.append(Task(Level.NRT, chance.randrange(1000, 50_000), chance.randrange(50_000, 900_000)))
    with run(tasks) as system:
        system.until(20_000_000)
        shares = [task.got for task in tasks[:count]]
        assert max(shares) - min(shares) <= 2 * TURN
        # The one that sleeps may not have had more than an equal share.
        assert tasks[-1].got <= max(shares) + 2 * TURN


def test_a_sleeper_is_served_soon_but_saves_nothing_up() -> None:
    tasks = [Task(Level.NRT, 1, 0), Task(Level.NRT, 20_000_000, 10_000_000)]
    with run(tasks) as system:
        tasks[1].left = 1000
        system.until(10_200_000)
        before = tasks[1].got
        start = system.now
        system.until(start + 2_000_000)
        # Half of the time, and one turn more at the most.
        assert tasks[1].got - before <= 1_000_000 + 2 * TURN


def test_nobody_runs_when_all_sleep() -> None:
    tasks = [Task(Level.SRT, 1000, 500_000, 40_000, 100_000), Task(Level.NRT, 1000, 700_000)]
    with run(tasks) as system:
        system.until(3_000_000)
        assert system.idle > 2_900_000
        assert tasks[0].got == pytest.approx(6000, abs=1000)


def test_each_switch_and_each_used_up_budget_is_counted() -> None:
    """A busy reservation of 40 of 100 ticks beside a busy guest: it begins and uses its budget up once a period."""
    tasks = [Task(Level.NRT, 1, 0), Task(Level.SRT, 1, 0, 40_000, 100_000)]
    with run(tasks) as system:
        system.until(1_000_000)
        fair, server = (system.made.vcpu(index).counters for index in range(2))
        assert (int(server.used_up), int(fair.used_up)) == (10, 0)
        assert (int(server.switches), int(fair.switches)) == (10, 10)


def test_soft_real_time_goes_before_none() -> None:
    tasks = [Task(Level.NRT, 1, 0), Task(Level.SRT, 30_000, 70_000, 40_000, 100_000)]
    with run(tasks) as system:
        system.until(10_000_000)
        assert tasks[1].got == pytest.approx(3_000_000, rel=0.02)
        assert tasks[0].got == pytest.approx(7_000_000, rel=0.02)


def test_the_next_alarm_is_expected_to_be_for_whose_timer_goes_off_first() -> None:
    """Monitor's entry asks for that guest's lines ahead. A guest of another level, or a later one, is none of it."""
    with machine(Level.NRT, Level.SRT, Level.SRT) as made:
        for index, at in ((0, 10), (1, 4000), (2, 3000)):
            write(made.vcpu(index), state=GuestState.WAITING, timer_at=at + 1000)
        write(made.vcpu(0), state=GuestState.READY)
        assert made.call(schedule.choose, 1000) == 0
        made.call(schedule.next_event, 0, 1000)
        vcpu = made.vcpu(0)
        assert (int(vcpu.expected), int(vcpu.expected_page)) == (made.vcpu(2).address, int(made.vcpu(2).page))


@pytest.mark.parametrize(
    ("state", "at"), [(GuestState.HELD, 0), (GuestState.EXITED, 500), (GuestState.STOPPED, 500), (GuestState.UNUSED, 0)]
)
def test_no_alarm_is_expected_for_a_guest_that_does_not_run(state: GuestState, at: int) -> None:
    """One that is held has no timer yet; one that has ended keeps its last one."""
    with machine(Level.NRT, Level.SRT, Level.SRT) as made:
        write(made.vcpu(0), state=GuestState.READY)
        write(made.vcpu(1), state=GuestState.WAITING, timer_at=4000)
        write(made.vcpu(2), state=state, timer_at=at)
        made.call(schedule.choose, 1000)
        made.call(schedule.next_event, 0, 1000)
        assert int(made.vcpu(0).expected) == made.vcpu(1).address
