# SPDX-License-Identifier: Apache-2.0
"""Giving pages back: what is refused, what goes where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.hypercalls import INVALID_PARAMETER, NOT_SUPPORTED, SUCCESS
from ovm.core.memory import balloon, fault, frames, guest, space
from ovm.core.memory.access import FaultOutcome
from ovm.core.memory.guest_map import Holdings
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled

PAGE = board.NRT_GPA + 0x2_0000
RETRY, REFUSED = int(FaultOutcome.RETRY.value), int(FaultOutcome.REFUSED.value)
END = board.NRT_GPA + board.NRT_BYTES


@pytest.fixture
def driver() -> Iterator[Driver]:
    with compiled() as made:
        board.prepare(made)
        yield made


def release(driver: Driver, gpa: int, pages: int, index: int = board.FIRST) -> int:
    """Repeat the call until it is done, as a guest does (core.hypercall.memory)."""
    while True:
        done = driver.call(balloon.balloon_release, driver.vcpu(index).address, gpa, pages)
        if done == pages or done > balloon.BALLOON_PAGES:
            return SUCCESS if done == pages else done
        assert done > 0, "a stay without progress"
        gpa, pages = gpa + done * 4096, pages - done


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


def kills(driver: Driver, gpa: int, pages: int) -> tuple[int, bool]:
    """Return how many pages one stay released, and whether it dropped the guest's mappings."""
    before = int(driver.vcpu(board.FIRST).counters.spaces)
    done = driver.call(balloon.balloon_release, driver.vcpu(board.FIRST).address, gpa, pages)
    return done, int(driver.vcpu(board.FIRST).counters.spaces) != before


def test_a_call_is_repeated_and_unmaps_once(driver: Driver) -> None:
    driver.call(space.space_activate, driver.vcpu(board.FIRST).address)
    places = [touch(driver, PAGE + 4096 * number) for number in range(40)]
    assert kills(driver, PAGE, 40) == (4, True)
    keys = [driver.call(frames.frame_key, place) for place in places]
    assert keys == [0xFE] * 4 + [board.FIRST + 1] * 36
    assert kills(driver, PAGE + 4096 * 4, 36) == (16, False)
    assert kills(driver, PAGE + 4096 * 20, 20) == (16, False)
    assert kills(driver, PAGE + 4096 * 36, 4) == (4, False)
    assert {driver.call(frames.frame_key, place) for place in places} == {0xFE}


def test_a_page_that_is_mapped_in_between_is_unmapped_again(driver: Driver) -> None:
    """A handler of the guest touches what is still to be released: no mapping of a frame outlives the guest's hold on it."""
    vcpu = driver.vcpu(board.FIRST)
    driver.call(space.space_activate, vcpu.address)
    for number in range(40):
        touch(driver, PAGE + 4096 * number)
    assert kills(driver, PAGE, 40) == (4, True)
    assert driver.call(fault.fault, vcpu.address, PAGE, 0, 0x5) == RETRY
    assert kills(driver, PAGE + 4096 * 4, 36) == (16, False), "the page isn't mapped yet"
    assert driver.call(fault.fault, vcpu.address, PAGE + 4096 * 39, 0, 0x5) == RETRY
    assert kills(driver, PAGE + 4096 * 20, 20) == (4, True)


def test_the_alarm_ends_a_stay_after_one_page(driver: Driver) -> None:
    driver.interrupt_waits(True)
    assert [kills(driver, PAGE + 4096 * number, 3 - number)[0] for number in range(3)] == [1, 1, 1]


def test_the_release_of_a_guest_that_has_ended_gives_way(driver: Driver) -> None:
    """An alarm that goes off in the middle ends the stay behind the page in hand; at least one page is looked at."""
    first = driver.vcpu(board.FIRST)
    driver.call(guest.guest_memory_stop, first.address)
    holdings = driver.view(Holdings, "HOLDINGS", board.FIRST)
    looks = iter([False, False])
    driver.alarm = lambda: next(looks, True)
    for released in (3, 4):
        assert driver.call(guest.guest_memory_release, first.address) == 0
        assert int(holdings.released) == released
