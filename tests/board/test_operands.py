# SPDX-License-Identifier: Apache-2.0
"""The operands of every encoding, judged by LLVM.

Random words of each encoding are decoded here, the records written out as assembly (render.py), and that assembled by
LLVM for Cortex-A9. The result must be the word again, or one that LLVM's tables (Capstone) print alike: an immediate
can have several encodings, and offset +0 is as good as -0.
"""

import random
import re
import struct
from collections import Counter
from collections.abc import Sequence

import capstone
import pytest

from ovm.board.decode.instruction import IS_UNDEFINED, IS_UNPREDICTABLE
from ovm.board.decode.pattern import Encoding
from ovm.board.decode.tables import CONDITIONAL, NARROW, UNCONDITIONAL, WIDE
from ovm.board.execute.table import HANDLERS
from ovm.board.record import Record
from ovm.metal import sizeof
from tests.board import decoding
from tests.board.assembler import assemble
from tests.board.cases import decoded, word_of
from tests.board.processor import Processor
from tests.board.render import render
from tests.board.render_parts import Decoded

# Table, halfwords in a word of it (0: A32).
TABLES = {
    "a32": ([*CONDITIONAL], 0),
    "a32-unconditional": ([*UNCONDITIONAL], 0),
    "t32-narrow": ([*NARROW], 1),
    "t32-wide": ([*WIDE], 2),
}
WORDS_OF_EACH = 24
RANDOM_WORDS = 8000
# Not of the core: test_vfp and test_cp15 judge these.
ELSEWHERE = frozenset({"vfp", "simd", "mcr", "mrc"})

# What the core does nothing with, or nothing but take an exception.
NO_OPERANDS = frozenset(("nop", "yield", "wfe", "wfi", "sev", "dbg", "hint", "dmb", "dsb", "isb", "pli", "reserved"))
NO_OPERANDS |= {"svc", "smc", "bkpt", "udf", "it"}


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


def code_of(word: int, halves: int) -> bytes:
    if halves == 2:
        return struct.pack("<HH", word >> 16, word & 0xFFFF)
    return struct.pack("<H" if halves == 1 else "<I", word)


def decode(core: Processor, words: Sequence[int], halves: int) -> list[Decoded | int]:
    """Records of words, or the number of the handler that refuses them."""
    place = core.program.address_of("tests.board.decoding.WORDS")
    core.memory.write(place, struct.pack(f"<{len(words)}I", *words))
    core.call(decoding.decode_words, len(words), 0x1F3 if halves else 0x1D3, halves)
    size = sizeof(Record)
    raw = bytes(core.memory.read(core.program.address_of("tests.board.decoding.RECORDS"), len(words) * size))
    return [_decoded(raw[at : at + size], halves) for at in range(0, len(raw), size)]


def _decoded(record: bytes, halves: int) -> Decoded | int:
    number, condition, step, rd, rn, rm, ra, imm, aux = struct.unpack_from("<HBBBBBBIH", record)
    if number in (IS_UNDEFINED, IS_UNPREDICTABLE):
        return int(number)
    return Decoded(HANDLERS[number], condition & 15 ^ 14, rd, rn, rm, ra, imm, aux, halves > 0, halves == 2)


def words_of(each: Encoding, table: Sequence[Encoding], source: random.Random) -> list[int]:
    found = [word_of(source, each) for _ in range(WORDS_OF_EACH * 3)]
    if each.pattern.endswith("mmmm") and each.pattern[12:16] == "mmmm":
        # Rm is there twice, and must be the same.
        found = [word & ~0xF0000 | (word & 15) << 16 for word in found]
    return [word for word in found if decoded(word, table) is each][:WORDS_OF_EACH]


def printed(disassembler: capstone.Cs, code: bytes) -> str:
    """Return what LLVM's tables print, with what is only spelling made equal."""
    lines = list(disassembler.disasm(code, 0x8000))
    if len(lines) != 1 or lines[0].size != len(code):
        return ""
    text = f"{lines[0].mnemonic.removesuffix('.w')} {lines[0].op_str}"
    text = re.sub(r"#(-?(?:0x)?[0-9a-f]+)", lambda match: f"#{int(match[1], 0)}", text)
    text = re.sub(r"#(\d+), #(\d+)$", _rotated, text)
    text = re.sub(r", #0\b", "", text)
    text = re.sub(r"^(\w+ )(\w+), \2, ", r"\1\2, ", text)
    return re.sub(r"^(mov|add|sub)w|^(bx)j", r"\1\2", text)


def _rotated(match: re.Match[str]) -> str:
    value, rotation = int(match[1]), int(match[2])
    return f"#{(value >> rotation | value << 32 - rotation) & 0xFFFF_FFFF}"


@pytest.mark.parametrize("name", TABLES)
def test_operands(processor: Processor, name: str) -> None:
    table, halves = TABLES[name]
    source = random.Random(7)
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB if halves else capstone.CS_MODE_ARM)
    pairs = [(each, word) for each in table if each.name not in ELSEWHERE for word in words_of(each, table, source)]
    records = decode(processor, [word for _, word in pairs], halves)
    cases = []
    for (each, word), record in zip(pairs, records, strict=True):
        text = None if isinstance(record, int) else render(record)
        if text is not None:
            cases.append((each, word, text))
    tally: Counter[str] = Counter()
    wrong, seen = [], set()
    for (each, word, text), made in zip(cases, assemble([text for _, _, text in cases], halves > 0), strict=True):
        code = code_of(word, halves)
        if made == code:
            tally["equal"] += 1
        elif isinstance(made, bytes) and printed(disassembler, made) == printed(disassembler, code):
            tally["printed alike"] += 1
        else:
            wrong.append(
                f"{each.name} {word:08x} {text}: {made if isinstance(made, str) else made.hex()}; {printed(disassembler, code)}"
            )
            continue
        seen.add(each.pattern)
    print(name, dict(tally))
    assert not wrong, "\n".join(wrong[:40])
    unseen = {each.name for each in table if each.pattern not in seen} - ELSEWHERE - NO_OPERANDS
    assert not unseen


@pytest.mark.parametrize("name", TABLES)
def test_undefined(processor: Processor, name: str) -> None:
    """LLVM doesn't have for a Cortex-A9 what is UNDEFINED here, and the other way round."""
    table, halves = TABLES[name]
    source = random.Random(9)
    words = [any_word(source, name) for _ in range(RANDOM_WORDS)]
    words = [word for word in words if (found := decoded(word, table)) is None or found.name not in ELSEWHERE]
    words = [word for word in words if not is_coprocessor(word, name)]
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB if halves else capstone.CS_MODE_ARM)
    records = decode(processor, words, halves)
    doubtful, more = [], []
    for word, record in zip(words, records, strict=True):
        text = printed(disassembler, code_of(word, halves))
        if record == IS_UNDEFINED and text:
            doubtful.append((word, text))
        elif isinstance(record, Decoded) and not text:
            more.append(word)
    judged = assemble([text for _, text in doubtful], halves > 0)
    wrong = [f"{word:08x} {text}" for (word, text), made in zip(doubtful, judged, strict=True) if isinstance(made, bytes)]
    print(name, len(words), "words,", len(doubtful), "that LLVM has for other cores")
    assert not [text for text in wrong if " udf " not in text]
    assert len(doubtful) < RANDOM_WORDS // 100
    assert not [f"{word:08x}" for word in more if decoded(word, table) is None or not is_hint(word, name)]


def any_word(source: random.Random, name: str) -> int:
    word = source.getrandbits(32)
    if name == "a32":
        return word & 0x0FFF_FFFF | 0xE000_0000
    if name == "a32-unconditional":
        return word | 0xF000_0000
    return word % 0xE800 if name == "t32-narrow" else word | (0xE800_0000 if word & 0x1800_0000 else 0xF000_0000)


def is_hint(word: int, name: str) -> bool:
    """Hints without a name: A32 by ARM A5.7.1, T32 loads of bytes and halfwords to the PC by ARM A6.3.8, A6.3.9."""
    if name == "a32-unconditional":
        return word & 0x0D70_0000 == 0x0410_0000
    return name == "t32-wide" and word & 0xFE10_F000 == 0xF810_F000


def is_coprocessor(word: int, name: str) -> bool:
    if name == "t32-wide":
        return word >> 26 & 0x3B == 0x3B
    return name != "t32-narrow" and word >> 26 & 3 == 3 and word >> 24 & 15 != 15
