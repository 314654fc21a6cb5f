# SPDX-License-Identifier: Apache-2.0
"""Giving pages back: what is refused, what goes where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.hypercalls import INVALID_PARAMETER, NOT_SUPPORTED, SUCCESS
from ovm.core.memory import balloon, frames
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled

PAGE = board.NRT_GPA + 0x2_0000
END = board.NRT_GPA + board.NRT_BYTES


@pytest.fixture
def driver() -> Iterator[Driver]:
    with compiled() as made:
        board.prepare(made)
        yield made


def release(driver: Driver, gpa: int, pages: int, index: int = board.FIRST) -> int:
    return driver.call(balloon.balloon_release, driver.vcpu(index).address, gpa, pages)


def touch(driver: Driver, gpa: int) -> int:
    return driver.touch(board.FIRST, gpa)


@pytest.mark.parametrize(
    ("gpa", "pages"),
    [
        (board.NRT_GPA, 1),  # the vCPU page
        (PAGE + 4, 1),
        (PAGE, 257),
        (PAGE, 0xFFFF_FFFF),
        (PAGE, 0x0010_0000),  # 4 GiB: wraps to nothing
        (END - 0x1000, 2),
        (END, 1),
        (board.NRT_GPA - 0x1000, 1),
        (board.NRT_GPA - 0x1000, 2),
        (board.CHANNEL_GPA, 1),
        (0, 1),
        (0xFFFF_F000, 1),
    ],
)
def test_wrong_requests_change_nothing(driver: Driver, gpa: int, pages: int) -> None:
    place = touch(driver, PAGE)
    driver.log.clear()
    assert release(driver, gpa, pages) == INVALID_PARAMETER
    assert touch(driver, PAGE) == place
    assert driver.log == []


def test_a_frame_goes_back_and_returns_zeroed(driver: Driver) -> None:
    place = touch(driver, PAGE)
    driver.store(place + 8, 0x5EC4_E700)
    assert release(driver, PAGE, 1) == SUCCESS
    assert driver.call(frames.frame_key, place) == 0xFE
    assert touch(driver, PAGE) == place, "the pool gives returned frames out first"
    assert driver.memory.read(place, 4096) == bytes(4096)
    assert driver.call(frames.frame_key, place) == board.FIRST + 1


def test_a_page_of_the_image_stays_the_guests(driver: Driver) -> None:
    """It is not in the pool's range, so nobody else may ever get it."""
    assert release(driver, board.NRT_GPA + 0x1000, 1) == SUCCESS
    assert driver.call(frames.frame_key, board.IMAGE_A + 0x1000) == board.FIRST + 1
    assert board.POOL <= touch(driver, board.NRT_GPA + 0x1000) < board.POOL + board.POOL_BYTES


def test_other_levels_have_no_balloon(driver: Driver) -> None:
    assert release(driver, board.SRT_GPA + 0x1000, 1, board.TICK) == NOT_SUPPORTED
    assert release(driver, board.HRT_RAM + 0x1000, 1, board.PULSE) == NOT_SUPPORTED


def test_the_pool_gives_each_frame_once(driver: Driver) -> None:
    pages = range(board.NRT_GPA + 0x4000, END, 0x1000)
    given = [place for place in (touch(driver, gpa) for gpa in pages) if place]
    assert len(given) == len(set(given)) == board.FRAME_LIMIT - (board.IMAGE_BYTES >> 12)
    neighbours = sum(abs(one - other) == 0x1000 for one, other in zip(given, given[1:], strict=False))
    assert neighbours == 0
