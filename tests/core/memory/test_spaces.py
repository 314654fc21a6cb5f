# SPDX-License-Identifier: Apache-2.0
"""Single cases of spaces, contexts and maintenance that the random events don't single out."""

from __future__ import annotations

import pytest

from ovm.core.memory import maintenance, space
from tests.core.memory import board
from tests.core.memory.driver import Driver
from tests.core.memory.events import large, section, small
from tests.core.memory.faults import (
    DATA,
    FAR,
    PAGES,
    READ,
    REFLECT,
    RETRY,
    TABLE,
    WRITE,
    dead,
    status,
    store,
    touch,
)


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
    """User mode reads what the kernel may write: the table follows the side that needs more than it grants."""
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



def test_contexts_have_spaces_of_their_own(driver: Driver) -> None:
    """A change of any register that gives translations their meaning changes the space."""
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
    # Each change made a space; coming back made none.
    assert int(vcpu.counters.spaces) == 1 + len(changes)



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
    assert (int(vcpu.counters.spaces), int(vcpu.counters.reclaims)) == (4, 1)



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
