# SPDX-License-Identifier: Apache-2.0
"""Errors planted in how CPU time is counted and given, each of which the histories of test_cpu_time must notice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from ovm.core import reservation, schedule, turns
from tests.core.test_cpu_time import SYSTEMS, check_history, random_steps

MODULES = {"reservation": reservation, "turns": turns, "schedule": schedule}
# Histories that a planted error has to survive to be missed.
HISTORIES = 60

MUTATIONS = {
    "a period begins with the release kept": ("reservation", "vcpu.release_at = current\n", "pass\n"),
    "a period begins a tick late": ("reservation", "vcpu.release_at = current\n", "vcpu.release_at = current + 1\n"),
    "a period is a tick longer": (
        "reservation", "current + u64(config_of(vcpu).period_ticks)",
        "current + u64(config_of(vcpu).period_ticks) + 1",
    ),
    "a period begins with what was left": ("reservation", "vcpu.budget_left = config_of(vcpu).budget_ticks\n", "pass\n"),
    "waking after the deadline is forgotten": ("reservation", "if current >= vcpu.deadline:", "if False:"),
    "the rest that just fits begins afresh": (
        "reservation", "u64(config.period_ticks) > room",
        "u64(config.period_ticks) >= room",
    ),
    "the rest always fits": ("reservation", "u64(config.period_ticks) > room", "u64(config.period_ticks) > room + 0xFFFF_FFFF"),
    "the rest never fits": ("reservation", "> room:", "> 0:"),
    "room without budget": ("reservation", "(vcpu.deadline - current) * u64(config.budget_ticks)", "(vcpu.deadline - current)"),
    "room up to the release": ("reservation", "(vcpu.deadline - current) *", "(vcpu.deadline - vcpu.release_at) *"),
    "a budget's last tick doesn't use it up": (
        "reservation", "if used < u64(vcpu.budget_left):",
        "if used <= u64(vcpu.budget_left):",
    ),
    "a budget is used up a tick early": (
        "reservation", "if used < u64(vcpu.budget_left):",
        "if used + 1 < u64(vcpu.budget_left):",
    ),
    "nothing is charged": ("reservation", "vcpu.budget_left -= u32(used)", "pass"),
    "a tick more is charged": ("reservation", "vcpu.budget_left -= u32(used)", "vcpu.budget_left -= u32(used) + 1"),
    "an overrun is forgiven": ("reservation", "config.budget_ticks - over\n", "config.budget_ticks\n"),
    "an overrun is a tick longer": (
        "reservation", "over = u32(used - u64(vcpu.budget_left))",
        "over = u32(used - u64(vcpu.budget_left)) + 1",
    ),
    "an overrun of a whole budget isn't one": (
        "reservation", "if over >= config.budget_ticks:",
        "if over > config.budget_ticks:",
    ),
    "an overrun of budgets is one": ("reservation", "more = over // config.budget_ticks", "more = u32(0)"),
    "an overrun of budgets is a budget more": (
        "reservation", "more = over // config.budget_ticks",
        "more = over // config.budget_ticks + 1",
    ),
    "the rest of a long overrun is forgiven": ("reservation", "over %= config.budget_ticks", "over = u32(0)"),
    "using up is counted once": ("reservation", "used_up += 1 + more", "used_up += 1"),
    "using up isn't counted": ("reservation", "vcpu.counters.used_up += 1 + more", "pass"),
    "a used-up budget isn't held": (
        "reservation", "vcpu.release_at = vcpu.deadline + u64(more)",
        "vcpu.release_at = vcpu.release_at + u64(more)",
    ),
    "long overruns hold for a period only": (
        "reservation", "vcpu.deadline + u64(more) * u64(config.period_ticks)\n",
        "vcpu.deadline\n",
    ),
    "the deadline stays": (
        "reservation", "vcpu.deadline = vcpu.release_at + u64(config.period_ticks)",
        "vcpu.deadline = vcpu.release_at",
    ),
    "a release is a tick late": ("reservation", "return current >= vcpu.release_at", "return current > vcpu.release_at"),
    "nobody is held": ("reservation", "return current >= vcpu.release_at", "return True"),
    "the floor falls": ("turns", "max(cpu.fair_floor, least)", "least"),
    "the floor doesn't rise": ("turns", "cpu.fair_floor = max(cpu.fair_floor, least)", "pass"),
    "fair time isn't counted": ("turns", "vcpu.fair_time += used", "pass"),
    "the floor heeds who has just woken": ("turns", "turn_wanted(other) and other.counted_ready", "turn_wanted(other)"),
    "the floor heeds who sleeps": (
        "turns", "turn_wanted(other) and other.counted_ready:",
        "other.level == Level.NRT:",
    ),
    "a sleeper saves time up": ("turns", "if floor > turn:", "if False:"),
    "a sleeper comes back at the floor": ("turns", "floor - turn)", "floor)"),
    "a sleeper falls back to the floor": (
        "turns", "vcpu.fair_time = max(vcpu.fair_time, floor - turn)",
        "vcpu.fair_time = floor - turn",
    ),
    "turns are not counted": ("schedule", "turns += 1", "turns = u32(1)"),
    "idle time isn't counted": ("schedule", "cpu.idle_ticks += used", "pass"),
    "time is accounted twice": ("schedule", "cpu.accounted_at = current\n", "pass\n"),
    "runtime isn't counted": ("schedule", "vcpu.runtime += used", "pass"),
    "SRT guests are not charged": ("schedule", "        reservation_charge(vcpu, used)\n", "        pass\n"),
    "NRT guests are not charged": ("schedule", "        turn_charge(vcpu, used)\n", "        pass\n"),
    "the latest deadline first": ("schedule", "vcpu.deadline < other.deadline", "vcpu.deadline > other.deadline"),
    "of equal deadlines the last": ("schedule", "vcpu.deadline < other.deadline", "vcpu.deadline <= other.deadline"),
    "the longest fair time first": ("schedule", "vcpu.fair_time < other.fair_time", "vcpu.fair_time > other.fair_time"),
    "NRT before SRT": ("schedule", "return vcpu.level == Level.SRT\n    if", "return vcpu.level != Level.SRT\n    if"),
    "a held reservation runs": (
        "schedule", "if vcpu.level == Level.SRT and not reservation_may_run(vcpu, current):",
        "if False:",
    ),
    "SRT guests wake unnoticed": ("schedule", "        reservation_wake(vcpu, current)\n", "        pass\n"),
    "NRT guests wake unnoticed": ("schedule", "        turn_wake(vcpu)\n", "        pass\n"),
    "who wakes is noticed again and again": ("schedule", "if ready and not vcpu.counted_ready:", "if ready:"),
    "a turn doesn't last": ("schedule", "        return cpu.current\n    return best", "        return best\n    return best"),
    "a turn never ends": ("schedule", "and current < cpu.turn_ends_at", ""),
    "a turn ends a tick late": ("schedule", "and current < cpu.turn_ends_at", "and current <= cpu.turn_ends_at"),
    "a turn delays SRT guests": ("schedule", "VCPUS[best].level == Level.NRT and", ""),
    "a turn is a tick longer": ("schedule", "current + u64(CONFIG.turn_ticks)", "current + u64(CONFIG.turn_ticks) + 1"),
    "a turn begins with every choice": ("schedule", "if chosen != cpu.current or current >= cpu.turn_ends_at:", "if True:"),
    "no alarm at a budget's end": ("schedule", "min(cpu.due, current + u64(running.budget_left))", "cpu.due"),
    "no alarm at a release": ("schedule", "event = min(event, vcpu.release_at)", "pass"),
    "no alarm at a turn's end": ("schedule", "return min(cpu.due, cpu.turn_ends_at)", "return cpu.due"),
    "an alarm at the end of a turn of one": ("schedule", "if cpu.turns > 1:", "if cpu.turns > 0:"),
}  # fmt: skip
# No errors, for nothing depends on them: whether waking at the very deadline counts as late (the rest never fits into no time).


@contextmanager
def planted(name: str, old: str, new: str) -> Iterator[ModuleType]:
    """`schedule`, whose functions or whose helpers come from a module with an error in it."""
    source = Path(MODULES[name].__file__ or "").read_text()
    assert source.count(old) == 1, f"{old!r} is {source.count(old)} times in {name}.py"
    module = ModuleType(MODULES[name].__name__)
    module.__file__ = MODULES[name].__file__
    before = sys.modules[module.__name__]
    with pytest.MonkeyPatch.context() as patch:
        exec(compile(source.replace(old, new), str(module.__file__), "exec"), module.__dict__)  # noqa: S102
        assert sys.modules[module.__name__] is before
        for each in vars(module) if name != "schedule" else ():
            if each.startswith(("reservation_", "turn_")):
                patch.setattr(schedule, each, getattr(module, each))
        yield module if name == "schedule" else schedule


def survives(module: ModuleType) -> bool:
    """Tell whether no history shows a difference from the oracle."""
    for seed in range(HISTORIES):
        try:
            check_history(module, SYSTEMS[seed % len(SYSTEMS)], seed % 4, random_steps(seed, 30))
        except (AssertionError, ArithmeticError, ValueError, TypeError):
            return False
    return True


def test_all_histories_pass_unchanged() -> None:
    assert survives(schedule)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_error_is_noticed(name: str) -> None:
    with planted(*MUTATIONS[name]) as module:
        assert not survives(module)
