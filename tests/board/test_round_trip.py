# SPDX-License-Identifier: Apache-2.0
"""Every encoding of the decoder's tables is what LLVM calls it.

Random words of each encoding are disassembled by Capstone, which is made from LLVM's tables: the mnemonic must be the one
of the table. Operands are judged by executing (test_isa_random.py).
"""

import random
import re

import capstone
import pytest

from ovm.board.decode.pattern import Encoding
from ovm.board.decode.tables import CONDITIONAL, NARROW, UNCONDITIONAL, WIDE
from tests.board.cases import decoded, word_of

TABLES = {
    "a32": (CONDITIONAL, False),
    "a32-unconditional": (UNCONDITIONAL, False),
    "t32-narrow": (NARROW, True),
    "t32-wide": (WIDE, True),
}
# Families of the table, or names that LLVM prints for a special case of theirs.
ALIASES = {
    "smlaxy": r"smla(bb|bt|tb|tt)|smul(bb|bt|tb|tt)",
    "smulxy": r"smul(bb|bt|tb|tt)",
    "smlalxy": r"smlal(bb|bt|tb|tt)",
    "smlawy": r"smlaw[bt]",
    "smlaw": r"smlaw[bt]|smulw[bt]",
    "smulwy": r"smulw[bt]",
    "smlad": r"smladx?|smuadx?",
    "smlsd": r"smlsdx?|smusdx?",
    "smlald": "smlaldx?",
    "smlsld": "smlsldx?",
    "smmla": "smmlar?|smmulr?",
    "smmls": "smmlsr?",
    "usada8": "usada8|usad8",
    "bfi": "bfi|bfc",
    "pld": "pldw?",
    "shift": "(lsl|lsr|asr|ror)s?",
    "ssat": "ssat(16)?",
    "usat": "usat(16)?",
    "pkhtb": "pkhtb|pkhbt",
    "hint": "hint|nop|dbg|csdb|esb|sevl|tsb|pssbb|.*",
    "vfp": ".*",
    "reserved": ".*",
    "simd": ".*",
    "p15": ".*",
    "bxj": "bxj",
    "udf": "udf|.*",
    "subs": "subs|eret",
    "strd": "strd",
    "strex": "strex|tta?t?",  # with Rt = PC, UNPREDICTABLE for us, it is TT, TTT, TTA or TTAT of ARMv8-M
    "mov": "mov|lsl|lsr|asr|ror|rrx",
    "movs": "movs|lsls|lsrs|asrs|rors|rrxs",
    "orr": "orrs?|movs?|lsls?|lsrs?|asrs?|rors?|rrxs?",
    "orn": "orns?|mvns?",
    "sub": "subs?|cmp|adr",
    "add": "adds?|cmn|adr",
    "subw": "subw|adr",
    "addw": "addw|adr",
    "and": "ands?|tst",
    "eor": "eors?|teq",
    "lsls": "lsls|movs",
    "ldr": "ldrt?|pop",
    "str": "strt?|push",
    "ldm": "ldm(ib|da|db)?|pop",
    "stm": "stm(ib|da|db)?|push",
    "srs": "srs(ia|ib|da|db)",
    "rfe": "rfe(ia|ib|da|db)",
    "cps": "cps(ie|id)?",
    "it": "it[te]{0,3}",
    "dsb": "dsb|ssbb|pssbb|dfb",
    "movw": "movw?",
}
_CONDITION = r"(eq|ne|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
_SUFFIX = r"(\.w|\.n)?"


def accepts(name: str, printed: str) -> bool:
    base = ALIASES.get(name, name)
    if name in ("sxtab16", "sxtab", "sxtah", "uxtab16", "uxtab", "uxtah"):
        base = f"{name}|{name[:3]}{name[4:]}"
    if name.endswith(("b", "h", "sb", "sh")) and name[:3] in ("ldr", "str"):
        base = f"{name}t?|pldw?|pli"
    return re.fullmatch(f"({base})s?{_CONDITION}{_SUFFIX}", printed) is not None


def words(each: Encoding, table: list[Encoding], source: random.Random) -> list[int]:
    found = [word_of(source, each) for _ in range(24)]
    return [word for word in found if decoded(word, table) is each]


@pytest.mark.parametrize("name", TABLES)
def test_names_and_bytes(name: str) -> None:
    table, thumb = TABLES[name]
    source = random.Random(5)
    mode = capstone.CS_MODE_THUMB if thumb else capstone.CS_MODE_ARM
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, mode)
    wrong, printed = [], []
    for each in table:
        known = 0
        for word in words(each, table, source):
            code = word.to_bytes(4, "little") if not thumb else as_thumb(word, len(each.pattern))
            lines = list(disassembler.disasm(code, 0x8000))
            if len(lines) != 1 or lines[0].size != len(code):
                continue  # LLVM calls it undefined or UNPREDICTABLE
            known += 1
            if accepts(each.name, lines[0].mnemonic):
                printed.append((each, word, lines[0]))
            else:
                wrong.append(f"{each.name} {word:08x}: {lines[0].mnemonic} {lines[0].op_str}")
        if not known and each.name not in ("reserved", "vfp", "simd", "p15", "udf", "bkpt", "hint", "dbg"):
            wrong.append(f"{each.name} {each.pattern}: unknown to LLVM")
    assert not wrong, "\n".join(wrong[:40])
    assert len(printed) > 3 * len(table)


def as_thumb(word: int, bits: int) -> bytes:
    if bits == 16:
        return word.to_bytes(2, "little")
    return (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little")
