# SPDX-License-Identifier: Apache-2.0
"""VFP and Advanced SIMD by LLVM: which instruction a word is, which registers it names, and whether a Cortex-A9 has it.

What Capstone prints for a random word of each encoding must carry the encoding's name and the registers of the record
that was decoded from it; LLVM's assembler for Cortex-A9 must know the line. What an encoding's row calls UNDEFINED
LLVM must not know.
"""

import random
import re
from collections import Counter
from collections.abc import Sequence

import capstone
import pytest

from ovm.board.decode import floating_forms as forms
from ovm.board.decode import simd_forms
from ovm.board.decode.floating import DATA
from ovm.board.decode.instruction import IS_UNDEFINED
from ovm.board.decode.pattern import Encoding
from ovm.board.decode.scalar_rows import SCALAR
from ovm.board.decode.simd_unary_memory_rows import ELEMENT_ROWS
from tests.board.assembler import assemble
from tests.board.cases import decoded, word_of
from tests.board.processor import Processor
from tests.board.render_parts import Decoded
from tests.board.test_operands import code_of, decode

SETS = {"vfp": SCALAR, "simd": DATA, "elements": ELEMENT_ROWS}
WORDS_OF_EACH = 40
UNKNOWN = "nop"
CONDITION = "eq|ne|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
# What LLVM calls special cases, or what shares a row.
ALIASES = {
    "vmov": "vmov|vmvn|vorr|vbic",
    "vshll": "vshll|vmovl",
    "vldm": "vldm(ia|db)|vpop|fldm(ia|db)x",
    "vstm": "vstm(ia|db)|vpush|fstm(ia|db)x",
}
THREE = (forms.data, forms.turned, simd_forms.pair, simd_forms.reverse, simd_forms.extract)
ELEMENTS = (simd_forms.multiple, simd_forms.lane, simd_forms.every_lane)


@pytest.fixture(scope="module")
def processor() -> Processor:
    return Processor()


def words_of(each: Encoding, table: Sequence[Encoding], source: random.Random) -> list[int]:
    found = [word_of(source, each) for _ in range(2 * WORDS_OF_EACH)]
    return [word for word in found if decoded(word, table) is each][:WORDS_OF_EACH]


@pytest.mark.parametrize("name", SETS)
def test_registers(processor: Processor, name: str) -> None:
    table = SETS[name]
    source = random.Random(11)
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_ARM)
    pairs = [(each, word) for each in table for word in words_of(each, table, source)]
    records = decode(processor, [word for _, word in pairs], 0)
    texts = [printed(disassembler, word) for _, word in pairs]
    tally: Counter[str] = Counter()
    wrong = []
    for (each, word), record, text, made in zip(pairs, records, texts, assemble(texts, False), strict=True):
        known = text != UNKNOWN and made == code_of(word, 0)
        if isinstance(record, Decoded):
            fits = known and text != UNKNOWN and is_named(each.name, text) and agrees(each, record, text)
            if not fits and not is_unnamed_store(each, word):
                wrong.append(f"{each.name} {word:08x}: {text}; {record}")
            tally["equal"] += 1
        elif record == IS_UNDEFINED:
            tally["undefined"] += 1
            if known:
                wrong.append(f"{each.name} {word:08x}: {text}; UNDEFINED here")
    print(name, dict(tally))
    assert not wrong, "\n".join(wrong[:30])
    assert tally["equal"] > 10 * len(table)


def printed(disassembler: capstone.Cs, word: int) -> str:
    lines = list(disassembler.disasm(code_of(word, 0), 0x8000))
    return f"{lines[0].mnemonic} {lines[0].op_str}" if lines else UNKNOWN


def is_named(name: str, text: str) -> bool:
    """Return whether the mnemonic is the encoding's, except its condition and data type."""
    base = ALIASES.get(name, name)
    return re.fullmatch(f"({base})({CONDITION})?", text.split()[0].split(".")[0]) is not None


def is_unnamed_store(each: Encoding, word: int) -> bool:
    """FLDMX and FSTMX of upper registers: LLVM has no name for them (ARM A8.8.332 allows them with 32 registers)."""
    return each.name in ("vldm", "vstm") and word & 0x101 == 0x101 and word & 1 << 22 != 0


def agrees(each: Encoding, record: Decoded, text: str) -> bool:
    """Tell whether the registers and constants of a line are those of the record, as far as its form has them there."""
    operands = text.split(" ", 1)[1]
    extension = [int(number) * (1 + (kind == "q")) for kind, number in re.findall(r"\b([sdq])(\d+)", operands)]
    constants = [int(number, 0) for number in re.findall(r"#(-?(?:0x)?[0-9a-f]+)$", operands)]
    form = each.form
    if form in THREE:
        kinds = (each.extra & 7, each.extra >> 3 & 7, each.extra >> 6 & 7)
        wanted = [number for number, kind in zip((record.rd, record.rn, record.rm), kinds, strict=True) if kind]
        return extension[: len(wanted)] == wanted
    if form is simd_forms.one:
        return extension == [record.rd, record.rn]
    if form is simd_forms.shift:
        return extension == [record.rd, record.rn] and constants in ([record.rm], [])
    if form is forms.fixed:
        return extension == [record.rd, record.rd]
    if form in ELEMENTS:
        base, after = re.findall(r"\[(\w+)(?::\w+)?\](!|, \w+)?", operands)[-1]
        index = number_of(after.removeprefix(", "))
        return extension[0] == record.rd and number_of(base) == record.rn and index == record.rm
    return True


def number_of(register: str) -> int:
    """Return the number of a core register, or of what stands for none (15) and for the number of bytes (13)."""
    names = {"": 15, "!": 13, "sb": 9, "sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14, "pc": 15}
    return names[register] if register in names else int(register.removeprefix("r"))
