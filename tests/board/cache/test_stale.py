# SPDX-License-Identifier: Apache-2.0
"""Lines that hold bytes of their own: a missing clean or invalidate gives wrong data, its presence right data."""

import struct

import pytest

from ovm.board import parameters, state
from ovm.board.cache import maintain
from ovm.board.processor import status
from ovm.metal import offsetof
from tests.board.cache import driver
from tests.board.cache.rig import NON_SECURE, UNCACHED, Rig
from tests.board.processor import Processor

BASE = 0x10_0000
CLEAN_LINE, INVALIDATE_LINE, BOTH_LINE = 0x7B0, 0x770, 0x7F0
CODE, RAM = 0x8000, 0x40_0000


@pytest.fixture(scope="module")
def compiled() -> Rig:
    return Rig()


@pytest.fixture
def rig(compiled: Rig) -> Rig:
    compiled.reset(stale_lines=1)
    return compiled


def clean(rig: Rig, address: int) -> None:
    rig.call(driver.maintain_line, address, maintain.CLEAN)


def invalidate(rig: Rig, address: int) -> None:
    rig.call(driver.maintain_line, address, maintain.INVALIDATE)


def test_what_was_stored_is_loaded(rig: Rig) -> None:
    for number in range(3000):
        rig.store(BASE + number * 36, number)
    assert all(rig.value(BASE + number * 36) == number for number in range(3000))
    assert all(rig.value(BASE + number * 36, 1) == number for number in range(3000))


def test_stores_reach_memory_by_cleaning_both_levels(rig: Rig) -> None:
    rig.ram(BASE, 1)
    rig.store(BASE, 2)
    assert rig.ram(BASE) == 1
    clean(rig, BASE)
    assert rig.ram(BASE) == 1
    assert rig.level2_tag(BASE)[0] < 8
    rig.write(CLEAN_LINE, BASE)
    assert rig.ram(BASE) == 2


def test_memory_that_dma_wrote_needs_invalidation(rig: Rig) -> None:
    rig.ram(BASE, 1)
    assert rig.value(BASE) == 1
    rig.ram(BASE, 2)
    assert rig.value(BASE) == 1
    invalidate(rig, BASE)
    assert rig.value(BASE) == 1
    rig.write(INVALIDATE_LINE, BASE)
    invalidate(rig, BASE)
    assert rig.value(BASE) == 2


@pytest.mark.parametrize("level2", [0, 1])
@pytest.mark.parametrize(("opened", "reaches"), [(0xFFFF, 2), (0xFFFE, 1)])
def test_lines_of_memory_that_was_closed_do_not_reach_it(rig: Rig, level2: int, opened: int, reaches: int) -> None:
    """A Non-secure line is still dirty when TZ_DDR_RAM closes its 64 MiB: the write-back is refused (UG1019)."""
    rig.write(0x100, level2)
    rig.ram(BASE, 1)
    rig.store(NON_SECURE + BASE, 2)
    rig.memory.store(rig.program.address_of("ovm.board.devices.slcr.SLCR") + 0x430, 4, opened)
    clean(rig, NON_SECURE + BASE)
    rig.write(CLEAN_LINE, BASE, 1)
    assert rig.ram(BASE) == reaches


def test_invalidation_loses_what_was_not_cleaned(rig: Rig) -> None:
    rig.ram(BASE, 1)
    rig.store(BASE, 2)
    invalidate(rig, BASE)
    assert rig.value(BASE) == 1


def test_uncached_mapping_sees_memory(rig: Rig) -> None:
    rig.ram(BASE, 1)
    rig.store(BASE, 2)
    assert rig.value(UNCACHED + BASE) == 1
    clean(rig, BASE)
    rig.write(CLEAN_LINE, BASE)
    assert rig.value(UNCACHED + BASE) == 2


def test_what_only_level2_caches_is_stored_there(rig: Rig) -> None:
    """Memory that is inner non-cacheable, outer write-back: a store that hits in level 2 stays there until it is cleaned."""
    rig.outer_only(BASE)
    rig.ram(BASE, 1)
    assert rig.value(Rig.OUTER_ONLY) == 1
    assert rig.level2_tag(BASE)[0] < 8
    rig.store(Rig.OUTER_ONLY, 2)
    assert (rig.value(Rig.OUTER_ONLY), rig.ram(BASE)) == (2, 1)
    rig.write(CLEAN_LINE, BASE)
    assert rig.ram(BASE) == 2


def test_worlds_do_not_see_each_other(rig: Rig) -> None:
    rig.ram(BASE, 1)
    assert rig.value(NON_SECURE + BASE) == 1
    rig.store(BASE, 2)
    assert rig.value(NON_SECURE + BASE) == 1


def test_cores_see_each_other(rig: Rig) -> None:
    for turn in range(8):
        rig.store(BASE, turn, turn % 2)
        assert rig.value(BASE, 1 - turn % 2) == turn
        assert rig.value(BASE, turn % 2) == turn


def test_without_it_data_is_right(rig: Rig) -> None:
    rig.reset()
    rig.ram(BASE, 1)
    rig.store(BASE, 2)
    assert rig.ram(BASE) == 2
    assert rig.value(UNCACHED + BASE) == 2
    rig.ram(BASE, 3)
    assert rig.value(BASE) == 3


def run(core: Processor, words: list[int], stale: int) -> int:
    core.reset()
    core.map(RAM)
    place = core.program.address_of("ovm.board.parameters.PARAMETERS")
    core.memory.store(place + offsetof(parameters.Parameters, "stale_lines"), 4, stale)
    core.write(CODE, struct.pack(f"<{len(words)}I", *words))
    core.call(status.return_to, 0x1D3)
    core.registers = (0,) * 15
    core.start(CODE)
    core.run(10_000)
    assert core.get("stopped") == state.STOP_WAIT
    return core.registers[0]


# r0 counts; the second turn executes an instruction that the first has overwritten.
SELF_MODIFYING = [
    0xE3A04000,  # mov r4, #0
    0xE28F6004,  # add r6, pc, #4: the instruction after the next two
    0xE59F1038,  # ldr r1, [pc, #56]: mov r0, #2
    0xE1A00000,  # nop
    0xE3A00001,  # mov r0, #1: overwritten
    0xE3540000,  # cmp r4, #0
    0x1320F003,  # wfine
    0xE5861000,  # str r1, [r6]
    0xE3A04001,  # mov r4, #1
    0xE1A00000,  # maintenance, or nop
    0xE1A00000,
    0xE1A00000,
    0xE1A00000,
    0xE1A00000,
    0xEAFFFFF4,  # b: back to the instruction that was overwritten
    0xE1A00000,
    0xE1A00000,
    0xE1A00000,
    0xE3A00002,  # mov r0, #2
]
DCCMVAU, DSB, ICIMVAU, ISB = 0xEE076F3B, 0xF57FF04F, 0xEE076F35, 0xF57FF06F


@pytest.fixture(scope="module")
def core() -> Processor:
    return Processor()


def maintained(*words: int) -> list[int]:
    return [*SELF_MODIFYING[:9], *words, *[0xE1A00000] * (5 - len(words)), *SELF_MODIFYING[14:]]


def test_code_that_is_written_needs_maintenance(core: Processor) -> None:
    assert run(core, SELF_MODIFYING, 0) == 2
    assert run(core, SELF_MODIFYING, 1) == 1
    assert run(core, maintained(DCCMVAU, DSB, ICIMVAU, DSB, ISB), 1) == 2
    assert run(core, maintained(ICIMVAU, DSB, ISB), 1) == 1
    assert run(core, maintained(DCCMVAU, DSB, ISB), 1) == 1
