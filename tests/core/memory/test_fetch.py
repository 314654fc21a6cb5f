# SPDX-License-Identifier: Apache-2.0
"""Frames that change hands, as instruction fetches see them; QEMU has no caches that could be wrong."""

from collections.abc import Iterator

import pytest

from ovm.core.memory import balloon, guest
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled

PAGE = board.NRT_GPA + 0x2_0000
FORGET = [("ICIALLU", 0), ("BPIALL", 0), ("dsb", 0), ("isb", 0)]


@pytest.fixture
def driver() -> Iterator[Driver]:
    with compiled() as made:
        board.prepare(made)
        yield made


def touch(driver: Driver) -> int:
    return driver.touch(board.FIRST, PAGE)


def frame_key(driver: Driver, place: int) -> int:
    return int(driver.memory.load(board.FRAME_TABLE + (place - board.RAM >> 12), 1))


def test_zeros_are_cleaned_line_by_line_after_barriers(driver: Driver) -> None:
    lines: list[int] = []

    def observe(name: str, value: int) -> None:
        if name == "DCCMVAU":
            assert driver.memory.read(value & ~31, 32) == bytes(32), "cleaned before it was zeroed"
            lines.append(value)

    driver.listener = observe
    place = touch(driver)
    assert lines == list(range(place, place + 4096, 32))
    steps = [lines[first : first + 16] for first in range(0, 128, 16)]
    cleaned = [each for step in steps for each in (("dsb", 0), *(("DCCMVAU", line) for line in step))]
    assert driver.log == [*cleaned, ("dsb", 0)]


def test_instructions_are_forgotten_before_a_returned_frame_is_given(driver: Driver) -> None:
    """Once for all frames that came back until then, however they did."""
    vcpu = driver.vcpu(board.FIRST).address
    place = touch(driver)
    keys: list[int] = []
    driver.listener = lambda name, _: keys.append(frame_key(driver, place)) if name == "ICIALLU" else None
    driver.call(balloon.balloon_release, vcpu, PAGE, 1)
    assert frame_key(driver, place) == 0xFE and keys == []
    assert touch(driver) == place
    assert driver.log[-len(FORGET) :] == FORGET and keys == [0xFE]
    driver.call(guest.guest_memory_stop, vcpu)
    assert driver.call(guest.guest_memory_release, vcpu) == 1
    assert driver.touch(board.SECOND, PAGE) == place and keys == [0xFE, 0xFE]
    driver.touch(board.SECOND, PAGE + 0x1000)
    assert len(keys) == 2, "nothing came back in between"
