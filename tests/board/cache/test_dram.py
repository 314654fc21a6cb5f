# SPDX-License-Identifier: Apache-2.0
"""DDR: open rows and refresh, as the ZC702's boot code sets its controller (ps7_init_gpl.c: addrmap, t_rfc)."""

import pytest

from tests.board.cache.rig import LATENCIES, UNCACHED, Rig

OPEN = LATENCIES["memory_read"]
TIMES = {"memory_activate": 9, "memory_precharge": 2000}
ACTIVATE, PRECHARGE = TIMES.values()
BASE, BANK, ROW = 0x10_0000, 4 << 10, 32 << 10


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def read(rig: Rig, physical: int) -> int:
    """Cycles that DDR takes for a word that no cache may hold."""
    return rig.load(UNCACHED + physical)


def test_a_row_stays_open(rig: Rig) -> None:
    rig.reset(**TIMES)
    assert read(rig, BASE) in (OPEN + ACTIVATE, OPEN + PRECHARGE + ACTIVATE)
    assert [read(rig, BASE + offset) for offset in (0, 32, BANK - 4)] == [OPEN] * 3


def test_a_bank_has_one_row(rig: Rig) -> None:
    rig.reset(**TIMES)
    read(rig, BASE)
    assert read(rig, BASE + ROW) == OPEN + PRECHARGE + ACTIVATE
    assert read(rig, BASE) == OPEN + PRECHARGE + ACTIVATE


def test_eight_banks_hold_rows_of_their_own(rig: Rig) -> None:
    rig.reset(**TIMES)
    places = [BASE + bank * (BANK + ROW) for bank in range(8)]
    for place in places:
        read(rig, place)
    assert [read(rig, place) for place in places] == [OPEN] * 8


def test_writes_open_rows_and_nobody_waits_for_that(rig: Rig) -> None:
    rig.reset(**TIMES)
    read(rig, BASE)
    assert rig.store(UNCACHED + BASE + ROW, 7) == LATENCIES["memory_write"]
    assert read(rig, BASE + ROW) == OPEN


def test_fills_of_level_2_use_rows_too(rig: Rig) -> None:
    rig.reset(**TIMES)
    read(rig, BASE)
    fill = LATENCIES["level2_hit"] + OPEN
    assert rig.load(BASE) == fill
    assert rig.load(BASE + ROW) == fill + PRECHARGE + ACTIVATE


def test_refresh_holds_a_read_up_and_closes_rows(rig: Rig) -> None:
    rig.reset(**TIMES, refresh_interval=100_000, refresh_time=108)
    rig.set_time(150_000)
    read(rig, BASE)
    rig.set_time(199_999)
    assert read(rig, BASE) == OPEN
    rig.set_time(200_000)
    assert read(rig, BASE) == OPEN + 108 + ACTIVATE
    rig.set_time(300_100)
    assert read(rig, BASE) == OPEN + 8 + ACTIVATE
    rig.set_time(300_107)
    assert read(rig, BASE) == OPEN + 1
    rig.set_time(300_108)
    assert read(rig, BASE) == OPEN
    rig.set_time(450_000)
    assert read(rig, BASE) == OPEN + ACTIVATE


def test_a_core_that_is_behind_closes_no_rows_again(rig: Rig) -> None:
    rig.reset(**TIMES, refresh_interval=100_000, refresh_time=108)
    rig.set_time(210_000)
    read(rig, BASE)
    rig.set_time(199_000)
    assert read(rig, BASE) == OPEN
    rig.set_time(210_000)
    assert read(rig, BASE) == OPEN
