# SPDX-License-Identifier: Apache-2.0
"""Tests of what each instruction of random pages costs among its neighbours, against the pipeline in plain Python."""

import random
import re
import struct
from functools import cache

import capstone
import pytest

from ovm.board.parameters import Parameters
from ovm.metal import offsetof
from tests.board.cases import decoded, word_of
from tests.board.issue import describing
from tests.board.issue.cost import pipeline
from tests.board.issue.pipeline import LINE, PAGE, slots, stretch
from tests.board.issue.rules import DRAINS, TIMES, Rule, rule_of
from tests.board.issue.test_facts import facts_of
from tests.board.issue.test_registers import SETS
from tests.board.processor import Processor
from tests.board.test_operands import code_of

AT, PLACES = 0x8000, 700
# Of each instruction set, how often a table is drawn from.
DRAWN = {
    False: {"a32": 12, "vfp": 3, "simd": 2, "elements": 1},
    True: {"t32-narrow": 6, "t32-wide": 6},
}
# Fields of registers; those that name one that others name, too, wait for each other.
FIELD = re.compile(r"nnnn|dddd|mmmm|ssss|aaaa|tttt")
NO_BRANCH = ("b", "bl", "blx", "bx", "bxj", "tbb", "tbh", "cbz", "cbnz")


@pytest.fixture(scope="module")
def core() -> Processor:
    return Processor()


def near(source: random.Random, pattern: str, word: int) -> int:
    """Return the word with three of four registers among the first four."""
    for field in FIELD.finditer(pattern) if source.random() < 0.75 else ():
        word &= ~(0b1100 << (len(pattern) - field.end()))
    return word


@cache
def pool(thumb: bool) -> list[bytes]:
    """Instructions that do not branch, by the tables of the decoder."""
    source, found = random.Random(5), []
    for name, share in DRAWN[thumb].items():
        table, halves = SETS[name]
        words = [(each, near(source, each.pattern, word_of(source, each))) for each in table for _ in range(6)]
        known = [
            code_of(word, halves) for each, word in words if decoded(word, table) is each and not each.name.startswith(NO_BRANCH)
        ]
        found += source.choices(known, k=share * 100)
    return [each for each in found if (line := line_of(each, thumb)) is not None and _wanted(source, line)]


def _wanted(source: random.Random, line: capstone.CsInsn) -> bool:
    """Leave out what changes the flow, and most of what drains the pipeline."""
    if line.mnemonic.startswith(NO_BRANCH) or "pc" in line.op_str:
        return False
    return source.random() < 0.05 or not rule_of(line).kind & DRAINS


@cache
def line_of(code: bytes, thumb: bool) -> capstone.CsInsn | None:
    """Return what Capstone says of an instruction: each by itself, since IT changes what it says of the next ones."""
    if thumb and len(code) == 2 and code[1] == 0xBF and code[0] & 15:
        return None
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB if thumb else capstone.CS_MODE_ARM)
    disassembler.detail = True
    return next(disassembler.disasm(code, 0), None)


def known_in(core: Processor, thumb: bool) -> list[bytes]:
    """Those of the pool that the board doesn't refuse, in an IT block either."""
    codes = pool(thumb)
    accepted = []
    for size in (2, 4):
        those = sorted({each for each in codes if len(each) == size})
        words = [_word(each, thumb) for each in those]
        halves = size // 2 if thumb else 0
        states = (0, 0x08) if thumb else (0,)
        refused = [[each is None for each in facts_of(core, words, halves, state)] for state in states] if words else []
        accepted += [each for each, *bad in zip(those, *refused, strict=True) if not any(bad)]
    return [each for each in codes if each in set(accepted)]


def _word(code: bytes, thumb: bool) -> int:
    """Return the word that the decoder of an instruction set takes."""
    if not thumb:
        return int.from_bytes(code, "little")
    first, *second = struct.unpack(f"<{len(code) // 2}H", code)
    return int(first) if not second else int(first) << 16 | int(second[0])


def branch(thumb: bool, at: int, target: int, source: random.Random) -> bytes:
    """Return a branch or a call, with a condition or without."""
    condition = source.choice((*range(14), 14, 14, 14, 14))
    if not thumb:
        link = source.randrange(3) == 0
        return struct.pack("<I", condition << 28 | 0x0A00_0000 | link << 24 | (target - at - 8) >> 2 & 0xFF_FFFF)
    distance = target - at - 4
    if condition < 14 and -256 <= distance < 256:
        return struct.pack("<H", 0xD000 | condition << 8 | distance >> 1 & 0xFF)
    return struct.pack("<H", 0xE000 | distance >> 1 & 0x7FF)


def program(codes: list[bytes], thumb: bool, source: random.Random) -> tuple[bytes, dict[int, int]]:
    """Return a page of instructions up to its last byte, and the ITSTATE of each one's offset."""
    code, states, state, branches = b"", {}, 0, []
    while len(code) < PAGE:
        at, left = len(code), PAGE - len(code)
        choice = source.random()
        if state & 15 == 0:
            state = 0
        if choice < 0.09 and state == 0:
            branches.append(at)
            made = bytes(2 if thumb else 4)
        elif choice < 0.14 and thumb and state == 0:
            made = bytes([source.choice((*(source.randrange(14) << 4 | mask for mask in range(1, 16)), 0xE8)), 0xBF])
        else:
            made = source.choice(codes)
        if len(made) > left:
            made = made[:left]  # the first half of one that goes on in the next page
        states[at] = state
        is_it = thumb and state == 0 and len(made) == 2 and made[1] == 0xBF and made[0] & 15 != 0
        state = made[0] if is_it else (state & 0xE0) | (state << 1) & 0x1F if state & 7 else 0
        code += made
    for at in branches:
        made = branch(
            thumb, at, source.choice([each for each in states if abs(each - at) < source.choice((24, 130, 270))]), source
        )
        code = code[:at] + made + code[at + len(made) :]
    if thumb and struct.unpack_from("<H", code, PAGE - 2)[0] >> 11 >= 0b11101:
        del states[max(states)]
    return code, states


class Reader:
    """Instructions of a page with their rules; the time of the floating-point unit is the board's, which `vfp` judges."""

    def __init__(self, core: Processor, code: bytes, thumb: bool) -> None:
        self._core, self._code, self._thumb = core, code, thumb
        self._busy: dict[bytes, int] = {}

    def read(self, offset: int, state: int) -> tuple[Rule, int, int] | None:
        first = struct.unpack_from("<H", self._code, offset)[0]
        size = 2 if self._thumb and first >> 11 < 0b11101 else 4
        raw = self._code[offset : offset + size]
        if len(raw) < size:
            return None
        if self._thumb and first >> 8 == 0xBF and first & 15:
            rule = Rule(DRAINS | 4) if state else Rule()
            return rule, 2, first & 0xFF
        return self._rule(raw, state), size, (state & 0xE0) | (state << 1) & 0x1F if state & 7 else 0

    def _rule(self, raw: bytes, state: int) -> Rule:
        line = line_of(raw, self._thumb)
        assert line is not None
        rule = rule_of(line, state)
        if rule.any_busy:
            if raw not in self._busy:
                found = facts_of(self._core, [_word(raw, self._thumb)], 2 if self._thumb else 0, 0)[0]
                assert found is not None
                self._busy[raw] = found["busy"]
            rule.busy = self._busy[raw]
            first, second, third = (each + rule.busy - 1 for each in rule.times)
            rule.times = first, second, third
        return rule


def priced(core: Processor, code: bytes, places: dict[int, int], thumb: bool) -> list[int]:
    """Return what the board says of each place."""
    address = core.program.address_of
    core.memory.write(address("tests.board.issue.describing.CODE"), code)
    packed = [offset | state << 16 for offset, state in places.items()]
    core.memory.write(address("tests.board.issue.describing.PLACES"), struct.pack(f"<{len(packed)}I", *packed))
    core.call(describing.price, len(packed), int(thumb), AT)
    raw = core.memory.read(address("tests.board.issue.describing.SLOTS"), 4 * len(packed))
    return list(struct.unpack(f"<{len(packed)}I", raw))


CASES = (
    (
        4,
        {
            "load_forwarded": 2,
            "load_result": 3,
            "level1_load": 4,
            "shift_result": 2,
            "multiply_result": 4,
            "multiply_half_result": 3,
        },
        0,
    ),
    (
        7,
        {
            "load_forwarded": 1,
            "load_result": 5,
            "level1_load": 9,
            "shift_result": 3,
            "multiply_result": 11,
            "multiply_half_result": 6,
        },
        0,
    ),
    (
        16,
        {
            "load_forwarded": 20,
            "load_result": 31,
            "level1_load": 47,
            "shift_result": 4,
            "multiply_result": 26,
            "multiply_half_result": 9,
        },
        0,
    ),
    (
        2,
        {
            "load_forwarded": 1,
            "load_result": 2,
            "level1_load": 2,
            "shift_result": 1,
            "multiply_result": 1,
            "multiply_half_result": 1,
        },
        1,
    ),
    (
        0,
        {
            "load_forwarded": 2,
            "load_result": 3,
            "level1_load": 4,
            "shift_result": 2,
            "multiply_result": 4,
            "multiply_half_result": 3,
        },
        0,
    ),
)


@pytest.mark.parametrize("thumb", [False, True])
@pytest.mark.parametrize(("window", "times", "stale"), CASES)
def test_each_instruction_of_a_page(
    core: Processor, monkeypatch: pytest.MonkeyPatch, window: int, times: dict[str, int], stale: int, thumb: bool
) -> None:
    for name, value in times.items():
        monkeypatch.setitem(TIMES, name, value)
    core.reset()
    pipeline(core, issue_window=window, **times)
    core.memory.store(core.program.address_of("ovm.board.parameters.PARAMETERS") + offsetof(Parameters, "stale_lines"), 4, stale)
    source = random.Random(f"{window} {thumb}")
    codes = known_in(core, thumb)
    assert len(codes) > 500
    wrong, kinds = [], set()
    code, states = program(codes, thumb, source)
    # The last ones of the page, and as many others as there is time for.
    places = {*list(states)[-30:], *source.sample(list(states), min(PLACES, len(states)))}
    states = {offset: state for offset, state in states.items() if offset in places}
    reader = Reader(core, code, thumb)
    for (offset, state), found in zip(states.items(), priced(core, code, states, thumb), strict=True):
        rules = stretch(reader.read, offset, state, LINE if stale else PAGE)
        expected = slots(rules, window)
        kinds.add(expected)
        if found != expected:
            raw = code[offset : offset + 4].hex()
            wrong.append(f"{offset:x} in {state:x}: {raw} takes {found}, not {expected}: {rules[:3]}")
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:20])
    assert len(kinds) > (4 if times["load_result"] > 2 and window else 1)
