# SPDX-License-Identifier: Apache-2.0
"""Maintenance and translation by address fault as the guest's tables say, but need no rights (ARM B3.12.3, B4.2.1, B4.2.4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ovm.core.emulate.cp15 import register_write
from ovm.core.emulate.outcome import Emulated
from ovm.core.memory import space
from tests.core.memory import board
from tests.core.memory.driver import Driver, compiled, interpreted
from tests.core.memory.events import section, small

TABLE, PAGES = board.NRT_GPA + 0x4000, board.NRT_GPA + 0x8000
DATA, UNTOUCHED = board.NRT_GPA + 0x2_0000, board.NRT_GPA + 0x3_0000
FAR = 0x0010_0000
CLEANS = {"DCCMVAC": 0x70A1, "DCCMVAU": 0x70B1, "DCCIMVAC": 0x70E1, "DCIMVAC": 0x7061}
ICIMVAU, BPIMVA = 0x7051, 0x7057
READ, WRITE, USER_READ, USER_WRITE = 0x7080, 0x7081, 0x7082, 0x7083
DONE, ABORTED, REFUSED = (int(each.value) for each in (Emulated.DONE, Emulated.ABORTED, Emulated.REFUSED))
# Pages: for all, for the privileged modes alone, of a domain without access, without access flag, device, not mapped.
OPEN, KERNEL, DEVICE, FRESH, MISSING = (FAR + 4096 * number for number in range(5))
CLOSED = 0x0020_0000


@pytest.fixture(params=[compiled, interpreted])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    with request.param() as made:
        board.prepare(made)
        pages = (
            small(DATA, 0b011, False, True), small(DATA, 0b001, False, True), small(board.DEVICE_GPA, 0b011, False, True),
            small(UNTOUCHED, 0b011, False, True),
        )  # fmt: skip
        words = {TABLE + 4: PAGES | 1, TABLE + 8: section(DATA, 0b011, False, 1, True, False)}
        words |= {PAGES + 4 * number: word for number, word in enumerate(pages)}
        for gpa, word in words.items():
            made.store(made.touch(board.FIRST, gpa), word)
        made.touch(board.FIRST, DATA)
        # Domain 1 has no access.
        board.write(made.vcpu(board.FIRST), sctlr=1, ttbr0=TABLE, dacr=1, contextidr=1)
        made.call(space.space_activate, made.vcpu(board.FIRST).address)
        made.log.clear()
        yield made


def operate(driver: Driver, operation: int, address: int) -> int:
    driver.log.clear()
    return driver.call(register_write, driver.vcpu(board.FIRST).address, operation, address)


def fault(driver: Driver) -> tuple[int, int]:
    vcpu = driver.vcpu(board.FIRST)
    return int(vcpu.fault_status), int(vcpu.fault_address)


def par(driver: Driver, operation: int, address: int) -> int:
    assert operate(driver, operation, address) == DONE
    return int(driver.vcpu(board.FIRST).physical_address)


@pytest.mark.parametrize("operation", [*CLEANS.values(), ICIMVAU])
def test_an_address_that_is_not_mapped_faults(driver: Driver, operation: int) -> None:
    # DFSR.WnR is 1 for maintenance (ARM B4.1.52).
    assert operate(driver, operation, MISSING + 4) == ABORTED and fault(driver) == (0x807, MISSING + 4)
    assert operate(driver, operation, 0x7000_0000) == ABORTED and fault(driver) == (0x805, 0x7000_0000)
    driver.store(driver.touch(board.FIRST, TABLE + 4), board.SRT_RAM | 1)
    assert operate(driver, operation, OPEN) == REFUSED and fault(driver) == (0x80E, OPEN)


def test_branch_prediction_needs_no_mapping(driver: Driver) -> None:
    assert operate(driver, BPIMVA, MISSING) == DONE


@pytest.mark.parametrize("operation", CLEANS.values())
def test_rights_and_domains_are_not_asked_for(driver: Driver, operation: int) -> None:
    frame = driver.word(board.MAP_A + 4 * (DATA - board.NRT_GPA >> 12)) << 12
    for privileged in (0, 1):
        board.write(driver.vcpu(board.FIRST), privileged=privileged)
        for address in (OPEN + 0x44, KERNEL + 0x44):
            assert operate(driver, operation, address) == DONE
            assert ("DCCMVAC", frame + 0x44) in driver.log
    assert operate(driver, operation, CLOSED | DATA & 0xF_FFFF | 0x44) == DONE
    assert ("DCCMVAC", frame + 0x44) in driver.log


@pytest.mark.parametrize("operation", CLEANS.values())
def test_devices_and_untouched_memory_have_no_lines(driver: Driver, operation: int) -> None:
    for address in (DEVICE, FRESH):
        assert operate(driver, operation, address) == DONE
        assert driver.log == []
    assert driver.word(board.MAP_A + 4 * (UNTOUCHED - board.NRT_GPA >> 12)) == 0


def test_translation_tells_place_rights_and_kind(driver: Driver) -> None:
    assert par(driver, READ, OPEN + 0x123) == DATA | 0xD4
    assert par(driver, USER_WRITE, OPEN) == DATA | 0xD4
    assert par(driver, WRITE, FRESH + 4) == UNTOUCHED | 0xD4
    assert par(driver, READ, DEVICE) == board.DEVICE_GPA | 0xB0
    assert par(driver, WRITE, KERNEL) == DATA | 0xD4
    assert par(driver, USER_READ, KERNEL) == 0x0F << 1 | 1
    assert par(driver, READ, CLOSED) == 0x09 << 1 | 1
    assert par(driver, READ, MISSING) == 0x07 << 1 | 1
    assert driver.word(board.MAP_A + 4 * (UNTOUCHED - board.NRT_GPA >> 12)) == 0


def test_translation_of_a_supersection(driver: Driver) -> None:
    driver.store(driver.touch(board.FIRST, TABLE + 4 * 0x400), 0x1000_0000 | 1 << 18 | 0xC02)
    assert par(driver, READ, 0x4002_1000) == 0x1000_0000 | 0xD6


def test_a_walk_that_leaves_the_guest_aborts(driver: Driver) -> None:
    driver.store(driver.touch(board.FIRST, TABLE + 4), board.SRT_RAM | 1)
    assert operate(driver, READ, OPEN) == REFUSED and fault(driver) == (0x80E, OPEN)
