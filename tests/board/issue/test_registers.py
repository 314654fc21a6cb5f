# SPDX-License-Identifier: Apache-2.0
"""Tests of which registers an instruction reads and writes, by LLVM's tables: random words of every encoding through Capstone."""

import random
import struct
from collections.abc import Iterator

import capstone
import pytest

from ovm.board.decode.floating import DATA
from ovm.board.decode.instruction import IS_UNDEFINED, IS_UNPREDICTABLE
from ovm.board.decode.pattern import Encoding
from ovm.board.decode.scalar_rows import SCALAR
from ovm.board.decode.simd_unary_memory_rows import ELEMENT_ROWS
from ovm.board.issue.facts import DRAINS, FIRST_D, LAST, Facts
from ovm.board.record import Record
from ovm.metal import offsetof, sizeof
from tests.board.cases import decoded, word_of
from tests.board.issue import describing
from tests.board.processor import Processor
from tests.board.test_operands import TABLES, code_of

SETS = {**TABLES, "vfp": ([*SCALAR], 0), "simd": ([*DATA], 0), "elements": ([*ELEMENT_ROWS], 0)}
WORDS_OF_EACH = 24
JUDGED = 0x7FFF | 0xFFFF_FFFF << FIRST_D
NAMES = {"sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14}
# Data of stores is not waited for, nor are preloads, nor what a predicted branch compares.
NOT_READ_HERE = ("st", "push", "vst", "vpush", "pld", "pli", "cbz", "cbnz")
# Where Capstone leaves operands out that ARM's pseudocode reads: accumulators of 64 bits, a register that shifts, the
# operand that is extended, packed or saturated, both registers of what swaps them, long lists.
LEFT_OUT = ("mlal", "mlsl", "umaal", "xta", "pkh", "sat", "vacg", "vswp", "vtrn", "vuzp", "vzip", "vldm", "fldm")


@pytest.fixture(scope="module")
def core() -> Processor:
    return Processor()


def words_of(table: list[Encoding]) -> Iterator[int]:
    """Words that are always executed."""
    source = random.Random(7)
    for each in table:
        for _ in range(WORDS_OF_EACH):
            word = word_of(source, each)
            if each.pattern.startswith("cccc"):
                word = word & 0x0FFF_FFFF | 0xE000_0000
            if decoded(word, table) is each:
                yield word


def described(core: Processor, words: list[int], halves: int) -> Iterator[tuple[int, int, int, int]]:
    """Word, what it reads, what it writes, and the base that it moves; without those that end a stretch."""
    core.memory.write(core.program.address_of("tests.board.issue.describing.WORDS"), struct.pack(f"<{len(words)}I", *words))
    core.call(describing.describe_words, len(words), halves, 0)
    facts = core.program.address_of("tests.board.issue.describing.FACTS")
    records = core.program.address_of("tests.board.issue.describing.RECORDS")
    for index, word in enumerate(words):
        place = facts + index * sizeof(Facts)
        names = ("reads", "locates", "writes", "updated")
        reads, locates, writes, updated = (core.memory.load(place + offsetof(Facts, name), 8) for name in names)
        ends = core.memory.load(place + offsetof(Facts, "kind"), 4) & (DRAINS | LAST)
        if not ends and core.memory.load(records + index * sizeof(Record), 2) not in (IS_UNDEFINED, IS_UNPREDICTABLE):
            yield word, (reads | locates) & JUDGED, writes & JUDGED, updated & JUDGED


def bits(disassembler: capstone.Cs, registers: list[int]) -> int:
    """Registers as `Facts` has them."""
    found = 0
    for name in map(disassembler.reg_name, registers):
        number = NAMES.get(name, int(name[1:]) if name[1:].isdigit() else -1)
        if name in NAMES or (name[0] == "r" and 0 <= number < 15):
            found |= 1 << number
        elif name[0] in "dsq" and number >= 0:
            found |= {"d": 1 << number, "s": 1 << number // 2, "q": 3 << number * 2}[name[0]] << FIRST_D
    return found


@pytest.mark.parametrize("name", SETS)
def test_registers(core: Processor, name: str) -> None:
    table, halves = SETS[name]
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB if halves else capstone.CS_MODE_ARM)
    disassembler.detail = True
    wrong, judged = [], 0
    for word, reads, writes, base in described(core, list(words_of(table)), halves):
        line = next(disassembler.disasm(code_of(word, halves), 0), None)
        if line is None or "pc" in line.op_str:
            continue
        judged += 1
        read, written = (bits(disassembler, each) for each in line.regs_access())
        missing = read & ~reads if not line.mnemonic.startswith(NOT_READ_HERE) else 0
        known = any(part in line.mnemonic for part in LEFT_OUT) or is_partial(line.op_str)
        more = 0 if known else reads & ~read
        # Capstone knows no base that VLD1 and its kin, or LDRT, move, and has STRT write what it stores.
        written = 0 if line.mnemonic in ("strt", "strbt", "strht") else written
        strange = written & ~(writes | base) | (0 if known else writes & ~written)
        if missing or more or strange or base & ~read:
            wrong.append(f"{word:08x} {line.mnemonic} {line.op_str}: {missing:x} {more:x} {strange:x}")
    assert not wrong
    assert judged > 100


def is_partial(operands: str) -> bool:
    """Tell whether a register shifts, or a lane is loaded or an operand."""
    shifted = any(f"{kind} {letter}" in operands for kind in ("lsl", "lsr", "asr", "ror") for letter in "rsfil")
    scalar = operands[-1:] == "]" and operands.startswith(("d", "q"))
    return shifted or scalar or operands.startswith("{") and "]," in operands.split("}")[0] + ","
