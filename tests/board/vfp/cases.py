# SPDX-License-Identifier: Apache-2.0
"""Random cases of VFP and Advanced SIMD: rows of the decoder, numbers near every limit."""

import random
import struct
from collections.abc import Sequence

from ovm.board.decode.pattern import Encoding
from tests.board.batch import WINDOW, WINDOW_BYTES
from tests.board.cases import decoded, word_of

# CPSR bits of the last instruction of an IT AL block.
LAST_OF_IT = (0xE8 >> 2) << 10


def single_of(source: random.Random) -> int:
    """Return a single: often special, often of a size near others."""
    kind = source.randrange(16)
    sign = source.getrandbits(1) << 31
    if kind == 0:
        return sign | source.choice((0, 1, 0x7F_FFFF, 0x80_0000, 0x7F80_0000, 0x7F80_0001, 0x7FC0_0000, 0x7FFF_FFFF, 0x7F7F_FFFF))
    if kind == 1:
        return sign | source.getrandbits(23)
    if kind == 2:
        return sign | 0x7F80_0000 | source.getrandbits(23)
    if kind < 10:
        return sign | (127 + source.randrange(-26, 34)) << 23 | _fraction(source, 23)
    if kind < 12:
        return sign | source.choice((1, 2, 3, 20, 64, 191, 230, 252, 253, 254)) << 23 | _fraction(source, 23)
    if kind == 12:
        return source.choice((0x3F80_0000, 0x4000_0000, 0x4F00_0000, 0x4F80_0000, 0xCF00_0000, 0x4B00_0000, 0x4B00_0001)) ^ sign
    return source.getrandbits(32)


def _fraction(source: random.Random, bits: int) -> int:
    kind = source.randrange(4)
    if kind == 0:
        return (1 << bits) - 1 ^ source.getrandbits(3)
    if kind == 1:
        return source.getrandbits(4) << bits - 4 | source.getrandbits(1)
    return source.getrandbits(bits)


def double_of(source: random.Random) -> int:
    """Return a double, or two singles, or bytes and halfwords near their limits."""
    kind = source.randrange(16)
    sign = source.getrandbits(1) << 63
    if kind < 6:
        return single_of(source) | single_of(source) << 32
    if kind == 6:
        return sign | source.choice((0, 1, 0xF_FFFF_FFFF_FFFF, 0x7FF << 52, 0x7FF << 52 | 1, 0xFFF << 51, (0x7FF << 52) - 1))
    if kind == 7:
        return sign | source.getrandbits(52) >> source.randrange(52)
    if kind < 11:
        return sign | (1023 + source.randrange(-56, 66)) << 52 | _fraction(source, 52)
    if kind == 11:
        exponent = source.choice((1, 2, 30, 512, 1023 - 127, 1023 - 126, 1023 - 149, 1023 + 127, 1023 + 128, 1535, 2045, 2046))
        return sign | exponent << 52 | _fraction(source, 52)
    if kind == 12:
        return sum(source.choice((0, 1, 0x7F, 0x80, 0xFF)) << 8 * index for index in range(8))
    if kind == 13:
        return sum(source.choice((0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7C00, 0x3C01)) << 16 * index for index in range(4))
    if kind == 14:
        return source.getrandbits(6) | source.getrandbits(6) << 32 | source.getrandbits(6) << 16
    return source.getrandbits(64)


def fpscr_of(source: random.Random) -> int:
    """FPSCR without short vectors: any rounding mode, FZ, DN, AHP, some exceptions already there."""
    value = source.getrandbits(4) << 28
    if source.random() < 0.5:
        value |= source.getrandbits(5) << 22
    if source.random() < 0.2:
        value |= source.getrandbits(5) | source.getrandbits(1) << 7
    return value


def to_thumb(word: int) -> int:
    """Return the T32 encoding of an A32 instruction (ARM A7.1)."""
    if word >> 25 == 0b1111001:
        return 0xEF00_0000 | (word & 1 << 24) << 4 | word & 0xFF_FFFF
    if word >> 24 == 0xF4:
        return word + 0x0500_0000
    return word & 0x0FFF_FFFF | 0xE000_0000


class States:
    """States drawn from a pool of numbers: D registers, CPSR, core registers, FPSCR, as a case has them."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        pool: list[int] = []
        while len(pool) < 8192:
            few = [double_of(source) for _ in range(8)]
            pool += [source.choice(few) for _ in range(32)]
        self.doubles = struct.pack(f"<{len(pool)}Q", *pool)
        self.controls = [fpscr_of(source) for _ in range(512)]
        self.cores = [self._core() for _ in range(512)]

    def _core(self) -> bytes:
        """Core registers: mostly addresses, mostly aligned."""
        source = self.source
        core = [WINDOW + 0x1000 + source.randrange(0, WINDOW_BYTES - 0x2000) & ~31 for _ in range(15)]
        kind = source.random()
        if kind < 0.2:
            core = [source.getrandbits(32) if source.random() < 0.2 else value | source.randrange(8) for value in core]
        elif kind < 0.5:
            core = [value | source.randrange(8) * 4 for value in core]
        return struct.pack("<15I", *core)

    def draw(self, thumb: bool) -> bytes:
        """Return a state in Supervisor mode; now and then big-endian, or in an IT block."""
        source = self.source
        at = source.randrange(8192 - 32) * 8
        status = source.getrandbits(5) << 27 | source.getrandbits(4) << 16 | thumb << 5 | 0x1D3
        if source.random() < 0.1:
            status |= 0x200
        if thumb and source.random() < 0.2:
            status |= LAST_OF_IT
        control = struct.pack("<I", source.choice(self.controls))
        return self.doubles[at : at + 256] + struct.pack("<I", status) + source.choice(self.cores) + control


def differs(word: int, state: bytes) -> bool:
    """Tell whether Unicorn is known to do something else with an A32 word in a state (disagreements.md)."""
    status, fpscr = struct.unpack_from("<I60xI", state, 256)
    if word & 0x0FE0_0FF0 == 0x0EE0_0A10 and status & LAST_OF_IT:
        return True  # VMRS and VMSR leave ITSTATE as it is
    if word & 0x0FF0_0EF0 == 0x0EF0_0A10 and word >> 16 & 0xF in (0, 7):
        return True  # VMRS of FPSID, MVFR0: other values
    if (
        word & 0xFFB3_0E10 == 0xF3B2_0000
        and word >> 7 & 3
        and (word >> 12 & 15 | word >> 18 & 16) == (word & 15 | word >> 1 & 16)
    ):
        return True  # VTRN, VUZP, VZIP of a register with itself: UNKNOWN (ARM A8.8.420)
    from_fixed = word & 0x0FBE_0E50 == 0x0EBA_0A40
    return from_fixed and fpscr & 3 << 22 != 0


def word_for(source: random.Random, each: Encoding, rows: Sequence[Encoding]) -> int | None:
    """Return a word of a row; None where another row claims it."""
    word = word_of(source, each)
    if each.pattern.startswith("1111") and source.random() < 0.7:
        word &= ~0x0001_1001 & 0xFFFF_FFFF | each.mask  # even registers: Q may be
    return word if decoded(word, rows) is each else None
