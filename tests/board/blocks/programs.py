# SPDX-License-Identifier: Apache-2.0
"""Random programs: a loop of words from a pool, with branches, calls, IT blocks, and bases that move with the turns."""

import random
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from ovm.board.execute import data, media, multiple, multiply, single
from tests.board.assembler import assemble
from tests.board.blocks.pool import Pool, Word

RAM = 0x40_0000
WINDOW = 0x3F_8000  # to the end of RAM, behind which nothing is
TURNS = 75  # more than an instruction is executed until its block is made
VECTOR = 0x10
_PAGE = 0x9000
# Each turn: bases at other places, the unaligned ones across two pages in the course of the loop.
_HEAD = (
    ("movw r5, #0xE000", "movt r5, #0x3F", "add r5, r5, r12, lsl #3", "add r5, r5, r12", "sub r10, r5, #0x40")
    + ("movw r6, #0xE800", "movt r6, #0x3F", "add r6, r6, r12, lsl #3", "mov r11, r6", "sub r8, r6, #0x5800", "mov sp, r8")
    + ("movw r7, #0xFFFC", "movt r7, #0x3F", "sub r7, r7, r12, lsl #2", "and r4, r12, #31", "mov r9, r4")
)
_FOOT = ("mrs r8, cpsr", "sub r9, r6, #0x200", "str r8, [r9]", "subs r12, r12, #1")
# Data aborts are returned from behind the instruction, narrow or wide.
_HANDLER = {
    False: ("subs pc, lr, #4",),
    True: ("ldrh sp, [lr, #-8]", "mov sp, sp, lsr #11", "cmp sp, #0x1D", "sublo lr, lr, #2", "subs pc, lr, #4"),
}
# What blocks take.
FORMS = (
    *(data.data_immediate, data.data_register, data.data_shifted, data.data_shifted_flags, data.data_by_register, data.move_wide),
    *(single.load_offset, single.store_offset, single.load_indexed, single.store_indexed, single.load_any, single.store_any),
    *(single.load_pair, single.store_pair, multiple.load_multiple, multiple.store_multiple),
    *(multiply.multiply, multiply.multiply_long, media.extend, media.reverse, media.bit_field, media.bit_field_insert),
)


@dataclass(frozen=True)
class Program:
    """Code at an address; it ends at `end`, where a WFI is."""

    thumb: bool
    place: int
    code: bytes
    entry: int
    end: int
    data: bytes
    registers: tuple[int, ...]
    made: int  # its instructions that blocks take
    predicts: bool = True  # SCTLR.Z


@cache
def fixed(lines: Sequence[str], thumb: bool) -> tuple[bytes, ...]:
    """Return the code of some lines."""
    found = assemble(lines, thumb)
    assert all(isinstance(each, bytes) for each in found), found
    return tuple(each for each in found if isinstance(each, bytes))


def handler(thumb: bool) -> bytes:
    """Return what lies at the vector of data aborts."""
    return b"".join(fixed(_HANDLER[thumb], False))


def branch(thumb: bool, condition: int, distance: int) -> bytes:
    """B<c> from its own address + `distance`; wide if need be."""
    offset = distance - (4 if thumb else 8)
    if not thumb:
        return struct.pack("<I", condition << 28 | 0x0A00_0000 | offset >> 2 & 0xFF_FFFF)
    if condition == 14 and -2048 <= offset < 2048:
        return struct.pack("<H", 0xE000 | offset >> 1 & 0x7FF)
    if condition != 14 and -256 <= offset < 256:
        return struct.pack("<H", 0xD000 | condition << 8 | offset >> 1 & 0xFF)
    assert condition != 14 and -(1 << 20) <= offset < 1 << 20
    sign, bits = int(offset < 0), offset >> 1
    halves = (0xF000 | sign << 10 | condition << 6 | bits >> 11 & 0x3F, 0x8000 | sign << 13 | sign << 11 | bits & 0x7FF)
    return struct.pack("<2H", *halves)


def _call(thumb: bool, distance: int) -> bytes:
    """BL to its own address + `distance`."""
    if not thumb:
        return struct.pack("<I", 0xEB00_0000 | (distance - 8) >> 2 & 0xFF_FFFF)
    sign, bits = int(distance - 4 < 0), (distance - 4) >> 1
    return struct.pack("<2H", 0xF000 | sign << 10 | bits >> 11 & 0x3FF, 0xF800 | bits & 0x7FF)


class Builder:
    """Puts a program together, piece by piece."""

    def __init__(self, pool: Pool, thumb: bool, seed: int, wild: bool) -> None:
        self.pool, self.thumb, self.wild = pool, thumb, wild
        self.source = random.Random(seed)
        self.unit = 2 if thumb else 4
        self.made = 0
        self.code = b""
        self.known = [each for each in FORMS if each in pool.functions]
        self.others = [each for each in pool.functions if each not in FORMS]
        # Half of the programs have no word but those that blocks take, as far as the handler tells.
        self.strange = self.source.choice((0, 12))

    def word(self, may_fault: bool = True) -> Word:
        """Some instruction."""
        while True:
            functions = self.others if self.source.randrange(100) < self.strange else self.known
            word = self.pool.pick(self.source, functions)
            if not word.may_fault or may_fault and self.source.randrange(4) == 0:
                self.made += word.made
                return word

    def straight(self, count: int) -> bytes:
        """Some instructions."""
        return b"".join(self.word().code for _ in range(count))

    def kept(self, keeps: Callable[[Word], bool]) -> bytes:
        """Some instructions that leave something alone."""
        words = [self.word() for _ in range(self.source.randrange(1, 8))]
        return b"".join(each.code for each in words if keeps(each))

    def _if_then(self) -> bytes:
        """Return an IT block. Unless it is wild its instructions take no abort: the way back has the ITSTATE of before."""
        length, condition = self.source.randrange(1, 5), self.source.randrange(14)
        mask = self.source.randrange(16) >> (5 - length) << (5 - length) | 1 << (4 - length)
        words: list[bytes] = []
        while len(words) < length:
            each = self.word(self.wild)
            if each.size == 4 or each.word >> 6 != 0:  # MOVS Rd, Rm may not be there
                words.append(each.code)
        return struct.pack("<H", 0xBF00 | condition << 4 | mask & 15) + b"".join(words)

    def _compare_branch(self, skipped: bytes) -> bytes:
        """CBZ or CBNZ over something."""
        offset = len(skipped) - 2
        word = 0xB100 | self.source.randrange(2) << 11 | (offset >> 6 & 1) << 9 | (offset >> 1 & 31) << 3
        return struct.pack("<H", word | self.source.randrange(4)) + skipped

    def _by_register(self, skipped: bytes) -> bytes:
        """BX or BLX over something, by an address from the PC."""
        link = self.source.randrange(2)
        if self.thumb:
            # mov r14, pc; addw r14, r14, #..; bx or blx r14
            distance = len(skipped) + 4 + 1 + 0
            return struct.pack("<4H", 0x46FE, 0xF20E, 0x0E00 | distance, 0x4770 | link << 7) + skipped
        # add r14, pc, #..; bx, blx r14 or mov pc, r14
        leave = self.source.choice((0xE12F_FF1E, 0xE12F_FF3E, 0xE1A0_F00E))
        return struct.pack("<2I", 0xE28F_E000 | len(skipped), leave) + skipped

    def piece(self, routines: Sequence[int]) -> None:
        """Add one more piece."""
        kind = self.source.randrange(13)
        skipped = self.straight(self.source.randrange(1, 6))
        if kind < 6:
            self.code += skipped
        elif kind < 8:
            size = 2 if self.thumb else 4
            self.code += branch(self.thumb, self.source.randrange(15), size + len(skipped)) + skipped
        elif kind == 8 and routines:
            self.code += _call(self.thumb, self.source.choice(routines) - len(self.code))
        elif kind == 9 and self.thumb:
            self.code += self._if_then()
        elif kind == 10 and self.thumb and len(skipped) >= 2:
            self.code += self._compare_branch(skipped)
        elif kind == 11:
            self.code += self._by_register(skipped)
        elif kind == 12:
            saved = self._saved() | 5
            self.code += self._listed(0, saved) + self.kept(lambda word: word.keeps_stack) + self._listed(1, saved)

    def _listed(self, load: int, registers: int) -> bytes:
        """PUSH or POP of some registers, r14 among them or the PC."""
        if self.thumb and registers & 0xFF00 == (0x8000 if load else 0x4000) and self.source.randrange(2):
            return struct.pack("<H", 0xB400 | load << 11 | 1 << 8 | registers & 0xFF)
        base = 0xE8BD_0000 if load else 0xE92D_0000
        word = base | registers
        return struct.pack("<2H", word >> 16, word & 0xFFFF) if self.thumb else struct.pack("<I", word)

    def _saved(self) -> int:
        """Some registers for a stack."""
        return sum(1 << number for number in (0, 1, 2, 3, 4, 8, 10) if self.source.randrange(3) == 0)

    def stacked_routine(self) -> int:
        """Return a routine that comes back by what it has put on the stack."""
        place, saved = len(self.code), self._saved() | 1
        self.code += self._listed(0, saved | 1 << 14)
        self.code += self.kept(lambda word: word.keeps_stack)
        self.code += self._listed(1, saved | 1 << 15)
        return place

    def routine(self) -> int:
        """Return a routine that leaves r14 alone, by its place."""
        if self.source.randrange(2):
            return self.stacked_routine()
        place = len(self.code)
        self.code += self.kept(lambda word: word.keeps_link)
        self.code += struct.pack("<H", 0x4770) if self.thumb else struct.pack("<I", 0xE12F_FF1E)
        return place


def build(pool: Pool, thumb: bool, seed: int, wild: bool = False) -> Program:
    """Return a program; a wild one may come to what is UNPREDICTABLE."""
    builder = Builder(pool, thumb, seed, wild)
    source = builder.source
    routines = [builder.routine() for _ in range(source.randrange(3))]
    entry = len(builder.code)
    builder.code += b"".join(fixed(_HEAD, thumb))
    for _ in range(source.randrange(3, 40)):
        builder.piece(routines)
    builder.code += b"".join(fixed(_FOOT, thumb))
    builder.code += branch(thumb, 1, entry - len(builder.code))
    end = len(builder.code)
    builder.code += struct.pack("<2H", 0xBF30, 0xBF30) if thumb else struct.pack("<I", 0xE320_F003)
    # Anywhere in a line, and often across the end of a page.
    place = _PAGE + source.choice((0, -source.randrange(end))) & -builder.unit
    registers = [source.choice((source.getrandbits(32), source.randrange(64), 0xFFFF_FFFF, 0x8000_0000)) for _ in range(15)]
    registers[12] = TURNS
    data = source.randbytes(RAM - WINDOW)
    return Program(thumb, place, builder.code, place + entry, place + end, data, tuple(registers), builder.made, seed % 5 != 0)
