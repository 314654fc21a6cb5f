# SPDX-License-Identifier: Apache-2.0
"""Random words that may stand anywhere in a program, by the handler that they decode to.

What registers are for is in `roles`.
"""

import random
import re
import struct
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ovm.board.decode.pattern import Encoding
from ovm.board.decode.tables import CONDITIONAL, NARROW, WIDE
from ovm.board.execute import multiple
from ovm.board.execute.table import HANDLERS
from ovm.board.record import RECORD_BYTES, Record
from ovm.metal import offsetof
from tests.board.blocks import making
from tests.board.blocks.roles import BASES, DATA, EDGE, INDEX, LIST, STACK, Decoded, is_good, is_transfer
from tests.board.cases import SYSTEM
from tests.board.decoding import MOST
from tests.board.processor import Processor

_BRANCHES = frozenset({"b", "bl", "bx", "blx", "bxj", "tbb", "tbh", "cbz", "cbnz"})
_RARE = ("ldrd", "strd")  # of whose A32 words few are good
_OTHERS = ("ldrex", "strex", "swp", "clrex", "udf", "hint", "dbg", "dsb", "dmb", "isb")
Kind = tuple[Any, int]


@dataclass(frozen=True)
class Word:
    """An instruction: its size in bytes, which handler it has, and whether a block takes it."""

    word: int
    size: int
    kind: Kind
    may_fault: bool
    made: bool
    keeps_link: bool  # r14 is not what it writes
    keeps_stack: bool  # the stack is not where it stores

    @property
    def code(self) -> bytes:
        """As it lies in memory."""
        if self.size == 4 and self.word >> 32:
            return struct.pack("<2H", self.word >> 16 & 0xFFFF, self.word & 0xFFFF)
        return struct.pack("<I" if self.size == 4 else "<H", self.word)


def _fields(pattern: str) -> list[tuple[str, int, int]]:
    """Runs of a letter, with their lowest bit and width."""
    runs = re.finditer(r"([a-z])\1*", pattern)
    return [(run[1], len(pattern) - run.end(), run.end() - run.start()) for run in runs]


def draw(source: random.Random, each: Encoding, transfer: bool) -> int:
    """Return a word of an encoding whose registers have their roles as far as the pattern tells."""
    word = each.value | each.should_value | source.getrandbits(len(each.pattern)) & ~(each.mask | each.should)
    word &= (1 << len(each.pattern)) - 1
    for letter, low, width in _fields(each.pattern):
        narrow = 8 if width == 3 else 16
        choices: Sequence[int] = ()
        if width in (3, 4) and letter in "dat":
            choices = DATA
        elif width in (3, 4) and letter == "n":
            choices = BASES if transfer else range(16)
        elif width in (3, 4) and letter == "m" and transfer:
            choices = INDEX
        elif letter == "r" and width > 4:
            word &= ~((1 << width) - 1 << low & ~LIST) | 0x2_0000_0000
            continue
        elif letter == "i" and width == 5 and source.randrange(3) == 0:
            word &= ~(31 << low)  # no shift
            continue
        elif letter == "c":
            choices = (14,) * 20 + tuple(range(14))
        choices = [number for number in choices if number < narrow]
        if choices:
            word = word & ~((1 << width) - 1 << low) | source.choice(choices) << low
    return word & (1 << len(each.pattern)) - 1


def _decode(core: Processor, words: list[int], status: int, halves: int) -> list[tuple[Decoded, bool]]:
    """Return what ours makes of words."""
    assert len(words) <= MOST
    program = core.program
    core.memory.write(program.address_of("tests.board.decoding.WORDS"), struct.pack(f"<{len(words)}I", *words))
    core.call(making.make_words, len(words), status, halves)
    raw = core.memory.read(program.address_of("tests.board.decoding.RECORDS"), len(words) * RECORD_BYTES)
    made = core.memory.read(program.address_of("tests.board.blocks.making.MADE"), len(words))
    order = ("handler", "rd", "rn", "rm", "ra", "imm", "aux", "step")
    places = [(offsetof(Record, name), name) for name in order]
    formats = {"handler": "<H", "aux": "<H", "imm": "<I"}
    found = []
    for index in range(len(words)):
        fields = {name: struct.unpack_from(formats.get(name, "<B"), raw, index * RECORD_BYTES + at)[0] for at, name in places}
        found.append((Decoded(**fields), made[index] != 0))
    return found


def _keeps_link(record: Decoded, kind: Kind) -> bool:
    listed = kind[0] is multiple.load_multiple and record.imm >> 14 & 1
    return record.rd != 14 and record.ra != 14 and not listed


class Pool:
    """Good words by handler."""

    def __init__(self, core: Processor, thumb: bool, seed: int, count: int = MOST) -> None:
        source = random.Random(seed)
        self.by_kind: dict[Kind, list[Word]] = defaultdict(list)
        rare = [each for each in CONDITIONAL if each.name in _RARE]
        tables = [(NARROW, 1, 2), (WIDE, 2, 4)] if thumb else [(CONDITIONAL, 0, 4)] * 2 + [(rare, 0, 4)]
        for table, halves, size in tables:
            rows = [each for each in table if not self._is_left_out(each)]
            words = [self._draw(source, source.choice(rows), halves) for _ in range(count)]
            decoded = _decode(core, words, 0x1D3 | thumb << 5, halves)
            for word, (record, made) in zip(words, decoded, strict=True):
                kind = (HANDLERS[record.handler].function, HANDLERS[record.handler].variant)
                if record.handler > 1 and is_good(record):
                    may_fault = record.rn in EDGE and is_transfer(kind[0])
                    plain = word | 1 << 32 if halves == 2 else word
                    self.by_kind[kind].append(
                        Word(plain, size, kind, may_fault, made, _keeps_link(record, kind), record.rn != STACK)
                    )
        self.functions: dict[Any, list[Kind]] = defaultdict(list)
        for kind in self.by_kind:
            self.functions[kind[0]].append(kind)

    @staticmethod
    def _is_left_out(each: Encoding) -> bool:
        return each.name in SYSTEM | _BRANCHES or each.name.startswith(_OTHERS)

    @staticmethod
    def _draw(source: random.Random, each: Encoding, halves: int) -> int:
        transfer = each.name.startswith(("ldr", "str", "ldm", "stm", "push", "pop"))
        return draw(source, each, transfer)

    def pick(self, source: random.Random, functions: Sequence[Any]) -> Word:
        """Return a word: each function is as likely as another, each variant of it too."""
        return source.choice(self.by_kind[source.choice(self.functions[source.choice(functions)])])
