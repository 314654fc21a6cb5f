# SPDX-License-Identifier: Apache-2.0
"""The memory code against the reference model: every translation, every fault, isolation after each event."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled, interpreted
from tests.core.memory.events import ADDRESSES, TABLES, Event, event, furnish
from tests.core.memory.invariants import check_frames
from tests.core.memory.scenario import World

SEEN: Counter[str] = Counter()
HISTORIES = int(os.environ.get("OVM_SHADOW_HISTORIES", "60"))
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def live(made: Callable[[], AbstractContextManager[Driver]], seed: int, events: list[Event]) -> None:
    with made() as driver:
        world = World(driver, ADDRESSES, seed)
        for guest in (board.SECOND, board.FIRST):
            world.activate(guest)
            furnish(world, seed + guest)
            afe, ttbcr = seed % 4 == 0, (0, 0, 0, 1, 2, 7)[seed // 4 % 6]
            world.change(mmu=True, afe=afe, dacr=0x5555_5555, ttbr0=TABLES[0], ttbr1=TABLES[2], ttbcr=ttbcr)
        world.handlers = events
        for happen in events:
            happen(world)
        check_frames(driver)
        SEEN.update(world.outcomes)


@settings(SETTINGS, max_examples=HISTORIES)
@given(st.integers(0, 1 << 30), st.lists(event, min_size=30, max_size=90))
def test_compiled_code_agrees_with_the_model(seed: int, events: list[Event]) -> None:
    live(compiled, seed, events)


@settings(SETTINGS, max_examples=3)
@given(st.integers(0, 1 << 30), st.lists(event, min_size=10, max_size=20))
def test_interpreted_code_agrees_with_the_model(seed: int, events: list[Event]) -> None:
    live(interpreted, seed, events)


def test_the_events_reached_every_outcome() -> None:
    """Not a property: that the run above was worth something."""
    if not SEEN:
        pytest.skip("runs after the property tests")
    codes = {f"fault {code:#x}" for code in (0x3, 0x5, 0x6, 0x7, 0x9, 0xB, 0xD, 0xF)}
    # A second-level table outside the guest's memory (0xe) is too rare among so few: test_fault has it.
    wanted = codes | {"read", "write", "fetch", "refused 0x8", "refused 0xc", "exhausted", "repeated"}
    print(dict(SEEN))
    assert wanted <= SEEN.keys()
