# SPDX-License-Identifier: Apache-2.0
"""A guest that floods the console doesn't hold up one with a reservation."""

from collections.abc import Iterator

import pytest

from ovm.abi.config import GuestState, Level
from ovm.core.config import CONFIG
from ovm.core.console import console_hold, console_release
from ovm.core.output import OUTPUT, RING_BYTES, output_room
from ovm.core.vcpu import VCPUS, Vcpu
from ovm.metal import simulate, u32
from tests.core.machine import write

# The most that one console call adds: 24 lines of one character behind the longest name; and a refusal's record.
CALL_BYTES = 24 * (16 + 5)
RECORD_BYTES = 200
FLOODERS = 7


@pytest.fixture
def system() -> Iterator[None]:
    with simulate.simulate():
        write(CONFIG, guest_count=FLOODERS + 1)
        for index in range(FLOODERS + 1):
            level = Level.NRT if index < FLOODERS else Level.SRT
            write(VCPUS[u32(index)], index=index, level=int(level.value), state=int(GuestState.READY.value))
        yield


def guest(index: int) -> Vcpu:
    return VCPUS[u32(index)]


def fill(count: int) -> None:
    write(OUTPUT, head=int(OUTPUT.head) + count)


def flood() -> None:
    """Every NRT guest prints as much as it gets away with, and ends with a refused access."""
    for index in range(FLOODERS):
        for _ in range(RING_BYTES):
            if console_hold(guest(index)):
                break
            fill(CALL_BYTES)
        if index != FLOODERS - 1:
            fill(RECORD_BYTES)


@pytest.mark.usefixtures("system")
def test_a_flood_leaves_room_for_reservations() -> None:
    flood()
    assert all(guest(index).waits_console for index in range(FLOODERS))
    assert not console_hold(guest(FLOODERS))
    assert guest(FLOODERS).state == GuestState.READY


@pytest.mark.usefixtures("system")
def test_one_that_floods_itself_waits_until_the_others_had_room() -> None:
    fill(RING_BYTES - 100)
    assert console_hold(guest(FLOODERS))
    assert console_hold(guest(0))
    write(OUTPUT, tail=int(OUTPUT.tail) + RING_BYTES // 2)
    console_release()
    assert guest(FLOODERS).state == GuestState.WAITING
    write(OUTPUT, tail=int(OUTPUT.head))
    assert output_room() == RING_BYTES
    console_release()
    for index in (0, FLOODERS):
        assert guest(index).state == GuestState.READY
        assert not guest(index).waits_console
