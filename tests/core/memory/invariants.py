# SPDX-License-Identifier: Apache-2.0
"""What must hold after every event: no table of any guest reaches a frame whose key the guest doesn't hold."""

from __future__ import annotations

from collections.abc import Iterator

from ovm.abi.config import GuestConfig, Level, RegionConfig
from tests.core.memory import board
from tests.core.memory.driver import Driver

ZEROS = bytes(256)
GATE_ENTRY = board.GATE | 0x0000_0002 | 1 << 10 | 1 << 6 | 0b1100 | 1 << 9 | 0b01 << 4
TRAP_ENTRY = board.TRAP | 0x0000_0003 | 1 << 10 | 1 << 6 | 0b1100 | 0b01 << 4


def key_of(driver: Driver, address: int) -> int:
    """The frame table's byte, read here and not through the code under test."""
    if not board.RAM <= address < board.RAM + board.RAM_BYTES:
        return 0xFF
    return driver.memory.load(board.FRAME_TABLE + (address - board.RAM >> 12), 1)


def may_reach(driver: Driver, index: int, address: int, writable: bool) -> bool:
    """Whether a guest may have a mapping of a frame."""
    config = driver.view(GuestConfig, "GUESTS", index)
    if key_of(driver, address) == int(config.key):
        is_file = address == board.FILE or address == board.FILE + 0x1000
        return not (writable and is_file)
    for number in range(6):
        region = driver.view(RegionConfig, "REGIONS", number)
        inside = int(region.phys) <= address < int(region.phys) + int(region.length)
        if int(region.guest) == index and inside:
            return bool(region.flags.device) or key_of(driver, address) == int(region.key)
    return False


def check_small(driver: Driver, index: int, entry: int) -> None:
    writable = not entry & 1 << 9
    assert entry & 2, f"shadow entry {entry:#x} is no small page"
    assert entry >> 4 & 3 == 3, f"shadow entry {entry:#x} has odd rights"
    assert entry & 1 << 11, f"shadow entry {entry:#x} is global"
    assert may_reach(driver, index, entry & 0xFFFF_F000, writable), f"guest {index} reaches {entry:#x}"
    is_memory = key_of(driver, entry) != 0xFF
    assert entry & 0b1_1100_1100 == (0b0_0100_1100 if is_memory else 0b0_0000_0100), f"attributes of {entry:#x}"
    assert is_memory or entry & 1, f"device {entry:#x} may be executed"


def entries(driver: Driver, table: int, count: int) -> Iterator[tuple[int, int]]:
    """The descriptors of a table that aren't zero, each with its index."""
    data = driver.memory.read(table, 4 * count)
    for start in range(0, len(data), len(ZEROS)):
        piece = data[start : start + len(ZEROS)]
        if piece != ZEROS:
            for number, entry in enumerate(memoryview(piece).cast("I"), start // 4):
                if entry:
                    yield number, entry


def check_level2(driver: Driver, index: int, table: int, megabyte: int) -> None:
    if megabyte == 0xFFF:
        gate = driver.word(table + 4 * 254), driver.word(table + 4 * 255)
        assert gate == (TRAP_ENTRY, GATE_ENTRY), f"the gate is {gate}"
    for number, entry in entries(driver, table, 256):
        if megabyte != 0xFFF or number < 254:
            check_small(driver, index, entry)


def check_space(driver: Driver, index: int, level1: int, seen: set[int]) -> None:
    domain = int(driver.view(GuestConfig, "GUESTS", index).domain)
    assert driver.word(level1 + 4 * 0xFFF), "a space without the gate"
    for megabyte, entry in entries(driver, level1, 4096):
        if megabyte == 0xFFF:
            assert entry & 0x3FF == 1, f"the gate's domain: {entry:#x}"
        elif entry & 3 == 2:
            assert entry >> 5 & 0xF == domain and entry & 1 << 17 and not entry & 1 << 18
            for page in range(256):
                assert may_reach(driver, index, (entry & 0xFFF0_0000) + 4096 * page, True)
            continue
        else:
            assert entry & 3 == 1 and entry >> 5 & 0xF in (domain, domain + 1), f"domain of {entry:#x}"
        table = entry & 0xFFFF_FC00
        assert 0 <= table - board.LEVEL2 < board.LEVEL2_COUNT << 10
        is_gate = megabyte == 0xFFF and table - board.LEVEL2 < 2 << 10
        assert is_gate or table not in seen, f"table {table:#x} serves twice"
        seen.add(table)
        check_level2(driver, index, table, megabyte)


def check_isolation(driver: Driver) -> None:
    """Every table of every deprivileged guest."""
    seen: set[int] = set()
    check_space(driver, board.TICK, board.SRT_TABLE, seen)
    for number in range(board.LEVEL1_COUNT):
        index = board.FIRST if number < board.LEVEL1_COUNT // 2 else board.SECOND
        assert driver.view(GuestConfig, "GUESTS", index).level == Level.NRT
        check_space(driver, index, board.LEVEL1 + (number << 14), seen)
    seen |= {board.LEVEL2 + (number << 10) for number in range(4)}
    for table in range(board.LEVEL2, board.LEVEL2 + (board.LEVEL2_COUNT << 10), 1024):
        assert table in seen or not any(driver.memory.read(table, 1024)), f"free table {table:#x} isn't empty"


def check_frames(driver: Driver) -> None:
    """No frame serves two pages; keys and frame maps agree."""
    owners: dict[int, int] = {}
    for index, table in ((board.FIRST, board.MAP_A), (board.SECOND, board.MAP_B)):
        for frame in driver.words(table, board.NRT_BYTES >> 12):
            if frame:
                assert frame not in owners, f"frame {frame:#x} serves twice"
                owners[frame] = index
                assert key_of(driver, frame << 12) == index + 1
    for page in range(board.POOL_BYTES >> 12):
        frame = (board.POOL >> 12) + page
        assert key_of(driver, frame << 12) == (owners[frame] + 1 if frame in owners else 0xFE)
