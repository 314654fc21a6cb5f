# SPDX-License-Identifier: Apache-2.0
"""Loads that miss side by side: four at once, as far as the core gets, unless an address is not there yet (A9 TRM 7.1)."""

import pytest

from ovm.board.cache.outstanding import BY_FLOATING, BY_INDEX, BY_LIST, BY_OFFSET
from ovm.board.events import WALK
from ovm.board.mmu import maintain as tlb
from tests.board.cache.driver import select, set_register
from tests.board.cache.rig import LATENCIES, LINE, UNCACHED, Rig

BASE, ON_CHIP = 0x10_0000, 0xFFFC_1000
LATENCY, REFILL, WINDOW = 100, 7, 40
MODEL = {"level2_hit": LATENCY, "level1_load": 4, "level2_refill": REFILL, "miss_window": WINDOW}


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def ready(rig: Rig, **model: int) -> None:
    """Level 2 holds lines of zeros, to which registers point."""
    rig.reset(**{**MODEL, **model})
    for register in range(16):
        rig.call(set_register, register, BASE)
    for number in range(16):
        rig.load(BASE + number * LINE)
    rig.forget()
    rig.set_time(100_000)


@pytest.fixture(autouse=True)
def level_2_holds_lines(rig: Rig) -> None:
    ready(rig)


def waits(rig: Rig, *loads: tuple[int, int, int, int], kind: int = BY_OFFSET, slots: int = 2) -> list[int]:
    """Waits of loads of (line, rd, rn, rm)."""
    return [rig.load_as(BASE + line * LINE, kind, rd, rn, rm, slots) for line, rd, rn, rm in loads]


def test_loads_that_know_their_addresses_follow_as_lines_come(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0), (1, 3, 1, 0), (2, 4, 1, 0), (3, 5, 1, 0)) == [LATENCY, REFILL - 1, REFILL - 1, REFILL - 1]


def test_a_load_waits_for_its_base(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0), (1, 3, 2, 0)) == [LATENCY, LATENCY]


def test_a_load_waits_for_its_index(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0), (1, 3, 1, 2)) == [LATENCY, REFILL - 1]
    rig.set_time(200_000)
    assert waits(rig, (2, 2, 1, 0), (3, 3, 1, 2), kind=BY_INDEX) == [LATENCY, LATENCY]


def test_a_list_loads_registers(rig: Rig) -> None:
    assert waits(rig, (0, 1 << 6 | 1 << 9, 1, 0), kind=BY_LIST) == [LATENCY]
    assert waits(rig, (1, 0, 9, 0)) == [LATENCY]


def test_floating_point_loads_no_address(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0), (1, 3, 2, 0), kind=BY_FLOATING)[1] == REFILL - 1


def test_no_more_than_four_are_out(rig: Rig) -> None:
    ready(rig, level2_refill=1)
    assert waits(rig, *((line, 2, 1, 0) for line in range(6))) == [LATENCY, 0, 0, 0, LATENCY - 4, 0]


def test_the_core_gets_no_further_than_its_window(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0))[0] == LATENCY
    assert waits(rig, (1, 2, 1, 0), slots=WINDOW) == [0]
    assert waits(rig, (2, 2, 1, 0), slots=WINDOW) == [LATENCY - WINDOW // 2]
    assert waits(rig, (3, 2, 1, 0), slots=10 * WINDOW) == [LATENCY]


def test_whatever_else_waits_ends_it(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0))[0] == LATENCY
    rig.store(UNCACHED + BASE)
    assert waits(rig, (1, 3, 1, 0)) == [LATENCY]


def test_other_loads_wait_for_all(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0), (1, 3, 1, 0), kind=0) == [LATENCY, LATENCY]


def test_a_pointer_that_was_moved_waits_for_its_line(rig: Rig) -> None:
    rig.store(BASE + 8, BASE + 5 * LINE)
    rig.forget()
    rig.set_time(200_000)
    assert waits(rig, (0, 2, 1, 0))[0] == LATENCY
    rig.call(set_register, 7, BASE + 5 * LINE + 12)
    assert waits(rig, (5, 3, 7, 0)) == [LATENCY]


def test_two_lines_come_from_memory_at_once(rig: Rig) -> None:
    ready(rig, memory_fills=2)
    memory = LATENCY + LATENCIES["memory_read"]
    loads = [(20 + line, 2, 1, 0) for line in range(5)]
    assert waits(rig, *loads) == [memory, 0, memory - 2, 0, memory - 2]


def test_lines_for_stores_leave_loads_alone(rig: Rig) -> None:
    ready(rig, memory_fills=2)
    for line in range(20, 23):
        assert rig.store(BASE + line * LINE) == 0
    assert waits(rig, (30, 2, 1, 0)) == [LATENCY + LATENCIES["memory_read"]]


def test_each_core_has_its_own(rig: Rig) -> None:
    assert waits(rig, (0, 2, 1, 0)) == [LATENCY]
    rig.call(select, 1)
    rig.call(set_register, 1, BASE)
    rig.set_time(100_000 + LATENCY)
    assert waits(rig, (1, 3, 1, 0), slots=4) == [LATENCY]


def test_on_chip_memory_has_a_way_of_its_own(rig: Rig) -> None:
    ready(rig, memory_refill=8)
    assert waits(rig, (20, 2, 1, 0)) == [LATENCY + LATENCIES["memory_read"]]
    assert rig.store(ON_CHIP) == 0
    assert waits(rig, (21, 3, 1, 0)) == [8 - 1]


def test_what_crosses_a_doubleword_takes_its_time(rig: Rig) -> None:
    ready(rig, cross_doubleword=6)
    assert waits(rig, (0, 2, 1, 0), (1, 2, 1, 0)) == [LATENCY, REFILL - 1]
    crossing = [rig.load_as(BASE + 5, BY_OFFSET) for _ in range(5)]
    assert crossing == [6, 6, 6, 6, 6]
    assert waits(rig, (2, 3, 1, 0)) == [0]


def test_what_happens_meanwhile_has_happened_by_then(rig: Rig) -> None:
    ready(rig, micro_tlb_miss=7, walk_base=7)
    rig.listen(WALK)
    rig.call(tlb.maintain, tlb.ALL, 0)
    sections = 1 << 24 - 5
    for number in range(1, 4):
        waits(rig, (number * sections, 2, 1, 0))
        assert len(rig.heard()) == number
        assert rig.heard()[-1] <= rig.cpu("stalled", 8) + rig.cpu("slots", 8) // 2
    assert rig.cpu("stalled", 8) - 100_000 < 2 * (LATENCY + LATENCIES["memory_read"])
    assert rig.heard() == sorted(rig.heard())
