# SPDX-License-Identifier: Apache-2.0
"""Tests of what memory looks like after boot: keys, fixed tables, the gate."""

from collections.abc import Iterator

import pytest

from ovm.abi.config import KEY_FREE, KEY_NONE, KEY_OVM, CoreConfig
from ovm.core.memory import frames, guest
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled, interpreted


@pytest.fixture(params=[compiled, interpreted])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    with request.param() as made:
        board.prepare(made)
        yield made


def test_keys_follow_the_description(driver: Driver) -> None:
    expected = {
        board.OVM: KEY_OVM,
        board.FRAME_TABLE: KEY_OVM,
        board.GATE: KEY_OVM,
        board.GATE + 0x1FFF: KEY_OVM,
        board.LEVEL1: KEY_OVM,
        board.LEVEL1 + (board.LEVEL1_COUNT << 14) - 4: KEY_OVM,
        board.LEVEL2 + (board.LEVEL2_COUNT << 10) - 4: KEY_OVM,
        board.MAP_A: KEY_OVM,
        board.SRT_TABLE + 0x3FFC: KEY_OVM,
        board.HRT_TABLE: KEY_OVM,
        board.IMAGE_A + board.IMAGE_BYTES - 1: board.FIRST + 1,
        board.IMAGE_A + board.IMAGE_BYTES: KEY_NONE,
        board.IMAGE_B: board.SECOND + 1,
        board.CHANNEL + 0x1FFF: board.CHANNEL_KEY,
        board.CHANNEL + 0x2000: KEY_NONE,
        board.FILE: board.FIRST + 1,
        board.FILE + 0x1000: board.TICK + 1,
        board.SRT_RAM: board.TICK + 1,
        board.SRT_RAM + 0xF_FFFF: board.TICK + 1,
        board.HRT_RAM: board.PULSE + 1,
        board.HRT_RAM + 0x10_0000: KEY_NONE,
        board.POOL: KEY_FREE,
        board.POOL + board.POOL_BYTES - 1: KEY_FREE,
        board.POOL + board.POOL_BYTES: KEY_NONE,
        board.RAM + board.RAM_BYTES: KEY_NONE,
        board.RAM - 1: KEY_NONE,
    }
    found = {address: driver.call(frames.frame_key, address) for address in expected}
    assert found == expected


def test_owners_outside_ram(driver: Driver) -> None:
    assert driver.call(frames.owner_of, board.UART + 0x18) == frames.OWNER_DEVICE
    assert driver.call(frames.owner_of, 0x1C00_0FFF) == frames.OWNER_DEVICE
    assert driver.call(frames.owner_of, 0x1C00_1000) == frames.OWNER_NOTHING
    assert driver.call(frames.owner_of, board.SRT_RAM) == board.TICK + 1


@pytest.mark.parametrize("device", ["uart", "gic_distributor", "gic_cpu", "level2_cache", "slcr"])
def test_devices_of_the_board_are_devices(driver: Driver, device: str) -> None:
    """A refusal at their page says so, and one behind it doesn't."""
    page = 0x1D00_0000
    board.write(driver.view(CoreConfig, "CONFIG"), **{f"{device}_phys": page + 0x100})
    try:
        found = [driver.call(frames.owner_of, page + offset) for offset in (-1, 0, 0xFFF, 0x1000)]
    finally:
        board.describe(driver)
    assert found == [frames.OWNER_NOTHING, frames.OWNER_DEVICE, frames.OWNER_DEVICE, frames.OWNER_NOTHING]


def test_what_nothing_was_loaded_into_is_zeros(driver: Driver) -> None:
    """Memory is zeros whatever a loader left; what it did load stays, and so does the neighbour."""
    ends = [board.SRT_RAM + 0x10_0000, board.HRT_RAM + 0x10_0000]
    ends += [image + board.IMAGE_BYTES for image in (board.IMAGE_A, board.IMAGE_B)]
    for start, end in [(end - board.UNLOADED - 16, end + 16) for end in ends]:
        driver.memory.write(start, b"\xa5" * (end - start))
    for start in (board.CHANNEL, board.FILE):
        driver.memory.write(start, b"\xa5" * 0x2010)
    driver.call(guest.memory_initialise)
    for end in ends:
        around = driver.memory.read(end - board.UNLOADED - 16, board.UNLOADED + 32)
        assert around == b"\xa5" * 16 + bytes(board.UNLOADED) + b"\xa5" * 16
    assert driver.memory.read(board.CHANNEL, 0x2010) == bytes(0x2000) + b"\xa5" * 16
    assert driver.memory.read(board.FILE, 0x2010) == b"\xa5" * 0x2010
