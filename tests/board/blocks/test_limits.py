# SPDX-License-Identifier: Apache-2.0
"""Blocks end where the interpreter would: at limits, whatever led there."""

from dataclasses import replace

import pytest

from board.assembler import assemble
from board.blocks.programs import RAM, WINDOW, Program
from board.blocks.sides import Hot
from board.processor import TABLES
from ovm.board.mmu import maintain
from ovm.board.record import SLOT_BASE

CODE, VECTOR = 0x9000, 0x0C


@pytest.fixture(scope="module")
def hot() -> Hot:
    return Hot()


def code(*lines: str) -> bytes:
    found = assemble(lines, False)
    return b"".join(each for each in found if isinstance(each, bytes))


def program(*lines: str, **registers: int) -> Program:
    """A32 from CODE on."""
    values = tuple(registers.get(f"r{number}", 0) for number in range(15))
    return Program(False, CODE, code(*lines), CODE, 0, bytes(RAM - WINDOW), values, 0)


# Branches to where nothing is; each Prefetch Abort counts by code that is hot, and branches back.
ABORTS = program("add r0, r0, #1", "add r4, r4, r0", "bx r3", r3=RAM + 0x1000, r8=CODE, r12=80)
HANDLER = code(
    "add r1, r1, #1", "add r2, r2, r1", "eor r2, r2, r1, ror #3", "add r5, r5, r2", "subs r12, r12, #1", "bxne r8", "wfi"
)


@pytest.mark.parametrize("slots", [1, 2, 3, 5, 7, 11, 13, 40])
def test_a_fetch_that_fails_at_the_limit(hot: Hot, slots: int) -> None:
    seen = []
    for allowed in (1, 0):
        hot.prepare(ABORTS, allowed, exception_entry=9)
        hot.core.write(VECTOR, HANDLER)
        stops = []
        while not hot.go(slots):
            stops.append((hot.core.get("slots"), hot.core.get("at"), hot.core.registers))
        assert (hot.made() > 0) == bool(allowed)
        seen.append([*stops, replace(hot.seen(), blocks=0)])
    assert seen[0] == seen[1]


# Code in two megabytes that calls each other.
FAR = 0x20_0000
CALLS = program("add r0, r0, #1", "add r4, r4, r0", "bx r3", r3=FAR, r8=CODE, r12=80)


@pytest.mark.parametrize("slots", [1, 3, 9])
def test_a_page_that_comes_while_its_first_instruction_waits(hot: Hot, slots: int) -> None:
    """It is mapped between the branch there and the fetch, whose walk takes the core past its limit."""
    seen = []
    for allowed in (1, 0):
        hot.prepare(CALLS, allowed, walk_base=50)
        hot.core.write(FAR, HANDLER)
        core, entry = hot.core, TABLES + (FAR >> 20) * 4
        while core.registers[12] > 20 or core.pc != CODE + 8:
            hot.go(1 if core.registers[12] <= 20 else 100)
        known = core.read(entry, 4)
        core.write(entry, bytes(4))
        core.call(maintain.maintain, maintain.ALL, 0)
        while core.pc == CODE + 8:
            hot.go(1)
        assert core.pc == FAR and core.get("page_records") == SLOT_BASE
        core.write(entry, known)
        hot.go(slots)
        assert (hot.made() > 0) == bool(allowed)
        seen.append((core.registers, core.get("slots"), core.get("stalled"), core.pc))
    assert seen[0] == seen[1]
    assert seen[0][3] == FAR


def test_aborts_without_end_come_to_the_limit(hot: Hot) -> None:
    """The vector of Prefetch Aborts lies where nothing is."""
    lost = program("mov r0, #0xE0000000", "mcr p15, 0, r0, c12, c0, 0", "bx r0")
    hot.prepare(lost, 1, exception_entry=9)
    for _ in range(10):
        hot.go(1000)
    assert hot.core.pc == 0xE000_000C
    before = hot.core.get("stalled")
    hot.go(1000)
    assert 500 <= hot.core.get("stalled") - before < 1500
