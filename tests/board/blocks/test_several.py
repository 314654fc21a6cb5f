# SPDX-License-Identifier: Apache-2.0
"""Accesses to several words whose first line hits and whose last one does not, or lies elsewhere."""

import pytest

from tests.board.assembler import assemble
from tests.board.blocks.branching import Code, Side
from tests.board.blocks.test_branches import same

BASE, TURNS = 0x8000, 300
# r2 leads 4, 8 or 12 bytes before the end of a line, which `touch` brings.
ACCESSES = {
    "ldm": ("ldr r5, [r2]", "ldmia r2, {r3, r4}"),
    "ldm of nine": ("ldr r5, [r2]", "ldmia r2, {r1, r3-r6, r8-r11}"),
    "ldmdb": ("ldr r5, [r2, #4]", "add r6, r2, #16", "ldmdb r6, {r3-r5}"),
    "stm": ("str r5, [r2]", "stmia r2, {r3, r4}"),
    "stmdb": ("str r5, [r2]", "add r6, r2, #12", "stmdb r6!, {r3-r5}"),
    "ldrd": ("ldr r5, [r2]", "ldrd r4, r5, [r2]"),
    "strd": ("str r5, [r2]", "strd r4, r5, [r2]"),
    "read before": ("ldr r5, [r2]", "ldr r5, [r2, #8]", "stmia r2, {r3, r4}"),
}


@pytest.fixture(scope="module")
def sides() -> tuple[Side, Side]:
    return Side(0), Side(1)


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
@pytest.mark.parametrize("before", [4, 8, 12])
@pytest.mark.parametrize("name", ACCESSES)
def test_all_is_as_without(sides: tuple[Side, Side], name: str, before: int, thumb: bool) -> None:
    lines = (*ACCESSES[name], "add.w r2, r2, #96" if thumb else "add r2, r2, #96", "eor r5, r5, r2", "subs r0, #1")
    pieces = [bytes(each) for each in assemble(lines, thumb) if isinstance(each, bytes)]
    body = b"".join(pieces)
    assert len(pieces) == len(lines)
    if thumb:
        end = (0xD100 | -(len(body) + 4) >> 1 & 0xFF).to_bytes(2, "little") + b"\x30\xbf"  # bne, wfi
    else:
        end = (0x1A00_0000 | -(len(body) + 8) >> 2 & 0xFF_FFFF).to_bytes(4, "little") + b"\x03\xf0\x20\xe3"
    code = Code(thumb, BASE, body + end, {f"f{number}": 0 for number in range(16)})
    for side in sides:
        side.prepare(code, bytes(range(256)) * 200)
        side.begin(code, TURNS)
        registers = list(side.core.registers)
        registers[2] += 32 - before
        side.core.registers = tuple(registers)
        side.run()
    assert sides[1].made > 100
    same(sides, name)
