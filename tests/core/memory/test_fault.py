# SPDX-License-Identifier: Apache-2.0
"""Single cases of faults, fills and refusals that the random events don't single out."""

from __future__ import annotations

import pytest

from ovm.abi.config import RegionConfig
from ovm.core.memory import frames, guest, guest_access, space
from ovm.core.memory.guest_access import GuestWord
from ovm.metal import offsetof
from tests.core.memory import board
from tests.core.memory.driver import Driver
from tests.core.memory.events import small
from tests.core.memory.faults import (
    DATA,
    FAR,
    FETCH,
    PAGES,
    READ,
    REFLECT,
    REFUSED,
    RETRY,
    SCRATCH,
    TABLE,
    WRITE,
    access,
    refusal,
    status,
    store,
    touch,
)


@pytest.mark.parametrize(
    ("hardware", "access", "expected"),
    [(0x001, READ, 0x001), (0x8F1, WRITE, 0x801), (0x002, FETCH, 0x002), (0x1008, READ, 0x1008), (0x406, READ, 0x406)],
)
def test_what_is_not_from_tables_goes_to_the_guest(driver: Driver, hardware: int, access: int, expected: int) -> None:
    """Alignment, debug and external aborts are the guest's own; the domain in them is OVM's and is not shown."""
    assert touch(driver, FAR + 1, access, hardware) == REFLECT
    assert status(driver) == (expected, FAR + 1)



def test_a_store_elsewhere_is_refused_with_its_owner(driver: Driver) -> None:
    store(driver, PAGES + 4, small(board.SRT_RAM, 0b011, False, True))
    assert touch(driver, FAR + 0x1234, WRITE) == REFUSED
    assert refusal(driver) == (board.FIRST, "STORE", FAR + 0x1234, board.SRT_RAM + 0x234, board.TICK + 1)
    assert status(driver) == (0x808, FAR + 0x1234)



OUTSIDE = (
    (board.OVM, 0), (board.FRAME_TABLE, 0), (board.GATE, 0), (board.LEVEL1, 0), (board.MAP_A, 0),
    (board.HRT_RAM, board.PULSE + 1), (board.IMAGE_B, board.SECOND + 1), (board.CHANNEL, board.CHANNEL_KEY),
    (board.UART & ~0xFFF, frames.OWNER_DEVICE), (0x1E00_0000, frames.OWNER_DEVICE), (0x7000_0000, 0xFF),
    (board.POOL + 0xF_F000, 0xFE), (board.IMAGE_A, board.FIRST + 1),
)  # fmt: skip


def test_nothing_outside_is_reached(driver: Driver) -> None:
    """Not even memory of the guest's own under its physical address: that number is not a guest-physical one."""
    for gpa, owner in OUTSIDE:
        store(driver, PAGES + 4, small(gpa, 0b011, False, True))
        for how, kind in ((READ, "LOAD"), (WRITE, "STORE"), (FETCH, "FETCH")):
            assert touch(driver, FAR + 0x1000, how) == REFUSED
            assert refusal(driver)[1:] == (kind, FAR + 0x1000, gpa, owner)



def test_a_walk_that_leaves_the_guests_memory_is_refused(driver: Driver) -> None:
    board.write(driver.vcpu(board.FIRST), ttbr0=board.SRT_TABLE)
    assert touch(driver, FAR, WRITE) == REFUSED
    assert refusal(driver) == (board.FIRST, "TABLE", FAR, board.SRT_TABLE + 4, 0)
    assert status(driver) == (0x80C, FAR)



def test_a_description_that_names_a_foreign_frame_is_not_believed(driver: Driver) -> None:
    """The frame table has the last word, over the frame map and over regions."""
    driver.store(board.MAP_A + (DATA - board.NRT_GPA >> 12) * 4, board.SRT_RAM >> 12)
    assert touch(driver, FAR) == REFUSED
    region = driver.view(RegionConfig, "REGIONS", 0)
    board.write(region, phys=board.HRT_RAM)
    store(driver, PAGES + 4, small(board.CHANNEL_GPA, 0b011, False, True))
    assert touch(driver, FAR + 0x1000) == REFUSED



def test_big_endian_tables(driver: Driver) -> None:
    """SCTLR.EE turns the bytes of descriptors (ARM B3.5.2)."""
    swapped = {TABLE + 8: PAGES + 0x400 | 1, PAGES + 0x400: small(DATA, 0b011, False, True)}
    for gpa, word in swapped.items():
        store(driver, gpa, int.from_bytes(word.to_bytes(4, "little"), "big"))
    board.write(driver.vcpu(board.FIRST), sctlr=1 | 1 << 25)
    driver.call(space.space_activate, driver.vcpu(board.FIRST).address)
    assert touch(driver, 0x0020_0000) == RETRY
    assert touch(driver, FAR) == REFLECT



def test_first_touch_gives_zeroed_scattered_frames(driver: Driver) -> None:
    for frame in range(board.POOL, board.POOL + board.POOL_BYTES, 4096):
        if driver.call(frames.frame_key, frame) == 0xFE:
            driver.memory.write(frame, b"\xee" * 4096)
    before = int(driver.vcpu(board.FIRST).counters.allocations)
    for number in range(4):
        assert touch(driver, FAR + 4096 * number) == RETRY
    given = [driver.word(board.MAP_A + (DATA - board.NRT_GPA >> 12) * 4 + 4 * number) for number in range(4)]
    assert all(driver.memory.read(frame << 12, 4096) == bytes(4096) for frame in given)
    assert all(abs(one - other) > 1 for one in given for other in given if one != other)
    assert int(driver.vcpu(board.FIRST).counters.allocations) == before + 4



def test_an_srt_guest_is_refused_at_once(driver: Driver) -> None:
    vcpu = driver.vcpu(board.TICK)
    driver.call(space.space_activate, vcpu.address)
    assert touch(driver, board.SRT_FILE_GPA, WRITE, 0xD, board.TICK) == REFUSED
    assert refusal(driver)[1] == "STORE"
    assert touch(driver, board.HRT_RAM, READ, 0x5, board.TICK) == REFUSED
    assert refusal(driver)[4] == board.PULSE + 1
    assert status(driver, board.TICK) == (0x8, board.HRT_RAM)
    assert int(vcpu.counters.fills) == 0



def test_an_srt_guests_table(driver: Driver) -> None:
    level1 = board.SRT_TABLE
    normal, domain = 1 << 12 | 0b1100, 1 << 5
    assert driver.word(level1 + 4 * 0x100) == board.SRT_RAM | 2 | normal | domain | 3 << 10 | 1 << 16 | 1 << 17
    assert driver.word(level1 + 4 * 0x104) & 0x3FF == 1 | domain
    pages = driver.word(level1 + 4 * 0x104) & 0xFFFF_FC00
    assert driver.word(pages) == board.FILE + 0x1000 | 0b1110 | 1 << 6 | 3 << 4 | 1 << 9 | 1 << 10 | 1 << 11
    assert driver.word(pages + 4) == 0
    used = [index for index, word in enumerate(driver.words(level1, 4096)) if word]
    assert used == [0x100, 0x104, 0xFFF]



def test_an_hrt_guests_table(driver: Driver) -> None:
    level1 = board.HRT_TABLE
    entry = driver.word(level1 + 4 * (board.HRT_RAM >> 20))
    assert entry == board.HRT_RAM | 2 | 1 << 12 | 0b1100 | 3 << 10 | 1 << 16
    device = driver.word(driver.word(level1 + 4 * 0x1E0) & 0xFFFF_FC00)
    assert device == 0x1E00_0000 | 0b0110 | 1 | 3 << 4 | 1 << 10
    assert [index for index, word in enumerate(driver.words(level1, 4096)) if word] == [0x1E0, board.HRT_RAM >> 20]



def test_stop_gives_everything_back(driver: Driver) -> None:
    vcpu = driver.vcpu(board.FIRST)
    for number in range(4):
        touch(driver, FAR + 4096 * number)
    driver.call(guest.guest_memory_stop, vcpu.address)
    assert not any(driver.words(driver.address_of("STAMPS"), 3))
    while not driver.call(guest.guest_memory_release, vcpu.address):
        pass
    keys = driver.memory.read(board.FRAME_TABLE + (board.POOL - board.RAM >> 12), board.POOL_BYTES >> 12)
    assert set(keys) == {0xFE}
    assert not any(driver.words(board.MAP_A, board.NRT_BYTES >> 12))
    image = driver.memory.read(board.FRAME_TABLE + (board.IMAGE_A - board.RAM >> 12), board.IMAGE_BYTES >> 12)
    assert set(image) == {board.FIRST + 1}



def test_words_of_the_guest(driver: Driver) -> None:
    vcpu = driver.vcpu(board.FIRST).address
    driver.touch(board.FIRST, DATA)
    assert access(driver, guest_access.guest_store, FAR + 8, 0x1234_5678) is None
    assert access(driver, guest_access.guest_load, FAR + 8) is None
    assert driver.word(SCRATCH + offsetof(GuestWord, "value")) == 0x1234_5678
    assert driver.call(guest_access.guest_fetch_half, vcpu, FAR + 10, SCRATCH) == 1
    assert driver.word(SCRATCH) == 0x1234
    assert access(driver, guest_access.guest_load, FAR + 2) == REFLECT and status(driver) == (0x1, FAR + 2)
    assert access(driver, guest_access.guest_load, 0x0020_0000) == REFLECT and status(driver) == (0x5, 0x0020_0000)
    assert driver.call(guest_access.guest_fetch_word, vcpu, 0x0020_0000, SCRATCH) == 0
    assert driver.word(SCRATCH + 4) == 0x5
    store(driver, PAGES, small(DATA, 0b001, False, True))
    assert driver.call(guest_access.guest_locate, vcpu, FAR, READ, 0, SCRATCH) == 0
    assert driver.word(SCRATCH + 4) == 0xF
    for target in (board.DEVICE_GPA, board.SRT_RAM):
        store(driver, PAGES, small(target, 0b011, False, True))
        assert access(driver, guest_access.guest_load, FAR) == REFUSED and status(driver) == (0x8, FAR)
        assert refusal(driver)[:4] == (board.FIRST, "LOAD", FAR, target)
    store(driver, PAGES, small(board.FILE_GPA, 0b011, False, True))
    assert access(driver, guest_access.guest_load, FAR) is None
    assert access(driver, guest_access.guest_store, FAR, 1) == REFUSED and status(driver) == (0x808, FAR)
    # Walks that leave the guest's memory are refusals as well, as they are of its own accesses.
    store(driver, TABLE + 4, board.SRT_RAM | 1)
    assert access(driver, guest_access.guest_load, FAR) == REFUSED and status(driver) == (0xE, FAR)
    assert refusal(driver)[1] == "TABLE"



def test_an_instruction_is_read_with_the_rights_to_execute(driver: Driver) -> None:
    """Each half of one too: the second may be in another page (ARM A2.4)."""
    driver.touch(board.FIRST, DATA)
    for function in (guest_access.guest_fetch_half, guest_access.guest_fetch_word):
        for never in (False, True):
            store(driver, PAGES, small(DATA, 0b011, never, True))
            fetched = driver.call(function, driver.vcpu(board.FIRST).address, FAR, SCRATCH)
            assert (fetched, driver.word(SCRATCH + 4)) == ((0, 0xF) if never else (1, 0))



def test_a_word_of_the_page_that_was_reached_needs_no_walk(driver: Driver) -> None:
    driver.touch(board.FIRST, DATA)
    assert access(driver, guest_access.guest_load, FAR) is None
    store(driver, TABLE + 4, 0)
    assert driver.call(guest_access.guest_load, driver.vcpu(board.FIRST).address, FAR + 0xFFC, SCRATCH) == 1
    assert driver.call(guest_access.guest_load, driver.vcpu(board.FIRST).address, FAR + 0x1000, SCRATCH) == 0



def test_regions_are_what_the_description_says(driver: Driver) -> None:
    store(driver, PAGES + 4, small(board.FILE_GPA, 0b011, False, True))
    store(driver, PAGES + 8, small(board.DEVICE_GPA, 0b011, False, True))
    assert (touch(driver, FAR + 0x1000, WRITE), refusal(driver)[1]) == (REFUSED, "STORE")
    assert touch(driver, FAR + 0x1000) == RETRY
    table = driver.word(board.LEVEL1 + (int(driver.vcpu(board.FIRST).space) << 14) + 4 * (FAR >> 20)) & 0xFFFF_FC00
    assert driver.word(table + 4) & 1 << 9
    assert (touch(driver, FAR + 0x2000, FETCH), refusal(driver)[1]) == (REFUSED, "FETCH")
    assert touch(driver, FAR + 0x2000, WRITE) == RETRY
    assert driver.word(table + 8) & 0b1_1100_1101 == 0b0_0000_0101



def test_the_gates_addresses_are_never_the_guests(driver: Driver) -> None:
    store(driver, TABLE + 4 * 0xFFF, PAGES | 1)
    store(driver, PAGES + 4 * 0xFE, small(DATA, 0b011, False, True))
    assert touch(driver, 0xFFFF_E000) == REFUSED



def test_a_fetch_reports_no_domain(driver: Driver) -> None:
    store(driver, TABLE + 4, PAGES | 3 << 5 | 1)
    assert touch(driver, FAR, FETCH) == REFLECT
    assert status(driver)[0] == 0xB
    assert touch(driver, FAR, WRITE) == REFLECT
    assert status(driver)[0] == 0x83B



def test_limit(driver: Driver) -> None:
    board.write(driver.config(board.FIRST), frame_limit=8)
    outcomes = [touch(driver, FAR + 4096 * number) for number in range(4)]
    assert outcomes == [RETRY] * 2 + [REFUSED] * 2
    assert refusal(driver)[1] == "EXHAUSTED"
