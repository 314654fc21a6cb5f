# SPDX-License-Identifier: Apache-2.0
"""Every encoding is what LLVM calls it, every instruction that LLVM assembles for Cortex-A9 has an encoding.

Capstone is made from LLVM's tables. What it knows beyond our tables must be of a later architecture.
"""

import random
import re
import struct
from pathlib import Path

import capstone
import pytest

from ovm.board.decode.floating import DATA, ROWS
from ovm.board.decode.pattern import Encoding
from ovm.board.decode.scalar_rows import SCALAR
from ovm.board.decode.simd_unary_memory_rows import ELEMENT_ROWS
from ovm.metal.build.zig import transform
from tests.board.cases import decoded
from tests.board.vfp.cases import States, differs, to_thumb, word_for
from tests.board.vfp.compare import Judge

FORMS = Path(__file__).with_name("forms.S").read_text()
SETS = {"vfp": SCALAR, "simd": DATA, "elements": ELEMENT_ROWS}
# What LLVM prints for a special case of ours.
ALIASES = {
    "vldm": r"vldm(ia|db)|vpop|fldm(dbx|iax)",
    "vstm": r"vstm(ia|db)|vpush|fstm(dbx|iax)",
    "vshll": "vshll|vmovl",
    "vmov": "vmov|vmvn|vorr|vbic|fconst[sd]",
    "vorr": "vorr|vmov",
    "vrshr": "vrshr",
    "vmrs": "vmrs|fmstat",
    "vcvt": "vcvt",
    "vand": "vand",
    "vcge": "vcge|vcle",
    "vcgt": "vcgt|vclt",
}
# Later than ARMv7 without the extensions that Cortex-A9 lacks: fused multiply, ARMv8.
LATER = re.compile(
    r"vf(ma|ms|nma|nms)|vrint.|vmaxnm|vminnm|vsel..|vcvt[anpm]|aes.*|sha.*|vqrdml[as]h|vcmla|vcadd|v[su]dot|vfm[as]l|vjcvt"
    r"|v(us|sm|um|usm)mmla|vdot|vmmla|vins|vmovx|vscclrm|vlldm|vlstm|vcx.*|cdp2?|mcr2?|mrc2?|ldc2?l?|stc2?l?|mcrr2?|mrrc2?|vfm.*|vfn.*"
    r"|vsdot|vudot|vusdot|vsudot|vummla|vsmmla|vusmmla|bf.*"
)


def mnemonic_of(code: bytes, mode: int) -> str:
    lines = list(capstone.Cs(capstone.CS_ARCH_ARM, mode).disasm(code, 0x8000))
    return lines[0].mnemonic if len(lines) == 1 and lines[0].size == 4 else ""


def plain(mnemonic: str) -> str:
    """Return a mnemonic without its types and condition."""
    first = mnemonic.split(".")[0]
    return re.sub(r"(eq|ne|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)$", "", first) if first not in NAMES else first


NAMES = {each.name for each in ROWS}
for pattern in ALIASES.values():
    NAMES |= set(re.sub(r"\((\w+)\|(\w+)\)", r"\1", pattern).split("|"))


@pytest.mark.parametrize("thumb", [False, True], ids=["a32", "t32"])
@pytest.mark.parametrize("name", SETS)
def test_rows_are_what_llvm_says(name: str, thumb: bool) -> None:
    source = random.Random(7)
    wrong = []
    for each in SETS[name]:
        known = 0
        for _ in range(40):
            word = word_for(source, each, SETS[name])
            if word is None:
                continue
            code = struct.pack("<HH", to_thumb(word) >> 16, to_thumb(word) & 0xFFFF) if thumb else struct.pack("<I", word)
            printed = mnemonic_of(code, capstone.CS_MODE_THUMB if thumb else capstone.CS_MODE_ARM)
            if not printed:
                continue  # LLVM calls it undefined or UNPREDICTABLE
            known += 1
            if not re.fullmatch(ALIASES.get(each.name, each.name), plain(printed)):
                wrong.append(f"{each.name} {word:08x}: {printed}")
        if not known:
            wrong.append(f"{each.name} {each.pattern}: unknown to LLVM")
    assert not wrong, "\n".join(wrong[:40])


def rows_for(word: int) -> list[Encoding]:
    if word >> 25 == 0b1111001:
        return DATA
    return ELEMENT_ROWS if word >> 24 == 0xF4 else SCALAR


def test_what_is_absent_is_later() -> None:
    source = random.Random(8)
    missing = []
    for number in range(60_000):
        word = source.getrandbits(32)
        if number % 3 == 0:
            word = word & 0x01FF_FFFF | 0xF200_0000
        elif number % 3 == 1:
            word = word & 0x00EF_FFFF | 0xF400_0000
        else:
            word = word & 0x03FF_F1FF | 0xEC00_0A00
            if word >> 24 & 3 == 3:
                continue
        printed = mnemonic_of(struct.pack("<I", word), capstone.CS_MODE_ARM)
        later = ".f16" in printed or LATER.fullmatch(plain(printed))
        if printed and decoded(word, rows_for(word)) is None and not later:
            missing.append(f"{word:08x} {printed}")
    assert not missing, f"{len(missing)}\n" + "\n".join(missing[:40])


@pytest.mark.parametrize("instruction_set", ["arm", "thumb"])
def test_assembled_forms_are_named(instruction_set: str) -> None:
    wrong = []
    lines = []
    for line, assembled in forms(instruction_set):
        lines.append(line)
        word = from_thumb(assembled) if instruction_set == "thumb" else assembled
        row = decoded(word, rows_for(word))
        if row is None or not re.fullmatch(ALIASES.get(row.name, row.name), plain(line)):
            wrong.append(f"{line} {word:08x}: {row.name if row else None}")
    assert not wrong, "\n".join(wrong[:40])
    assert {plain(line) for line in lines} >= {each.name for each in ROWS} - {"vldm", "vstm"}


@pytest.mark.parametrize("instruction_set", ["arm", "thumb"])
def test_assembled_forms_execute(instruction_set: str) -> None:
    """None of them is UNDEFINED or UNPREDICTABLE; what they do is Unicorn's judgement."""
    source = random.Random(9)
    states = States(source)
    thumb = instruction_set == "thumb"
    judge = Judge()
    for _ in range(8):
        cases = []
        for _, word in forms(instruction_set):
            plain_word = from_thumb(word) if thumb else word
            row = decoded(plain_word, rows_for(plain_word))
            before = states.draw(thumb)
            if row is not None and not differs(plain_word, before):
                cases.append((row, word, before))
        for at in range(0, len(cases), 512):
            judge.run(cases[at : at + 512], thumb)
    tally = judge.tally
    assert not tally.failures, "\n".join(tally.failures[:20])
    assert tally.unpredictable == 0
    assert tally.faulted < tally.compared // 20, "data aborts alone"
    assert tally.compared > 8000


def forms(instruction_set: str) -> list[tuple[str, int]]:
    """Mnemonics and words of `forms.S`, which has every mnemonic in every form that LLVM's assembler takes for this core."""
    flags = ("--target=armv7a-none-eabihf", "-mcpu=cortex-a9", f"-m{instruction_set}")
    text = f".syntax unified\n.{instruction_set}\n" + FORMS
    unit = transform({"f.s": text.encode()}, ("clang", *flags, "-c", "f.s", "-o", "f.o"), "f.o")
    code = section(unit, ".text")
    lines = [line.split()[0] for line in FORMS.splitlines() if line.strip() and not line.startswith(("@", "."))]
    assert len(code) == 4 * len(lines)
    words = struct.unpack(f"<{len(lines)}I", code)
    if instruction_set == "thumb":
        words = tuple(word >> 16 | (word & 0xFFFF) << 16 for word in words)
    return list(zip(lines, words, strict=True))


def from_thumb(word: int) -> int:
    if word >> 24 in (0xEF, 0xFF):
        return 0xF200_0000 | word >> 4 & 1 << 24 | word & 0xFF_FFFF
    return word - 0x0500_0000 if word >> 24 == 0xF9 else word


def section(data: bytes, name: str) -> bytes:
    from io import BytesIO

    from elftools.elf.elffile import ELFFile

    found = ELFFile(BytesIO(data)).get_section_by_name(name)
    assert found is not None
    return bytes(found.data())
