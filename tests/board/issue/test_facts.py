# SPDX-License-Identifier: Apache-2.0
"""Every fact of random instructions of every encoding, against rules by the instruction's text."""

import random
import struct
from collections.abc import Sequence

import capstone
import pytest

from ovm.board.decode.instruction import IS_UNDEFINED, IS_UNPREDICTABLE
from ovm.board.issue.facts import Facts
from ovm.board.record import Record
from ovm.metal import offsetof, sizeof
from tests.board.cases import decoded, word_of
from tests.board.issue import describing
from tests.board.issue.cost import pipeline
from tests.board.issue.rules import FPSCR, LAST, TIMES, Rule, rule_of
from tests.board.issue.test_registers import JUDGED, SETS
from tests.board.processor import Processor
from tests.board.test_operands import code_of

WORDS_OF_EACH = 24
KNOWN = JUDGED | 1 << 16 | FPSCR
WIDE = ("reads", "locates", "writes", "updated")
NARROW = ("unit", "kind", "onward", "busy", "forwarded", "result", "to_address")
EQUAL, ALWAYS, OUTSIDE = 0x08, 0xE8, 0


@pytest.fixture(scope="module")
def core() -> Processor:
    made = Processor()
    pipeline(made, **TIMES)
    return made


def facts_of(core: Processor, words: Sequence[int], halves: int, state: int) -> list[dict[str, int] | None]:
    """Facts of each word; none if it is refused."""
    core.memory.write(core.program.address_of("tests.board.issue.describing.WORDS"), struct.pack(f"<{len(words)}I", *words))
    core.call(describing.describe_words, len(words), halves, state)
    records = core.program.address_of("tests.board.issue.describing.RECORDS")
    place = core.program.address_of("tests.board.issue.describing.FACTS")
    raw = bytes(core.memory.read(place, len(words) * sizeof(Facts)))
    found: list[dict[str, int] | None] = []
    for index in range(len(words)):
        if core.memory.load(records + index * sizeof(Record), 2) in (IS_UNDEFINED, IS_UNPREDICTABLE):
            found.append(None)
            continue
        base = index * sizeof(Facts)
        each = {name: struct.unpack_from("<Q", raw, base + offsetof(Facts, name))[0] & KNOWN for name in WIDE}
        each |= {name: struct.unpack_from("<I", raw, base + offsetof(Facts, name))[0] for name in NARROW}
        found.append(each)
    return found


def differences(found: dict[str, int], rule: Rule) -> dict[str, tuple[int, int]]:
    """Return what is found and what should be, by name; times matter where results and more instructions follow."""
    later = found["busy"] - 1 if rule.any_busy else 0
    expected = {name: getattr(rule, name) for name in (*WIDE, "unit", "kind", "onward", "busy")}
    if rule.any_busy:
        del expected["busy"]
    if rule.writes and (rule.kind & LAST == 0 or rule.onward != 0):
        expected |= dict(zip(("forwarded", "result", "to_address"), (each + later for each in rule.times), strict=True))
    return {name: (found[name], value) for name, value in expected.items() if found[name] != value}


@pytest.mark.parametrize("name", SETS)
def test_each_fact(core: Processor, name: str) -> None:
    table, halves = SETS[name]
    source = random.Random(11)
    words = [
        word for each in table for word in (word_of(source, each) for _ in range(WORDS_OF_EACH)) if decoded(word, table) is each
    ]
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB if halves else capstone.CS_MODE_ARM)
    disassembler.detail = True
    lines = [next(disassembler.disasm(code_of(word, halves), 0), None) for word in words]
    wrong, judged = [], 0
    for state in (OUTSIDE, EQUAL, ALWAYS) if halves else (OUTSIDE,):
        for word, line, found in zip(words, lines, facts_of(core, words, halves, state), strict=True):
            if line is None or found is None:
                continue
            judged += 1
            different = differences(found, rule_of(line, state))
            if different:
                wrong.append(f"{word:08x} {line.mnemonic} {line.op_str} in {state:x}: {different}")
    assert not wrong, f"{len(wrong)} of {judged}:\n" + "\n".join(wrong[:40])
    assert judged > 100
