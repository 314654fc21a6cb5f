# SPDX-License-Identifier: Apache-2.0
"""Random words of a decoder's rows, and which rows random cases leave out."""

import random
from collections.abc import Sequence

from ovm.board.decode.pattern import Encoding

# Behind a branch in an IT block Unicorn executes one instruction more.
MAY_BRANCH = frozenset({"b", "bl", "bx", "blx", "bxj", "ldr", "ldm", "pop", "tbb", "tbh", "add", "mov", "cbz", "cbnz"})
# Other instruction sets, states that only a system has, and waiting: judged by tests of their own.
SYSTEM = frozenset(
    ("svc", "smc", "bkpt", "mrs", "msr", "cps", "setend", "srs", "rfe")
    + ("wfi", "wfe", "sev", "yield", "it", "vfp", "mcr", "mrc", "simd")
)


def word_of(source: random.Random, each: Encoding) -> int:
    """Return an instruction of an encoding, its bits as they should be; three in ten with another condition than AL."""
    free = (1 << len(each.pattern)) - 1 & ~each.mask & ~each.should
    word = each.value | each.should_value | source.getrandbits(len(each.pattern)) & free
    if each.pattern.startswith("cccc"):
        condition = 14 if source.random() < 0.7 else source.randrange(15)
        word = word & 0x0FFF_FFFF | condition << 28
    return word


def decoded(word: int, encodings: Sequence[Encoding]) -> Encoding | None:
    """Return the first encoding that a word matches, as the decoder chooses it."""
    return next((each for each in encodings if word & each.mask == each.value), None)
