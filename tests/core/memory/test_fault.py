# SPDX-License-Identifier: Apache-2.0
"""Single cases of faults, fills and refusals that the random events don't single out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ovm.abi.config import GuestConfig, RegionConfig
from ovm.core.memory import frames, guest, guest_access, maintenance, space
from ovm.core.memory.access import FaultOutcome
from ovm.core.memory.guest_access import GuestWord
from ovm.core.memory.refusal import Refusal, RefusalKind
from ovm.metal import offsetof, sizeof
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled, interpreted
from tests.core.memory.events import large, section, small

RETRY, REFLECT, REFUSED = (int(outcome.value) for outcome in (FaultOutcome.RETRY, FaultOutcome.REFLECT, FaultOutcome.REFUSED))
READ, WRITE, FETCH = range(3)
TABLE, PAGES = board.NRT_GPA + 0x4000, board.NRT_GPA + 0x8000
DATA = board.NRT_GPA + 0x2_0000
SCRATCH = board.RAM + 0x0070_0000
FAR = 0x0010_0000


@pytest.fixture(params=[compiled, interpreted])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """The first NRT guest, privileged, with its MMU on and FAR mapped by small pages of domain 0."""
    with request.param() as made:
        board.prepare(made)
        store(made, TABLE + 4, PAGES | 1)
        for number in range(4):
            store(made, PAGES + 4 * number, small(DATA + 4096 * number, 0b011, False, True))
        board.write(made.vcpu(board.FIRST), sctlr=1, ttbr0=TABLE, dacr=1, contextidr=1)
        made.call(space.space_activate, made.vcpu(board.FIRST).address)
        yield made


def store(driver: Driver, gpa: int, value: int, index: int = board.FIRST) -> None:
    driver.store(driver.touch(index, gpa), value)


def access(driver: Driver, function: Any, va: int, *value: int) -> int | None:
    """Make an access of OVM's own, with a fresh result; None, or how it ended otherwise."""
    driver.memory.write(SCRATCH, bytes(sizeof(GuestWord)))
    if driver.call(function, driver.vcpu(board.FIRST).address, va, *value, SCRATCH):
        return None
    return int(GuestWord.refer(SCRATCH).outcome.value)


def touch(driver: Driver, va: int, access: int = READ, status: int = 0x5, index: int = board.FIRST) -> int:
    return driver.fault(index, va, access, status)


def dead(driver: Driver) -> list[int]:
    """Spaces of the first guest that were used and are dead."""
    stamps = driver.words(driver.address_of("STAMPS"), 3)
    return [number for number in range(3) if stamps[number] == 0 and any(driver.words(board.LEVEL1 + (number << 14), 0xFFF))]


def refusal(driver: Driver) -> tuple[int, str, int, int, int]:
    last = driver.view(Refusal, "REFUSAL")
    kind = RefusalKind(last.kind).name
    return int(last.guest), kind, int(last.va), int(last.gpa), int(last.owner)


def status(driver: Driver, index: int = board.FIRST) -> tuple[int, int]:
    vcpu = driver.vcpu(index)
    return int(vcpu.fault_status), int(vcpu.fault_address)


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
        for access, kind in ((READ, "LOAD"), (WRITE, "STORE"), (FETCH, "FETCH")):
            assert touch(driver, FAR + 0x1000, access) == REFUSED
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


def test_a_switch_of_process_keeps_the_fills(driver: Driver) -> None:
    """Back in the first space, its pages need no fault: the entries are still in its tables."""
    vcpu = driver.vcpu(board.FIRST)
    touch(driver, FAR)
    first = int(vcpu.space)
    board.write(vcpu, ttbr0=TABLE + 0x8000, contextidr=2)
    driver.call(space.space_activate, vcpu.address)
    assert int(vcpu.space) != first
    board.write(vcpu, ttbr0=TABLE, contextidr=1)
    driver.log.clear()
    driver.call(space.space_activate, vcpu.address)
    assert int(vcpu.space) == first
    level1 = board.LEVEL1 + (first << 14)
    level2 = driver.word(level1 + 4 * (FAR >> 20)) & 0xFFFF_FC00
    assert driver.word(level2) & 2
    assert not [name for name, _ in driver.log if name.startswith("TLBI")]


def test_a_change_of_mode_is_one_register_write(driver: Driver) -> None:
    touch(driver, FAR)
    for privileged, domains in ((0, 0b01 << 6 | 1), (1, 0b0101 << 6 | 1)):
        board.write(driver.vcpu(board.FIRST), privileged=privileged)
        driver.log.clear()
        driver.call(space.space_mode, driver.vcpu(board.FIRST).address)
        assert driver.log == [("DACR", domains)]


@pytest.mark.parametrize("privileged", [0, 1])
def test_an_srt_guest_opens_its_one_domain_in_every_mode(driver: Driver, privileged: int) -> None:
    board.write(driver.vcpu(board.TICK), privileged=privileged)
    driver.log.clear()
    driver.call(space.space_mode, driver.vcpu(board.TICK).address)
    assert driver.log == [("DACR", 0b01 << 2 | 1)]


def test_a_contested_megabyte_turns(driver: Driver) -> None:
    """User mode reads what the kernel may write: the table follows whoever needs more than it grants."""
    vcpu = driver.vcpu(board.FIRST)
    level1 = board.LEVEL1 + (int(vcpu.space) << 14) + 4 * (FAR >> 20)
    store(driver, PAGES + 4, small(DATA + 0x1000, 0b010, False, True))

    def state() -> tuple[int, bool, bool]:
        """Domain of the table; whether the second page is there, and writable."""
        entry = driver.word((driver.word(level1) & 0xFFFF_FC00) + 4)
        return driver.word(level1) >> 5 & 0xF, entry != 0, entry != 0 and not entry & 1 << 9

    user, kernel = 3, 4
    assert (touch(driver, FAR), state()) == (RETRY, (user, False, False))
    assert (touch(driver, FAR + 0x1000), state()) == (RETRY, (user, True, False))
    assert (touch(driver, FAR + 0x1000, WRITE, 0xF), state()) == (RETRY, (kernel, True, True))
    assert (touch(driver, FAR), state()) == (RETRY, (kernel, True, True))
    board.write(vcpu, privileged=0)
    assert (touch(driver, FAR, READ, 0xB), state()) == (RETRY, (user, False, False))
    assert (touch(driver, FAR + 0x1000), state()) == (RETRY, (user, True, False))
    assert (touch(driver, FAR + 0x1000, WRITE, 0xF), state()) == (REFLECT, (user, True, False))


def test_kernel_pages_of_the_last_megabyte_go_before_user_mode(driver: Driver) -> None:
    """Its domain is always open, so the view is kept by taking the table out."""
    vcpu = driver.vcpu(board.FIRST)
    store(driver, TABLE + 4 * 0xFFF, PAGES | 1)
    store(driver, PAGES + 4 * 0xF0, small(DATA, 0b001, False, True))
    assert touch(driver, 0xFFFF_0000) == RETRY
    level1 = board.LEVEL1 + (int(vcpu.space) << 14)
    table = driver.word(level1 + 4 * 0xFFF) & 0xFFFF_FC00
    assert driver.word(table + 4 * 0xF0)
    board.write(vcpu, privileged=0)
    driver.log.clear()
    driver.call(space.space_mode, vcpu.address)
    assert driver.word(level1 + 4 * 0xFFF) & 0xFFFF_FC00 == board.LEVEL2
    assert ("TLBIASID", int(vcpu.hardware_asid)) in driver.log
    assert touch(driver, 0xFFFF_0000, READ, 0x7) == REFLECT
    assert status(driver)[0] == 0xF


@pytest.mark.parametrize("va", [0xFFFF_E000, 0xFFFF_F000, 0xFFFF_0000])
def test_the_gate_survives_maintenance(driver: Driver, va: int) -> None:
    """Of its own addresses, and of a large page of the guest that would cover it."""
    vcpu = driver.vcpu(board.FIRST)
    store(driver, TABLE + 4 * 0xFFF, PAGES | 1)
    for number in range(0xF0, 0x100):
        store(driver, PAGES + 4 * number, large(DATA, 0b011, False, True))
    assert touch(driver, 0xFFFF_0000) == RETRY
    table = driver.word(board.LEVEL1 + (int(vcpu.space) << 14) + 4 * 0xFFF) & 0xFFFF_FC00
    gate = driver.word(table + 4 * 254), driver.word(table + 4 * 255)
    driver.call(maintenance.maintain_address, vcpu.address, va)
    assert (driver.word(table + 4 * 254), driver.word(table + 4 * 255)) == gate
    assert gate[0] == 0 and gate[1] & 0xFFFF_F000 == board.GATE
    assert driver.word(table + 4 * 0xF0) == 0
    assert all(value & 0xFFFF_F000 < 0xFFFF_E000 for name, value in driver.log if name == "TLBIMVA")


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


@pytest.mark.parametrize("extent", [0x10_0000, 0x100_0000])
def test_one_address_of_a_section_names_all_of_it(driver: Driver, extent: int) -> None:
    """A guest that changes a section and invalidates any address of it may rely on the whole section being gone."""
    vcpu = driver.vcpu(board.FIRST)
    for number in range(16):
        store(driver, TABLE + 4 * (0x200 + number), section(board.NRT_GPA, 0b011, False, 0, True, extent > 0x10_0000))
    assert touch(driver, 0x2000_0000 + (DATA & 0xFFFFF)) == RETRY
    driver.call(maintenance.maintain_address, vcpu.address, 0x2000_0001 + extent - 0x1000)
    assert not any(driver.words(board.LEVEL1 + (int(vcpu.space) << 14), 0xFFF))


@pytest.mark.parametrize("waits", [True, False])
def test_maintenance_of_an_address_gives_way_behind_each_table(driver: Driver, waits: bool) -> None:
    """Repeated, it goes on behind the last one: as many stays as there are spaces with the address, or one."""
    vcpu = driver.vcpu(board.FIRST)
    store(driver, TABLE + 4 * 0x200, section(board.NRT_GPA, 0b011, False, 0, True, False))
    places = []
    for asid in (1, 2, 3):
        board.write(vcpu, contextidr=asid)
        driver.call(space.space_activate, vcpu.address)
        assert touch(driver, 0x2000_0000 + (DATA & 0xFFFFF)) == RETRY
        places.append(board.LEVEL1 + (int(vcpu.space) << 14) + 4 * 0x200)
    driver.interrupt_waits(waits)
    for done in range(1, 4) if waits else (3,):
        assert driver.call(maintenance.maintain_address, vcpu.address, 0x2000_0001) == (done == 3)
        assert sum(driver.word(place) == 0 for place in places) == done


def test_the_last_megabyte_of_a_supersection(driver: Driver) -> None:
    vcpu = driver.vcpu(board.FIRST)
    for number in range(16):
        store(driver, TABLE + 4 * (0x200 + number), section(board.NRT_GPA, 0b011, False, 0, True, True))
    assert touch(driver, 0x2000_0000 + board.FILE_GPA - board.NRT_GPA) == RETRY
    driver.call(maintenance.maintain_address, vcpu.address, 0x2000_0001)
    assert not any(driver.words(board.LEVEL1 + (int(vcpu.space) << 14), 0xFFF))


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


def test_contexts_have_spaces_of_their_own(driver: Driver) -> None:
    """Whatever changes the meaning of a translation changes the space."""
    vcpu = driver.vcpu(board.FIRST)
    first = int(vcpu.space)
    before = {"ttbr0": TABLE, "contextidr": 1, "dacr": 1, "ttbcr": 0, "ttbr1": 0, "sctlr": 1}
    changes = {"ttbr0": PAGES, "contextidr": 2, "dacr": 5, "ttbcr": 1, "ttbr1": 1 << 14, "sctlr": 1 | 1 << 29}
    for name, value in changes.items():
        board.write(vcpu, **before | {name: value})
        driver.call(space.space_activate, vcpu.address)
        assert int(vcpu.space) != first, name
        board.write(vcpu, **before)
        driver.call(space.space_activate, vcpu.address)
        assert int(vcpu.space) == first, name


def test_a_reused_space_is_empty(driver: Driver) -> None:
    """Three spaces, four contexts: the one unused for longest goes, with its mappings and its TLB entries."""
    vcpu = driver.vcpu(board.FIRST)
    first = int(vcpu.space)
    assert touch(driver, FAR) == RETRY
    driver.log.clear()
    for asid in (2, 3, 4):
        board.write(vcpu, contextidr=asid)
        driver.call(space.space_activate, vcpu.address)
    assert int(vcpu.space) == first
    assert not any(driver.words(board.LEVEL1 + (first << 14), 0xFFF))
    assert ("TLBIASID", int(vcpu.hardware_asid)) in driver.log


def test_a_reclaimed_table_leaves_the_tlb(driver: Driver) -> None:
    """Five tables in a share: the sixth megabyte takes the oldest one back."""
    vcpu = driver.vcpu(board.FIRST)
    for megabyte in range(1, 7):
        store(driver, TABLE + 4 * megabyte, PAGES | 1)
    for megabyte in range(1, 6):
        assert touch(driver, megabyte << 20) == RETRY
    driver.log.clear()
    assert touch(driver, 6 << 20) == RETRY
    level1 = board.LEVEL1 + (int(vcpu.space) << 14)
    assert driver.word(level1 + 4) == 0
    assert ("TLBIASID", int(vcpu.hardware_asid)) in driver.log
    assert int(vcpu.counters.reclaims) == 1


def test_maintenance_by_address_reaches_every_space(driver: Driver) -> None:
    """A page that the guest calls global has entries in many spaces."""
    vcpu = driver.vcpu(board.FIRST)
    assert touch(driver, FAR) == RETRY
    first, asid = int(vcpu.space), int(vcpu.hardware_asid)
    table = driver.word(board.LEVEL1 + (first << 14) + 4 * (FAR >> 20)) & 0xFFFF_FC00
    assert driver.word(table)
    board.write(vcpu, contextidr=2)
    driver.call(space.space_activate, vcpu.address)
    driver.log.clear()
    driver.call(maintenance.maintain_address, vcpu.address, FAR | 2)
    assert driver.word(table) == 0
    assert ("TLBIMVA", FAR | asid) in driver.log


def test_maintenance_by_asid(driver: Driver) -> None:
    """Eight bits of the operand count (ARM B4.2.2); other ASIDs keep their pages."""
    vcpu = driver.vcpu(board.FIRST)
    level1 = board.LEVEL1 + (int(vcpu.space) << 14) + 4 * (FAR >> 20)
    assert touch(driver, FAR) == RETRY
    driver.call(maintenance.maintain_asid, vcpu.address, 2)
    assert driver.word(level1) != 0
    asid = int(vcpu.hardware_asid)
    driver.call(maintenance.maintain_asid, vcpu.address, 0xABCD_EF01)
    assert int(vcpu.hardware_asid) != asid
    assert driver.word(board.LEVEL1 + (int(vcpu.space) << 14) + 4 * (FAR >> 20)) == 0
    assert dead(driver) == [asid - 1]


def test_limit(driver: Driver) -> None:
    board.write(driver.view(GuestConfig, "GUESTS", board.FIRST), frame_limit=8)
    outcomes = [touch(driver, FAR + 4096 * number) for number in range(4)]
    assert outcomes == [RETRY] * 2 + [REFUSED] * 2
    assert refusal(driver)[1] == "EXHAUSTED"
