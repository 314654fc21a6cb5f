# SPDX-License-Identifier: Apache-2.0
"""Nobody else notices what happens inside one guest.

In its short form a few dozen corruptions of each victim; `OVM_CAMPAIGN_TRIALS=10000` is the long one, `OVM_CAMPAIGN_SEED`
where it begins. A trial that fails is had again by its seed: `Campaign(archive, victim).trial(seed)`.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ovm.machines.inspect_ovm import Ovm
from ovm.measure import campaign
from ovm.measure.campaign import Campaign
from ovm.measure.corruption import KINDS, Corrupter
from ovm.system.archive import Archive
from ovm.system.build import build

TRIALS = int(os.environ.get("OVM_CAMPAIGN_TRIALS", "40"))
ENOUGH = 40  # trials: after fewer not every kind need have come
SEED = int(os.environ.get("OVM_CAMPAIGN_SEED", "1"))


@pytest.fixture(scope="module")
def archive() -> Archive:
    return build(Path(__file__).with_name("campaign.toml"), lambda step: None)


@pytest.fixture(scope="module", params=["desk", "tick"])
def victim(archive: Archive, request: pytest.FixtureRequest) -> Campaign:
    return Campaign(archive, request.param)


def test_nobody_notices(victim: Campaign) -> None:
    ended, kinds = 0, set()
    for seed in range(SEED, SEED + TRIALS):
        trial = victim.trial(seed)
        assert trial.noticed == (), trial
        ended += trial.ended
        kinds |= set(trial.kinds)
    # The corruptions do harm, to the corrupted guest alone.
    assert ended > 0 or TRIALS < ENOUGH
    assert kinds == set(KINDS) or TRIALS < ENOUGH


def test_a_trial_is_its_seed(victim: Campaign) -> None:
    first, state = victim.trial(SEED + 3), victim.board.state_hash()
    victim.trial(SEED + 4)
    assert victim.board.state_hash() != state
    assert (victim.trial(SEED + 3), victim.board.state_hash()) == (first, state)


def _guest(ovm: Ovm, name: str) -> int:
    return next(index for index, each in enumerate(ovm.plan.guests) if each.guest.name == name)


def _memory_of(name: str) -> Callable[[Corrupter], None]:
    def escape(self: Corrupter) -> None:
        guest = self.ovm.plan.guests[_guest(self.ovm, name)]
        place = self.ovm.physical(guest.guest.index, guest.ram_gpa + guest.guest.memory - 0x8004)
        assert place is not None
        self.board.write(place, bytes([self.board.read(place, 1)[0] ^ 1]))

    return escape


def _code_of_the_other(self: Corrupter) -> None:
    """Of the guest that works beside the victim, `tick` or `desk`, one bit of its code."""
    guest = self.ovm.plan.guests[_guest(self.ovm, "tick" if self._guest.guest.name == "desk" else "desk")]
    place = self.ovm.physical(guest.guest.index, guest.link_base + 0x100)
    assert place is not None
    self.board.write(place, bytes([self.board.read(place, 1)[0] ^ 1]))


def _program(self: Corrupter) -> None:
    place = self.ovm.plan.ovm.start + 0x4000
    self.board.write(place, bytes([self.board.read(place, 1)[0] ^ 1]))


def _hard_time(self: Corrupter) -> None:
    self.board.cores[1].view.set(self.board.cores[1].view.get("stalled") + 700_000, "stalled")  # a period is 666,667


@pytest.mark.parametrize(
    ("escape", "what"),
    [
        (_memory_of("still"), "still's memory"),
        (_memory_of("pulse"), "pulse's memory"),
        (_code_of_the_other, "'s memory at 0x10008100"),
        (_program, "OVM's program"),
        (_hard_time, "pulse's time"),
    ],
)
def test_an_escape_is_noticed(
    victim: Campaign, monkeypatch: pytest.MonkeyPatch, escape: Callable[[Corrupter], None], what: str
) -> None:
    monkeypatch.setattr(campaign.Corrupter, "corrupt", lambda self: (escape(self), ())[1])
    assert [each for each in victim.trial(SEED).noticed if what in each]
