# SPDX-License-Identifier: Apache-2.0
"""Memory from outside is what the core would see, whatever its caches hold."""

from pathlib import Path

import pytest

from ovm.board.api import Board
from tests.board.devices.test_machine import ENTRY, build, started

TABLE, PLACE = 0x40_0000, 0x30_0040
CACHED, UNCACHED, SHARED = PLACE, PLACE + 0x1000_0000, PLACE + 0x2000_0000
# A table of sections, written with the MMU off: memory at its own address, not shareable; the same without caches 256 MiB
# above; the same shareable 512 MiB above. Then a store to the cached one; what the core loads from r4 is in r5.
STORING = f"""
        ldr   r0, ={TABLE:#x}
        ldr   r2, =0x00001C0E
        mov   r1, #0
    1:  orr   r3, r2, r1, lsl #20
        str   r3, [r0, r1, lsl #2]
        add   r1, r1, #1
        cmp   r1, #0x100
        bne   1b
        ldr   r2, =0x00001C02
        add   r0, r0, #0x400
        mov   r1, #0
    2:  orr   r3, r2, r1, lsl #20
        str   r3, [r0, r1, lsl #2]
        add   r1, r1, #1
        cmp   r1, #0x100
        bne   2b
        ldr   r2, =0x00011C0E
        add   r0, r0, #0x400
        mov   r1, #0
    3:  orr   r3, r2, r1, lsl #20
        str   r3, [r0, r1, lsl #2]
        add   r1, r1, #1
        cmp   r1, #0x100
        bne   3b
        ldr   r0, ={TABLE:#x}
        mcr   p15, 0, r0, c2, c0, 0
        mov   r0, #1
        mcr   p15, 0, r0, c3, c0, 0
        mcr   p15, 0, r0, c8, c7, 0
        dsb
        mrc   p15, 0, r0, c1, c0, 0
        orr   r0, r0, #0x1000
        orr   r0, r0, #5
        mcr   p15, 0, r0, c1, c0, 0
        isb
        ldr   r0, =0x11111111
        ldr   r4, ={CACHED:#x}
        str   r0, [r4]
    4:  ldr   r5, [r4]
        b     4b
"""
STORED, BEFORE, NEW = b"\x11\x11\x11\x11", b"\x22\x22\x22\x22", b"\x33\x33\x33\x33"


@pytest.fixture(scope="module")
def shared() -> Board:
    return Board()


@pytest.fixture
def board(shared: Board, tmp_path: Path) -> Board:
    """Return a core that loads for ever what it has stored; its line is dirty."""
    started(shared, build(tmp_path, STORING), stale_lines=1)
    shared.write(PLACE, BEFORE)
    shared.run(cycles=200_000)
    assert shared.cores[0].get("r5").to_bytes(4, "little") == STORED
    return shared


def loaded(board: Board, address: int) -> bytes:
    """Return what the core itself loads there."""
    board.cores[0].set("r4", address)
    board.run(cycles=1000)
    return board.cores[0].get("r5").to_bytes(4, "little")


@pytest.mark.parametrize(("address", "seen"), [(CACHED, STORED), (UNCACHED, BEFORE)])
def test_a_virtual_address_is_seen_as_the_core_maps_it(board: Board, address: int, seen: bytes) -> None:
    assert board.cores[0].read_virtual(address, 4) == seen == loaded(board, address)


def test_shareable_memory_goes_past_a_cache_that_is_not_coherent(board: Board) -> None:
    assert board.cores[0].read_virtual(SHARED, 4) == BEFORE == loaded(board, SHARED)
    board.cores[0].set("ACTLR", 0x40)
    assert board.cores[0].read_virtual(SHARED, 4) == STORED == loaded(board, SHARED)


def test_memory_is_seen_through_caches_or_alone(board: Board) -> None:
    assert board.read(PLACE, 4) == STORED
    assert board.read(PLACE, 4, caches=False) == BEFORE
    assert board.read(PLACE - 2, 8) == b"\0\0" + STORED + b"\0\0"
    assert board.read(PLACE, 4, core=1) == STORED


def test_what_is_written_from_outside_is_loaded(board: Board) -> None:
    board.write(PLACE - 2, b"\0\0" + NEW)
    assert loaded(board, CACHED) == loaded(board, UNCACHED) == NEW
    board.write(PLACE, BEFORE, caches=False)
    assert (loaded(board, CACHED), loaded(board, UNCACHED)) == (NEW, BEFORE)


def test_looking_changes_nothing(board: Board) -> None:
    before = board.state_hash()
    board.read(PLACE - 64, 4096)
    board.cores[0].read_virtual(CACHED, 64)
    assert board.state_hash() == before
    assert board.read(ENTRY, 4) != bytes(4)


def test_tables_are_read_through_the_caches_too(board: Board) -> None:
    """The core's own table changes in a line that nobody has cleaned; a walk that goes past level 1 doesn't see it."""
    core = board.cores[0]
    entry = TABLE + (CACHED >> 20) * 4
    board.cores[0].set("r0", 0x00F0_1C0E)
    store = 0xE584_0000  # str r0, [r4]
    board.write(ENTRY + 0x1000, store.to_bytes(4, "little") + b"\xfe\xff\xff\xea")
    core.set("r4", entry)
    core.set("pc", ENTRY + 0x1000)
    board.run(cycles=1000)
    assert core.translate(CACHED) == CACHED
    core.set("TTBR0_S", TABLE | 0x41)  # walks in write-back memory (IRGN)
    assert core.translate(CACHED) == 0x00F0_0000 | (CACHED & 0xF_FFFF)
