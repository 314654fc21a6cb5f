# SPDX-License-Identifier: Apache-2.0
"""A T32 instruction in two lines of which the second one is not always in the cache."""

import random
import struct

import pytest

from tests.board.blocks.branching import Code, Side
from tests.board.blocks.test_branches import same

BASE, SECOND, WAY = 0x8000, 0x20, 0x2000  # the second line, and how far those lie that share its set
FUNCTIONS = 5
TURNS = 200
NOP, BX_LR, WFI = 0x461B, 0x4770, 0xBF30  # mov r3, r3
# Each lies in both lines.
CROSSING = {
    "add": (0xF104, 0x0401),  # add.w r4, r4, #1
    "taken": (0xF040, 0x800F),  # bne.w to the line behind
    "not taken": (0xF080, 0x800F),  # bhs.w
    "load": (0xF8D7, 0x4000),  # ldr.w r4, [r7]
}
IT_EQ_CMP, IT_NE = (0xBF04, 0x2A07), (0xBF18,)  # itt eq; cmpeq r2, #7


@pytest.fixture(scope="module")
def sides() -> tuple[Side, Side]:
    return Side(0), Side(1)


def call(source: int, target: int) -> tuple[int, int]:
    """BL between two offsets from BASE."""
    offset = target - source - 4
    return 0xF000 | offset >> 12 & 0x3FF, 0xF800 | offset >> 1 & 0x7FF


def program(source: random.Random, crossing: tuple[int, int], it: tuple[int, ...]) -> Code:
    """Return a loop of which each turn calls some of the functions whose lines push out the second one."""
    code = [NOP] * (FUNCTIONS * WAY // 2 + 64)
    before = [0x3001, 0x2A07]  # adds r0, #1; cmp r2, #7
    before += [NOP] * (15 - len(before) - len(it))
    code[: len(before) + len(it)] = [*before, *it]
    code[15:17] = crossing
    at = 64
    for _ in range(FUNCTIONS + 1):
        code[at // 2 : at // 2 + 2] = call(at, SECOND + 14 + WAY * source.randrange(1, FUNCTIONS + 1))
        at += 4
        code[at // 2] = 0x3C01 if source.randrange(2) else NOP  # subs r4, #1
        at += 2
    code[at // 2 : at // 2 + 3] = [0x3901, 0xD000 | 1 << 8 | -(at + 6) >> 1 & 0xFF, WFI]  # subs r1, #1; bne
    for number in range(1, FUNCTIONS + 1):
        code[(SECOND + 14 + WAY * number) // 2] = BX_LR
    return Code(True, BASE, struct.pack(f"<{len(code)}H", *code), {f"f{number}": 0 for number in range(16)})


CASES = [(name, it) for name in CROSSING for it in ((), IT_NE, IT_EQ_CMP) if not it or name in ("add", "load")]


@pytest.mark.parametrize(("name", "it"), CASES)
def test_the_second_line_is_looked_at(sides: tuple[Side, Side], name: str, it: tuple[int, ...]) -> None:
    code = program(random.Random(name), CROSSING[name], it)
    for side in sides:
        side.prepare(code, bytes(64))
        side.begin(code, 0)
        registers = list(side.core.registers)
        registers[1:3] = [TURNS, 7 if it == IT_EQ_CMP else 3]
        side.core.registers = tuple(registers)
        side.run()
    assert sides[1].made > 200
    same(sides, name)
