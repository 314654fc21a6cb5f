# SPDX-License-Identifier: Apache-2.0
"""The table of sensitive words, judged by capstone: what it decodes, and that the quick test lets none through."""

import random

import capstone
import pytest

from ovm.linux.sensitive import Kind, candidates, decode, is_thread_access, refused

NOWHERE = range(0)
# Capstone doesn't look at bits that should be one or zero; with another value the manual says UNPREDICTABLE.
WORDS_OF_A_COMPILER = {
    "mrs": (0x000F_0D0F, 0x000F_0000),
    "wfi": (0, 0),
    "cps": (0xFE00, 0),
    "cpsid": (0xFE00, 0),
    "cpsie": (0xFE00, 0),
}
MNEMONICS = {
    Kind.CPS: ("cpsid", "cpsie", "cps"),
    Kind.MRS_CPSR: ("mrs",),
    Kind.MRS_SPSR: ("mrs",),
    Kind.MSR_CPSR: ("msr",),
    Kind.MSR_SPSR: ("msr",),
    Kind.WFI: ("wfi",),
    Kind.RETURN: ("movs", "subs"),
    Kind.LOAD_RETURN: ("ldm",),
    Kind.LOAD_USER: ("ldmdb",),
    Kind.STORE_USER: ("stmdb",),
}


JUDGE = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_ARM)


def disassembled(word: int) -> str:
    return " ".join(f"{name} {operands}" for _, _, name, operands in JUDGE.disasm_lite(word.to_bytes(4, "little"), 0))


@pytest.mark.parametrize(
    ("word", "text", "kind", "registers", "fields", "immediate"),
    [
        (0xE10F_5000, "mrs r5, apsr", Kind.MRS_CPSR, (5,), 0, None),
        (0xE14F_8000, "mrs r8, spsr", Kind.MRS_SPSR, (8,), 0, None),
        (0xE121_F004, "msr cpsr_c, r4", Kind.MSR_CPSR, (4,), 1, None),
        (0xE16F_F008, "msr spsr_fsxc, r8", Kind.MSR_SPSR, (8,), 15, None),
        (0xE321_F0D3, "msr cpsr_c, #0xd3", Kind.MSR_CPSR, (), 1, 0xD3),
        (0xE320_F003, "wfi ", Kind.WFI, (), 0, None),
        (0xE1B0_F00E, "movs pc, lr", Kind.RETURN, (14,), 0, None),
        (0xE25E_F004, "subs pc, lr, #4", Kind.RETURN, (14,), 0, 4),
        (0xE8D8_8000, "ldm r8, {pc} ^", Kind.LOAD_RETURN, (8, 15), 0, None),
        (0xE940_6000, "stmdb r0, {sp, lr} ^", Kind.STORE_USER, (0, 13, 14), 0, None),
    ],
)
def test_what_a_word_is(word: int, text: str, kind: Kind, registers: tuple[int, ...], fields: int, immediate: int | None) -> None:
    assert disassembled(word) == text
    found = decode(word)
    assert found is not None
    assert (found.kind, found.registers, found.fields, found.immediate) == (kind, registers, fields, immediate)


@pytest.mark.parametrize(
    ("word", "text"),
    [(0xF10C_0080, "cpsid i"), (0xF108_0040, "cpsie f"), (0xF10E_01D3, "cpsid aif, #0x13"), (0xF102_0016, "cps #0x16")],
)
def test_cps(word: int, text: str) -> None:
    found = decode(word)
    assert found is not None and found.kind is Kind.CPS
    assert disassembled(word).strip() == text
    masks = "".join(letter for letter, bit in (("a", 32), ("i", 16), ("f", 8)) if found.fields & bit)
    assert masks == text.partition(" ")[2].partition(",")[0].strip().replace("#0x16", "")


@pytest.mark.parametrize(
    "word", [0xE320_F000, 0xE320_F002, 0xE320_F004, 0xE128_F002, 0xE328_F000, 0xE12F_FF1E, 0xE160_0070, 0xF101_0200]
)
def test_harmless_neighbours_are_left_alone(word: int) -> None:
    """NOP, WFE, SEV, MSR of the flags alone, BX LR, SMC (traps), SETEND."""
    assert decode(word) is None
    assert refused(word, NOWHERE) is None


def random_words() -> list[int]:
    chosen = random.Random(11)
    tops = (0xF10, 0xE10, 0xE14, 0xE12, 0xE16, 0xE32, 0xE36, 0x132, 0xE8D, 0xE94, 0xF84, 0xF8B, 0xE1B, 0xE25, 0x010)
    near = [top << 20 for top in tops]
    words = [chosen.choice(near) ^ chosen.getrandbits(20) for _ in range(12_000)]
    words += [chosen.choice(near) | 0xF000 | chosen.getrandbits(20) & 0xF_00FF for _ in range(8_000)]
    return words + [chosen.getrandbits(32) for _ in range(12_000)]


def test_the_quick_test_lets_no_word_through() -> None:
    words = random_words()
    kept = set(candidates(words))
    assert [hex(word) for word in words if word not in kept and (decode(word) or refused(word, NOWHERE))] == []
    assert any(decode(word) for word in words) and any(refused(word, NOWHERE) for word in words)


def test_capstone_agrees_on_random_words() -> None:
    """A word that is decoded here is an instruction of that class; whatever capstone calls so is decoded or refused."""
    for word in random_words():
        found = decode(word)
        text = disassembled(word).split(" ")[0]
        if found is not None and text:
            conditional = text[:-2] if found.condition != 14 else text
            assert conditional in MNEMONICS[found.kind], (hex(word), text)
        elif text in WORDS_OF_A_COMPILER and (word & WORDS_OF_A_COMPILER[text][0]) == WORDS_OF_A_COMPILER[text][1]:
            assert refused(word, NOWHERE) or is_banked(word), (hex(word), text)


def is_banked(word: int) -> bool:
    """MRS and MSR of banked registers (virtualization extensions): not of this architecture, UNDEFINED, so they trap."""
    return bool(word & 0x200)


def test_thread_registers() -> None:
    assert is_thread_access(0xEE1D_3F90) and disassembled(0xEE1D_3F90) == "mrc p15, #0, r3, c13, c0, #4"
    assert is_thread_access(0x0E0D_3F50) and not is_thread_access(0xEE1D_3F70) and not is_thread_access(0xFE1D_3F90)
