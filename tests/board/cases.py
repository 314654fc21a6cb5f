# SPDX-License-Identifier: Apache-2.0
"""Random cases: an instruction from the decoder's own table in a random state."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ovm.board.decode.pattern import Encoding

CODE = 0x8000
WINDOW = 0x1_0000
WINDOW_BYTES = 0x1_0000
# CPSR bits of the last instruction of an IT AL block. Where a condition fails Unicorn goes on to the next instruction.
LAST_OF_IT = (0xE8 >> 2) << 10
# Behind a branch in an IT block Unicorn executes one instruction more.
MAY_BRANCH = frozenset({"b", "bl", "bx", "blx", "bxj", "ldr", "ldm", "pop", "tbb", "tbh", "add", "mov", "cbz", "cbnz"})
# Other instruction sets, states that only a system has, and waiting: judged by tests of their own.
SYSTEM = frozenset(
    ("svc", "smc", "bkpt", "mrs", "msr", "cps", "setend", "srs", "rfe")
    + ("wfi", "wfe", "sev", "yield", "it", "vfp", "mcr", "mrc", "simd")
)


@dataclass(frozen=True)
class Case:
    """One instruction and what it meets."""

    name: str
    word: int
    size: int
    registers: tuple[int, ...]
    flags: int
    thumb: bool = False


def word_of(source: random.Random, each: Encoding) -> int:
    """An instruction of an encoding; one in 16 has a bit that should be otherwise."""
    free = (1 << len(each.pattern)) - 1 & ~each.mask & ~each.should
    word = each.value | each.should_value | source.getrandbits(len(each.pattern)) & free
    if each.pattern.startswith("cccc"):
        condition = 14 if source.random() < 0.7 else source.randrange(15)
        word = word & 0x0FFF_FFFF | condition << 28
    return word


def value_of(source: random.Random) -> int:
    """A register: often an address in the window, often near a limit of arithmetic."""
    kind = source.randrange(8)
    if kind < 4:
        return WINDOW + 0x1000 + source.randrange(0, WINDOW_BYTES - 0x2000) & ~(3 if kind < 3 else 0)
    if kind == 4:
        return source.choice((0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x8000, 0xFFFF, 31, 32, 33, 255))
    if kind == 5:
        return source.randrange(64)
    return source.getrandbits(32)


def decoded(word: int, encodings: Sequence[Encoding]) -> Encoding | None:
    """The first encoding that a word matches, as the decoder chooses it."""
    return next((each for each in encodings if word & each.mask == each.value), None)


def is_store_relative_to_pc(word: int) -> bool:
    """T32 stores of one register with Rn = PC: UNDEFINED by the manual, executed by Unicorn (disagreements.md)."""
    return word & 0xFF1F_0000 == 0xF80F_0000


def make(source: random.Random, each: Encoding, encodings: Sequence[Encoding], thumb: bool = False) -> Case | None:
    """A case for an encoding; None where another encoding claims the random word."""
    word = word_of(source, each)
    if decoded(word, encodings) is not each or (thumb and is_store_relative_to_pc(word)):
        return None
    registers = tuple(value_of(source) for _ in range(15))
    flags = source.getrandbits(5) << 27 | source.getrandbits(4) << 16
    if thumb and each.name not in MAY_BRANCH and source.random() < 0.25:
        flags |= LAST_OF_IT
    return Case(each.name, word, len(each.pattern) // 8, registers, flags, thumb)
