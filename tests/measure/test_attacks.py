# SPDX-License-Identifier: Apache-2.0
"""Tests of what hostile neighbours may cost an SRT guest, in cycles of the board: they are exact."""

from pathlib import Path

import pytest

from ovm.measure.attacks import LATE_BAR, STAY_BAR, Attack, AttackRun, measure_attacks

# The longest wait of the alarm: there is no bar for it but the lateness.
LONGEST_WAIT = 3000
# Activations that a round of all attacks lasts, and some more.
ROUND = 90
SYSTEM = Path(__file__).parents[2] / "systems/attacks.toml"


def run(attack: Attack, activations: int = ROUND) -> AttackRun:
    return next(iter(measure_attacks(SYSTEM, lambda step: None, [attack], activations)))


@pytest.fixture(scope="module")
def everything() -> AttackRun:
    """Run all attacks, one behind the other."""
    return run(Attack("everything"))


def test_beat_is_late_by_no_more_than_the_bar(everything: AttackRun) -> None:
    assert len(everything.late) == ROUND
    assert 0 < min(everything.late) and max(everything.late) <= LATE_BAR


def test_every_attack_was_made(everything: AttackRun) -> None:
    calls = ("balloon_release", "yield", "timer_set", "wait", "doorbell", "guest_start", "tlb_invalidate")
    assert {f"call {call}" for call in (*calls, "context_set")} <= {each.removesuffix(", switches") for each in everything.stays}
    assert {"data abort", "undefined instruction", "alarm"} <= set(everything.stays)


def test_nothing_keeps_the_alarm_waiting(everything: AttackRun) -> None:
    assert everything.wait[1] <= LONGEST_WAIT, everything.wait


def test_no_stay_is_longer_than_the_bar(everything: AttackRun) -> None:
    longer = {path: cycles for path, cycles in everything.stays.items() if cycles > STAY_BAR}
    assert not longer, longer


def test_a_miss_is_told() -> None:
    attack = Attack("flood", 3, manager=True, hard=True)
    assert attack.title == "flood 3, a manager, HRT"
    good = AttackRun(attack, {"alarm": STAY_BAR}, {}, (1, LATE_BAR))
    assert good.misses == [] and good.stay == ("alarm", STAY_BAR) and good.wait == ("", 0)
    bad = AttackRun(attack, {"alarm": 1, "system call": STAY_BAR + 1}, {}, (LATE_BAR + 1,))
    assert len(bad.misses) == 2 and "system call" in bad.misses[0] and str(LATE_BAR + 1) in bad.misses[1]
