# SPDX-License-Identifier: Apache-2.0
"""Blocks end where the interpreter would: at limits, whatever led there, and before what a store has changed."""

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from ovm.board.mmu import maintain
from ovm.board.record import SLOT_BASE
from tests.board.assembler import assemble
from tests.board.blocks.programs import RAM, WINDOW, Program, branch
from tests.board.blocks.sides import Hot
from tests.board.processor import TABLES

CODE, VECTOR = 0x9000, 0x0C
PATCHED = 60


@pytest.fixture(scope="module")
def hot() -> Hot:
    return Hot()


def codes(lines: Sequence[str], thumb: bool) -> list[bytes]:
    found = assemble(lines, thumb)
    assert all(isinstance(each, bytes) for each in found), found
    return [each for each in found if isinstance(each, bytes)]


def code(*lines: str) -> bytes:
    return b"".join(codes(lines, False))


def program_of(content: bytes, thumb: bool, **registers: int) -> Program:
    """Code from CODE on."""
    values = tuple(registers.get(f"r{number}", 0) for number in range(15))
    return Program(thumb, CODE, content, CODE, 0, bytes(RAM - WINDOW), values, 0)


def program(*lines: str, **registers: int) -> Program:
    """A32 from CODE on."""
    return program_of(code(*lines), False, **registers)


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


@dataclass(frozen=True)
class Wording:
    """The same loop in one of the instruction sets; the first of `added` is replaced by the second."""

    added: tuple[str, str]
    plain: str
    count: str
    store: tuple[str, ...]
    swap: tuple[str, ...]
    wait: bytes


SETS = {
    False: Wording(
        ("add r4, r4, r9", "add r4, r4, r10"),
        "add r1, r1, r9",
        "subs r7, r7, #1",
        ("streq r5, [r8]",),
        ("moveq r7, #50", "eoreq r5, r5, r6", "addeq r3, r3, r4", "subs r12, r12, #1"),
        struct.pack("<I", 0xE320_F003),
    ),
    True: Wording(
        ("add r4, r9", "add r4, r10"),
        "add r1, r9",
        "subs r7, #1",
        ("it eq", "strheq r5, [r8]"),
        ("ittt eq", "moveq r7, #50", "eoreq r5, r6", "addeq r3, r4", "subs.w r12, r12, #1"),
        struct.pack("<H", 0xBF30),
    ),
}


def patching(source: random.Random, thumb: bool) -> Program:
    """Return a loop that replaces one of its instructions every 50 turns, anywhere before or behind the store."""
    wording, lead, length = SETS[thumb], source.randrange(16), source.randrange(2, 30)
    lines = [wording.plain] * lead + [wording.count]
    body = [wording.plain] * length
    body[source.randrange(length)] = wording.added[0]
    store = source.randrange(length)
    lines += [*body[:store], *wording.store, *body[store:], *wording.swap]
    content = codes(lines, thumb)
    places = [sum(len(each) for each in content[:number]) for number in range(len(content) + 1)]
    first, second = (int.from_bytes(each, "little") for each in codes(wording.added, thumb))
    names = {"r5": second, "r6": first ^ second, "r7": 50, "r8": CODE + places[lines.index(wording.added[0])]}
    whole = b"".join(content) + branch(thumb, 1, places[lead] - places[-1]) + wording.wait
    return program_of(whole, thumb, **names, r9=1, r10=0xFFFF_FFFD, r12=1000)


@pytest.mark.parametrize("thumb", [False, True])
def test_a_store_to_its_own_loop(hot: Hot, thumb: bool) -> None:
    source = random.Random(5)
    for _ in range(PATCHED):
        changing = patching(source, thumb)
        fast, made = hot.run(changing, 1), hot.bytes()
        plain = hot.run(changing, 0)
        assert made > 1000
        assert replace(fast, blocks=0) == plain
        # 500 turns with each of the two, except the turn of the first store or the last.
        assert (plain.outcome.registers[4] + 1000) & 0xFFFF_FFFF in (0, 4, 0xFFFF_FFFC)
