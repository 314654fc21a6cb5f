# SPDX-License-Identifier: Apache-2.0
"""The invariant after every event: no table of any guest reaches a frame whose key the guest doesn't hold.

A dead space may still hold anything: nobody walks it. So it may not be the one that the hardware has.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.core.memory import board
from tests.core.memory.driver import Driver

ZEROS = bytes(256)
# Shareable, write-back, privileged alone; nothing below it.
GATE_ENTRY = board.GATE | 0x0000_0002 | 1 << 10 | 1 << 6 | 0b1100 | 0b01 << 4


DESCRIBED = tuple(board.guests())
REGIONS = tuple(board.regions())


class Keys:
    """The frame table's bytes, read here and not through the code under test."""

    def __init__(self, driver: Driver) -> None:
        self.table = bytes(driver.memory.read(board.FRAME_TABLE, board.RAM_BYTES >> 12))

    def of(self, address: int) -> int:
        inside = board.RAM <= address < board.RAM + board.RAM_BYTES
        return self.table[address - board.RAM >> 12] if inside else 0xFF

    def may_reach(self, index: int, address: int, writable: bool) -> bool:
        """Tell whether a guest may have a mapping of a frame."""
        key = self.of(address)
        if key == DESCRIBED[index]["key"]:
            return not (writable and board.FILE <= address < board.FILE + 0x2000)
        for region in REGIONS:
            if region["guest"] == index and 0 <= address - region["phys"] < region["length"]:
                return bool(region["flags"] & 2) or key == region["key"]
        return False


def entries(driver: Driver, table: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield the descriptors of a table that aren't zero, each with its index."""
    data = driver.memory.read(table, 4 * count)
    if data == bytes(4 * count):
        return
    for start in range(0, len(data), len(ZEROS)):
        piece = data[start : start + len(ZEROS)]
        if piece != ZEROS:
            for number, entry in enumerate(memoryview(piece).cast("I"), start // 4):
                if entry:
                    yield number, entry


def check_small(keys: Keys, index: int, entry: int) -> None:
    writable = not entry & 1 << 9
    assert entry & 2, f"shadow entry {entry:#x} is no small page"
    assert entry >> 4 & 3 == 3, f"shadow entry {entry:#x} has odd rights"
    assert entry & 1 << 11, f"shadow entry {entry:#x} is global"
    assert keys.may_reach(index, entry & 0xFFFF_F000, writable), f"guest {index} reaches {entry:#x}"
    is_memory = keys.of(entry) != 0xFF
    assert entry & 0b1_1100_1100 == (0b0_0100_1100 if is_memory else 0b0_0000_0100), f"attributes of {entry:#x}"
    assert is_memory or entry & 1, f"device {entry:#x} may be executed"


def check_level2(driver: Driver, keys: Keys, index: int, table: int, megabyte: int) -> None:
    if megabyte == 0xFFF:
        gate = driver.word(table + 4 * 254), driver.word(table + 4 * 255)
        assert gate == (0, GATE_ENTRY), f"the gate is {gate}"
    for number, entry in entries(driver, table, 256):
        if megabyte != 0xFFF or number < 254:
            check_small(keys, index, entry)


def check_space(driver: Driver, keys: Keys, index: int, level1: int, seen: set[int]) -> None:
    domain = DESCRIBED[index]["domain"]
    assert driver.word(level1 + 4 * 0xFFF), "a space without the gate"
    for megabyte, entry in entries(driver, level1, 4096):
        if megabyte == 0xFFF:
            assert entry & 0x3FF == 1, f"the gate's domain: {entry:#x}"
        elif entry & 3 == 2:
            assert entry >> 5 & 0xF == domain and entry & 1 << 17 and not entry & 1 << 18
            first = (entry & 0xFFF0_0000) - board.RAM >> 12
            assert set(keys.table[first : first + 256]) == {DESCRIBED[index]["key"]}
            continue
        else:
            assert entry & 3 == 1 and entry >> 5 & 0xF in (domain, domain + 1), f"domain of {entry:#x}"
        table = entry & 0xFFFF_FC00
        assert 0 <= table - board.LEVEL2 < board.LEVEL2_COUNT << 10
        is_gate = megabyte == 0xFFF and table - board.LEVEL2 < 2 << 10
        assert is_gate or table not in seen, f"table {table:#x} serves twice"
        seen.add(table)
        check_level2(driver, keys, index, table, megabyte)


def check_isolation(driver: Driver, walked: int | None = None) -> None:
    """Check every table of every deprivileged guest; `walked` is the first-level table that the hardware has."""
    keys = Keys(driver)
    seen: set[int] = set()
    check_space(driver, keys, board.TICK, board.SRT_TABLE, seen)
    stamps = driver.words(driver.address_of("STAMPS"), board.LEVEL1_COUNT)
    for number in range(board.LEVEL1_COUNT):
        index = board.FIRST if number < board.LEVEL1_COUNT // 2 else board.SECOND
        place = board.LEVEL1 + (number << 14)
        if stamps[number] or walked == place:
            check_space(driver, keys, index, place, seen)
    blank = dict(entries(driver, board.LEVEL1 + (board.LEVEL1_COUNT << 14), 4096))
    assert blank == {0xFFF: board.LEVEL2 | 1}, f"the blank space maps {blank}"


def check_frames(driver: Driver) -> None:
    """No frame serves two pages; keys and frame maps agree."""
    owners: dict[int, int] = {}
    keys = Keys(driver)
    for index, table in ((board.FIRST, board.MAP_A), (board.SECOND, board.MAP_B)):
        for frame in driver.words(table, board.NRT_BYTES >> 12):
            if frame:
                assert frame not in owners, f"frame {frame:#x} serves twice"
                owners[frame] = index
                assert keys.of(frame << 12) == index + 1
    for page in range(board.POOL_BYTES >> 12):
        frame = (board.POOL >> 12) + page
        assert keys.of(frame << 12) == (owners[frame] + 1 if frame in owners else 0xFE)
