# SPDX-License-Identifier: Apache-2.0
"""Stores that move memory (OCM_CFG, the SCU's filter): they are executed once, and what follows them comes from there."""

import struct
from collections.abc import Sequence

import pytest

from ovm.board.api import Board

ENTRY = 0x20_0000
UNLOCK, UNLOCK_KEY = 0xF800_0008, 0xDF0D
OCM_CFG, FILTER_START = 0xF800_0910, 0xF8F0_0040
FILTER_END = FILTER_START + 4


@pytest.fixture(scope="module")
def board() -> Board:
    return Board()


def executed(board: Board, code: Sequence[int], data: Sequence[int]) -> Board:
    """Run `code`, 8 words, with `data` behind it."""
    board.reset()
    board.write(ENTRY, struct.pack(f"<{8 + len(data)}I", *code, *[0xEAFF_FFFE] * (8 - len(code)), *data))
    board.start(ENTRY)
    board.run(cycles=5000)
    return board


# ldr r5, [pc, #24]; ldr r6, [pc, #24]; str r6, [r5], #4; add r7, r7, #1; ldr r4, [pc, #16]; b .
ONCE = (0xE59F_5018, 0xE59F_6018, 0xE485_6004, 0xE287_7001)


@pytest.mark.parametrize(
    ("register", "value"),
    [(FILTER_START, 0), (FILTER_END, 0xFFE0_0000), (FILTER_END, 0x4000_0000)],
)
def test_a_store_to_the_filter_is_executed_once(board: Board, register: int, value: int) -> None:
    core = executed(board, ONCE, (register, value)).cores[0]
    assert (core.get("r5"), core.get("r6"), core.get("r7")) == (register + 4, value, 1)
    assert core.get("r0") == 0


def test_a_store_to_the_on_chip_memorys_place_is_executed_once(board: Board) -> None:
    # ldr r5, =SLCR_UNLOCK; ldr r6, =key; str r6, [r5]; then as above, from other words
    code = (0xE59F_5018, 0xE59F_6018, 0xE585_6000, 0xE59F_5014, 0xE59F_6014, 0xE485_6004, 0xE287_7001)
    core = executed(board, code, (UNLOCK, UNLOCK_KEY, OCM_CFG, 0x1F)).cores[0]
    assert (core.get("r5"), core.get("r6"), core.get("r7")) == (OCM_CFG + 4, 0x1F, 1)
    assert core.get("r0") == 0
