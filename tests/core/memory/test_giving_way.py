# SPDX-License-Identifier: Apache-2.0
"""A frame takes long to zero: an interrupt that waits comes in between, and no zero is lost or written twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.abi.config import KEY_FREE
from ovm.core.clock import LONG_STAY
from ovm.core.memory import fault, guest, guest_access, maintenance, space, tables
from ovm.core.memory.access import FaultOutcome
from ovm.core.memory.guest_access import GuestWord
from ovm.core.memory.pool import STEP_BYTES
from ovm.core.memory.pool import STEPS as STEPS_OF_A_STAY
from ovm.metal import sizeof
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled, interpreted

RETRY = int(FaultOutcome.RETRY.value)
STEPS = 4096 // STEP_BYTES
STAYS = STEPS // STEPS_OF_A_STAY
PAGE = board.NRT_GPA + 0x2_0000


@pytest.fixture(params=[compiled, interpreted])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """Both NRT guests with their MMU off, in spaces of their own."""
    with request.param() as made:
        board.prepare(made)
        for index in (board.SECOND, board.FIRST):
            made.call(space.space_activate, made.vcpu(index).address)
            made.fault(index, board.NRT_GPA, 1, 0x7)
        made.log.clear()
        yield made


def touch(driver: Driver, va: int, index: int = board.FIRST) -> int:
    driver.call(space.space_activate, driver.vcpu(index).address)
    driver.log.clear()
    return driver.call(fault.fault, driver.vcpu(index).address, va, 1, 0x7)


def frame_of(driver: Driver, gpa: int, index: int = board.FIRST) -> int:
    frame_map = board.MAP_A if index == board.FIRST else board.MAP_B
    return driver.word(frame_map + 4 * (gpa - board.NRT_GPA >> 12)) << 12


def key_of(driver: Driver, place: int) -> int:
    return int(driver.memory.load(board.FRAME_TABLE + (place - board.RAM >> 12), 1))


def cleaned(driver: Driver) -> list[int]:
    return [value for name, value in driver.log if name == "DCCMVAU"]


def test_each_try_does_one_step_until_the_page_is_there(driver: Driver) -> None:
    vcpu = driver.vcpu(board.FIRST)
    fills, allocations = int(vcpu.counters.fills), int(vcpu.counters.allocations)
    driver.interrupt_waits(True)
    lines: list[int] = []
    for number in range(STEPS):
        assert (int(vcpu.counters.fills), frame_of(driver, PAGE)) == (fills, 0)
        assert touch(driver, PAGE) == RETRY
        lines += cleaned(driver)
        assert len(lines) == STEP_BYTES // 32 * (number + 1)
        assert key_of(driver, lines[0]) == (KEY_FREE if number < STEPS - 1 else board.FIRST + 1)
    frame = frame_of(driver, PAGE)
    assert lines == list(range(frame, frame + 4096, 32))
    assert driver.memory.read(frame, 4096) == bytes(4096)
    assert (int(vcpu.counters.fills), int(vcpu.counters.allocations)) == (fills + 1, allocations + 1)


def test_without_an_interrupt_one_stay_does_its_steps(driver: Driver) -> None:
    for number in range(STAYS):
        assert frame_of(driver, PAGE) == 0 and touch(driver, PAGE) == RETRY
        assert len(cleaned(driver)) == 128 // STAYS, number
    assert frame_of(driver, PAGE)


@pytest.mark.parametrize(("stay", "steps"), [(LONG_STAY, STEPS_OF_A_STAY), (LONG_STAY + 1, 1)])
def test_a_long_stay_gives_way_too(driver: Driver, stay: int, steps: int) -> None:
    driver.stay = stay
    assert touch(driver, PAGE) == RETRY
    assert len(cleaned(driver)) == STEP_BYTES // 32 * steps


def test_another_guest_goes_on_with_the_frame(driver: Driver) -> None:
    """And nothing of it was the first one's: it gets another."""
    driver.interrupt_waits(True)
    touch(driver, PAGE)
    begun = cleaned(driver)[0]
    driver.interrupt_waits(False)
    driver.call(space.space_activate, driver.vcpu(board.SECOND).address)
    driver.log.clear()
    driver.fault(board.SECOND, PAGE, 1, 0x7)
    assert cleaned(driver) == list(range(begun + STEP_BYTES, begun + 4096, 32))
    assert frame_of(driver, PAGE, board.SECOND) == begun and key_of(driver, begun) == board.SECOND + 1
    assert frame_of(driver, PAGE) == 0
    driver.fault(board.FIRST, PAGE, 1, 0x7)
    assert frame_of(driver, PAGE) not in (0, begun)


def test_a_guest_that_ends_leaves_the_frame_to_the_pool(driver: Driver) -> None:
    driver.interrupt_waits(True)
    touch(driver, PAGE)
    begun = cleaned(driver)[0]
    driver.call(guest.guest_memory_stop, driver.vcpu(board.FIRST).address)
    while not driver.call(guest.guest_memory_release, driver.vcpu(board.FIRST).address):
        pass
    assert key_of(driver, begun) == KEY_FREE
    driver.interrupt_waits(False)
    driver.fault(board.SECOND, PAGE, 1, 0x7)
    assert frame_of(driver, PAGE, board.SECOND) == begun


def test_every_frame_is_given_once(driver: Driver) -> None:
    driver.interrupt_waits(True)
    given = []
    for page in range(board.NRT_GPA + 0x1_0000, board.NRT_GPA + 0x3_0000, 4096):
        for _ in range(STEPS):
            assert frame_of(driver, page) == 0 and touch(driver, page) == RETRY
        given.append(frame_of(driver, page))
    assert 0 not in given and len(set(given)) == len(given)


def test_data_of_emulated_instructions_gives_way_too(driver: Driver) -> None:
    """One stay readies no more than a fill's does: the instruction is made again each time."""
    vcpu, result = driver.vcpu(board.FIRST), board.RAM + 0x0070_0000
    for waits, tries in ((True, STEPS), (False, STAYS)):
        page = PAGE + 0x1000 * tries
        driver.interrupt_waits(waits)
        driver.log.clear()
        for number in range(tries):
            assert frame_of(driver, page) == 0
            driver.memory.write(result, bytes(sizeof(GuestWord)))
            assert driver.call(guest_access.guest_store, vcpu.address, page + 8, 0x1234_5678, result) == 0
            assert int(GuestWord.refer(result).outcome.value) == RETRY
            assert len(cleaned(driver)) == 128 // tries * (number + 1)
        assert driver.call(guest_access.guest_store, vcpu.address, page + 8, 0x1234_5678, result) == 1
        assert driver.word(frame_of(driver, page) + 8) == 0x1234_5678 and len(cleaned(driver)) == 128


def test_data_waits_for_a_short_stay(driver: Driver) -> None:
    """In a stay that was long before it came to its data, no frame is readied; in the next one it is."""
    vcpu, result = driver.vcpu(board.FIRST), board.RAM + 0x0070_0000
    for driver.stay, lines in ((LONG_STAY + 1, 0), (LONG_STAY, 128 // STAYS)):
        driver.memory.write(result, bytes(sizeof(GuestWord)))
        assert driver.call(guest_access.guest_store, vcpu.address, PAGE + 8, 1, result) == 0
        assert int(GuestWord.refer(result).outcome.value) == RETRY
        assert len(cleaned(driver)) == lines


def test_reading_an_instruction_readies_no_frame(driver: Driver) -> None:
    result = board.RAM + 0x0070_0000
    assert driver.call(guest_access.guest_fetch_word, driver.vcpu(board.FIRST).address, PAGE, result) == 0
    assert frame_of(driver, PAGE) == 0 and not cleaned(driver)


MEGABYTES = (board.NRT_GPA, board.CHANNEL_GPA, board.DEVICE_GPA, board.FILE_GPA)
SCTLR_M = 1


def enter(driver: Driver, context: int | None) -> None:
    """Let the first NRT guest run in a context of its own, with the MMU off if it is None."""
    vcpu = driver.vcpu(board.FIRST)
    board.write(vcpu, sctlr=0 if context is None else SCTLR_M, contextidr=context or 0)
    driver.call(space.space_activate, vcpu.address)


def tables_of(driver: Driver, number: int) -> int:
    """Return how many second-level tables a space has."""
    owners = [int(driver.view(tables.Table, "TABLES", index).space) for index in range(board.LEVEL2_COUNT)]
    return owners.count(number)


def dead_space_with_tables(driver: Driver) -> int:
    """Let the guest's share be used up, and one of its spaces be dead with a table for each megabyte."""
    enter(driver, None)
    for va in MEGABYTES:
        driver.fault(board.FIRST, va, 0, 0x7)
    full = int(driver.vcpu(board.FIRST).space)
    assert tables_of(driver, full) == len(MEGABYTES)
    for context in range(1, int(driver.view(tables.Share, "SHARES", board.FIRST).spaces)):
        enter(driver, context)
    driver.call(maintenance.maintain_asid, driver.vcpu(board.FIRST).address, 0)
    driver.log.clear()
    return full


@pytest.mark.parametrize("stay", [0, LONG_STAY + 1])
def test_an_alarm_while_a_space_is_emptied_is_given_way_to(driver: Driver, stay: int) -> None:
    """The guest waits in the blank space, where nothing is mapped, and the rest is done when it comes again."""
    full = dead_space_with_tables(driver)
    driver.alarm = lambda: tables_of(driver, full) <= 2
    enter(driver, 7)
    vcpu = driver.vcpu(board.FIRST)
    assert tables_of(driver, full) == 2
    assert int(vcpu.space) == space.NO_SPACE and int(vcpu.counters.reclaims) == 0
    assert ("CONTEXTIDR", board.FIRST + board.LEVEL1_COUNT + space.SPACE_ASID) in driver.log
    assert not [name for name, _ in driver.log if name == "TLBIASID"], "its ASID is still in use by what is left"
    driver.interrupt_waits(False)
    driver.stay = stay
    stays = 0
    while int(vcpu.space) == space.NO_SPACE:
        driver.log.clear()
        driver.call(space.space_activate, vcpu.address)
        stays += 1
    # Two tables are left: both in a short stay, one in each long one.
    assert (stays, tables_of(driver, full), int(vcpu.space)) == (2 if stay else 1, 0, full)
    assert [name for name, _ in driver.log if name in ("TLBIASID", "TTBR0")] == ["TLBIASID", "TTBR0"]
