# SPDX-License-Identifier: Apache-2.0
"""T32 LDM of one register (ARM A8.8.57, encoding T2, leaves it open) does by a parameter what LDR does, or stops."""

import struct

import pytest

from ovm.board.api import Board
from ovm.board.api.core import Core

CODE, DATA = 0x0010_0000, 0x0020_0000
THUMB_SVC = 0x1F3
# Each with the LDR that does the same; then a branch to itself.
PAIRS = {
    "ldmia.w r0!, {r3}": ("e8b0 0008", "f850 3b04"),
    "ldmia.w r0, {r12}": ("e890 1000", "f8d0 c000"),
    "ldmdb r0, {r7}": ("e910 0080", "f850 7c04"),
    "ldmdb r0!, {lr}": ("e930 4000", "f850 ed04"),
    "ldmia.w sp!, {r9}": ("e8bd 0200", "f85d 9b04"),
    "ldmia.w r0, {pc}": ("e890 8000", "f8d0 f000"),
}
HERE = 0xE7FE


def after(board: Board, words: str) -> tuple[str, tuple[int, ...], bool]:
    """Return how a run of an instruction stops, and what it leaves in the registers."""
    board.reset()
    board.write(CODE, struct.pack("<3H", *(int(each, 16) for each in words.split()), HERE))
    board.write(DATA - 4, struct.pack("<2I", 0x0011_2233, (CODE + 4) | 1))
    board.start(CODE)
    core: Core = board.cores[0]
    for name, value in (("r0", DATA), ("sp", DATA), ("cpsr", THUMB_SVC)):
        core.set(name, value)
    stop = board.run(cycles=5000)
    return stop.reason, core.registers, bool(core.get("cpsr") & 0x20)


@pytest.mark.parametrize("blocks", [0, 1])
@pytest.mark.parametrize("text", PAIRS)
def test_it_loads_the_register(text: str, blocks: int) -> None:
    board = Board({"single_t32_ldm": 1, "blocks": blocks})
    many, one = (after(board, words) for words in PAIRS[text])
    assert many == one and many[0] == "budget"


@pytest.mark.parametrize("text", PAIRS)
def test_it_stops_where_the_manual_is_followed(text: str) -> None:
    assert after(Board({"single_t32_ldm": 0}), PAIRS[text][0])[0] == "unpredictable"


def test_stores_and_the_stack_pointer_stay_open() -> None:
    board = Board({"single_t32_ldm": 1})
    for words in ("e8a0 0008", "e8b0 2000", "e8b0 0001", "e8b0 0000"):
        assert after(board, words)[0] == "unpredictable"
