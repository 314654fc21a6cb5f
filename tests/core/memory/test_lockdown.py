# SPDX-License-Identifier: Apache-2.0
"""The exact register sequences of TLB lockdown (Cortex-A9 TRM DDI0388I 4.3.25, 6.2.2); QEMU ignores them."""

from collections.abc import Iterator

import pytest

from ovm.abi.config import Level, RegionConfig
from ovm.core.memory import guest, lockdown, space
from tests.core.memory import board
from tests.core.memory.driver import Compiled, Log, compiled

ATTRIBUTES = 0b1 << 11 | 0b001 << 3 | 0b111  # NS, write-back write-allocate, shareable
NS_VA = 1 << 10
FULL, SECTION, SUPER = 0b011 << 1, 0b11 << 6, 0b00 << 6
VALID = 1
# Behind ASID 0 and those of the spaces.
ASID_TICK, ASID_TOCK = 1 + board.LEVEL1_COUNT, 2 + board.LEVEL1_COUNT


@pytest.fixture
def driver() -> Iterator[Compiled]:
    """Two SRT guests: one section, and two supersections."""
    with compiled(lockdown_on=True) as made:
        board.prepare(made)
        tock = made.config(board.FIRST)
        board.write(
            tock, level=Level.SRT, ram_bytes=0x0200_0000, ram_phys=0x8400_0000, section_bytes=0x0100_0000,
            lock_entries=2,
        )  # fmt: skip
        board.write(made.vcpu(board.FIRST), level=Level.SRT)
        made.call(lockdown.srt_switch, made.vcpu(board.TICK).address)
        made.log.clear()
        assert isinstance(made, Compiled)
        yield made


def switch(driver: Compiled, index: int) -> Log:
    driver.log.clear()
    driver.call(lockdown.srt_switch, driver.vcpu(index).address)
    return list(driver.log)


def entry(number: int, va: int, attributes: int, pa: int) -> Log:
    return [
        ("TLB_SELECT_WRITE", number),
        ("TLB_VA", va),
        ("TLB_ATTRIBUTES", attributes),
        ("TLB_PA", pa),
    ]


DSB, ISB = ("dsb", 0), ("isb", 0)


def test_switch_to_two_supersections(driver: Compiled) -> None:
    domain = 3 << 7
    assert switch(driver, board.FIRST) == [
        DSB,
        ("TLBIMVA", 0x1000_0000 | ASID_TOCK),
        ("TLBIMVA", 0x1100_0000 | ASID_TOCK),
        DSB,
        *entry(0, 0x1000_0000 | NS_VA | ASID_TOCK, ATTRIBUTES | domain, 0x8400_0000 | SUPER | FULL | VALID),
        *entry(1, 0x1100_0000 | NS_VA | ASID_TOCK, ATTRIBUTES | domain, 0x8500_0000 | SUPER | FULL | VALID),
        DSB,
        ISB,
    ]


def test_switch_back_to_one_section(driver: Compiled) -> None:
    switch(driver, board.FIRST)
    assert switch(driver, board.TICK) == [
        DSB,
        ("TLBIMVA", 0x1000_0000 | ASID_TICK),
        DSB,
        *entry(0, 0x1000_0000 | NS_VA | ASID_TICK, ATTRIBUTES | 1 << 7, board.SRT_RAM | SECTION | FULL | VALID),
        DSB,
        ISB,
    ]


def test_a_region_takes_an_entry_of_its_own(driver: Compiled) -> None:
    """It lies wherever there was room, and the guest may not write to a file."""
    switch(driver, board.FIRST)
    board.write(driver.config(board.TICK), lock_entries=2)
    board.write(driver.view(RegionConfig, "REGIONS", 4), phys=0x8A00_0000)
    assert switch(driver, board.TICK)[-6:-2] == entry(
        1, board.SRT_FILE_GPA | NS_VA | ASID_TICK, ATTRIBUTES | 1 << 7, 0x8A00_0000 | SECTION | 0b111 << 1 | VALID
    )


def test_each_megabyte_of_a_region_takes_an_entry(driver: Compiled) -> None:
    """A guest without RAM shows it, as there are two entries and no more."""
    switch(driver, board.FIRST)
    board.write(driver.config(board.TICK), lock_entries=2, ram_bytes=0)
    board.write(driver.view(RegionConfig, "REGIONS", 4), phys=0x8A00_0000, length=0x10_0004)
    wanted: Log = []
    for number in range(2):
        va, pa = board.SRT_FILE_GPA + (number << 20), 0x8A00_0000 + (number << 20)
        wanted += entry(number, va | NS_VA | ASID_TICK, ATTRIBUTES | 1 << 7, pa | SECTION | 0b111 << 1 | VALID)
    assert switch(driver, board.TICK)[-10:-2] == wanted


def test_a_switch_is_always_the_same_number_of_writes(driver: Compiled) -> None:
    writes = [len(switch(driver, index)) for index in (board.FIRST, board.TICK) * 5]
    assert writes == [2 * 5 + 4, 1 * 5 + 4] * 5


def test_a_guest_that_still_has_its_entries_writes_nothing(driver: Compiled) -> None:
    assert switch(driver, board.TICK) == []
    assert int(driver.vcpu(board.TICK).counters.lock_writes) == 1


def test_entries_that_stay(driver: Compiled) -> None:
    """OVM's secure section and the gate page, global, once per core."""
    driver.log.clear()
    driver.call(guest.memory_cpu_initialise)
    common = 0b001 << 3 | 0b111
    assert driver.log == [
        ("TTBCR", 0),
        ISB,
        DSB,
        *entry(3, board.OVM | 1 << 9, common, board.OVM | SECTION | 0b001 << 1 | VALID),
        *entry(2, 0xFFFF_F000 | NS_VA | 1 << 9, common | 1 << 11, board.GATE | 0b01 << 6 | 0b001 << 1 | VALID),
        DSB,
        ISB,
    ]


def test_what_reset_left_becomes_invalid(driver: Compiled) -> None:
    """TLBIALL spares lock entries (A9 6.2.2)."""
    driver.log.clear()
    driver.call(lockdown.lock_entries_clear)
    assert driver.log == [*entry(0, 0, 0, 0), *entry(1, 0, 0, 0), *entry(2, 0, 0, 0), *entry(3, 0, 0, 0), DSB, ISB]


def test_stop_makes_the_entries_invalid_before_their_asid_is_dropped(driver: Compiled) -> None:
    driver.log.clear()
    driver.call(guest.guest_memory_stop, driver.vcpu(board.TICK).address)
    assert driver.log == [DSB, *entry(0, 0, 0, 0), DSB, ISB, DSB, ("TLBIASID", ASID_TICK), ("BPIALL", 0), DSB, ISB]


def test_stopping_another_guest_leaves_them(driver: Compiled) -> None:
    switch(driver, board.FIRST)
    driver.log.clear()
    driver.call(guest.guest_memory_stop, driver.vcpu(board.TICK).address)
    assert [name for name, _ in driver.log if name.startswith("TLB_")] == []


def test_without_lockdown_nothing_is_written() -> None:
    with compiled() as made:
        board.prepare(made)
        made.call(guest.memory_cpu_initialise)
        made.call(lockdown.srt_switch, made.vcpu(board.TICK).address)
        assert [name for name, _ in made.log if name.startswith("TLB")] == []


def test_activation_never_passes_through_a_foreign_asid(driver: Compiled) -> None:
    """Reserved ASID while TTBR0 changes; a DSB before each CONTEXTIDR write (erratum 754322)."""
    driver.log.clear()
    driver.call(space.space_activate, driver.vcpu(board.TICK).address)
    assert driver.log == [
        DSB,
        ("CONTEXTIDR", 0),
        ISB,
        ("TTBR0", board.SRT_TABLE | 1 << 6 | 1 << 3 | 1 << 1),
        ISB,
        DSB,
        ("CONTEXTIDR", ASID_TICK),
        ISB,
        ("DACR", 0b0101),
    ]
