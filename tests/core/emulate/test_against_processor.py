# SPDX-License-Identifier: Apache-2.0
"""Emulated instructions do what a privileged processor does: every register, bank, PSR and memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest

from ovm.arm.psr import MODE_SYS, MODE_USR
from tests.core.emulate.assembled import assemble, word_of
from tests.core.emulate.oracle import BANK_MODES, BANKS, DATA, DATA_BYTES, PRIVILEGED, SAVED, State, hardware, virtual
from tests.core.machine import Machine, machine

ROUNDS = 12
# Flags, Q and GE; A, I, F; E; no T, IT, J.
FLAGS = 0xF80F_0000
BIG_ENDIAN = 0x200
MASKS = 0x1C0

STATUS = (
    "mrs r3, cpsr", "mrs r12, spsr", "mrseq r4, cpsr", "mrs lr, cpsr", "mrs sp, spsr",
    "msr cpsr_fsxc, r5", "msr cpsr_c, r6", "msr cpsr_f, r7", "msr cpsr_s, r1", "msr cpsr_x, r2",
    "msr spsr_fsxc, r8", "msr spsr_c, r9", "msr spsr_fs, r10", "msr spsr_x, r0",
    "msr cpsr_c, #0x53", "msr cpsr_c, #0xDF", "msr cpsr_f, #0xF0000000", "msr spsr_f, #0x90000000", "msrlt cpsr_f, r3",
    "cpsid i", "cpsie i", "cpsid aif", "cpsie aif", "cpsid f, #0x13", "cpsie a, #0x11", "cps #0x1F", "cps #0x12",
)  # fmt: skip
RETURNS = (
    "movs pc, lr",
    "subs pc, lr, #4",
    "subs pc, lr, #8",
    "movs pc, r3",
    "subs pc, r1, r2, lsl #3",
    "subs pc, r2, r3, lsr #9",
    "movs pc, r4, lsr #32",
    "movs pc, r4, asr #32",
    "movseq pc, lr",
    "subsne pc, lr, #4",
)
# Unicorn takes only SUBS and MOVS for exception returns. So the others' results come from its plain form of the
# instruction, into r7, and the return from MOVS PC, r7.
CALCULATED = (
    "adds {}, r1, r2", "rsbs {}, r1, #0x1000", "ands {}, r1, r2, asr #5", "orrs {}, r1, r2, ror #7",
    "eors {}, r3, r4, rrx", "adcs {}, r1, #3", "sbcs {}, r1, r2", "rscs {}, r1, r2", "bics {}, r1, #0xFF0",
    "mvns {}, r2", "adds {}, r1, r2, lsl #31", "orrs {}, r1, r2, asr #32",
)  # fmt: skip
BLOCKS = (
    "ldmia r0, {r1-r3, pc}^", "ldmib r0, {r1, sp, pc}^", "ldmda r0!, {r4-r6, pc}^", "ldmdb r0!, {r7, lr, pc}^",
    "ldmia r0!, {r1-r12, lr, pc}^", "ldmia r0, {pc}^", "ldmia r0, {r1-r3, sp, lr}^", "ldmdb r0, {r8-r14}^",
    "ldmib r0, {r1, r9}^", "ldmia r0, {r0}^", "stmib r0, {r0}^", "ldmda r0, {r13, r14}^", "stmia r0, {r1-r14}^",
    "stmdb r0, {r8, sp, lr}^", "stmib r0, {r13}^", "stmda r0, {r2-r4}^", "ldmiaeq r0, {r1, r2, pc}^", "stmiane r0, {r13, r14}^",
    "rfeia r0", "rfedb r0!", "rfeib r0!", "rfeda r0", "srsia sp, #0x13", "srsdb sp!, #0x13", "srsib sp!, #0x12",
    "srsda sp, #0x1F", "srsdb sp!, #0x17", "srsia sp!, #0x11",
)  # fmt: skip
THUMB = (
    "mrs r3, cpsr", "mrs r12, spsr", "msr cpsr_fsxc, r5", "msr cpsr_c, r6", "msr cpsr_f, r7", "msr spsr_fsxc, r8",
    "msr spsr_c, r9", "cpsid i", "cpsie i", "cpsid aif", "cpsie af", "cpsid i, #0x13", "cpsie.w f, #0x11", "cps #0x1F",
    "subs pc, lr, #0", "subs pc, lr, #4", "subs pc, lr, #8", "rfeia r0", "rfedb r0!", "rfeia r0!", "srsia sp, #0x13",
    "srsdb sp!, #0x12", "srsdb sp!, #0x1F",
)  # fmt: skip
ARM_LINES = STATUS + RETURNS + BLOCKS


@pytest.fixture(scope="module")
def made() -> Iterator[Machine]:
    with machine() as prepared:
        yield prepared


def psr(chance: random.Random) -> int:
    """Return a PSR that an exception return may load: a valid mode, ARM or Thumb state."""
    mode = chance.choice((*PRIVILEGED, MODE_USR))
    return chance.getrandbits(32) & (FLAGS | MASKS | BIG_ENDIAN | 0x20) | mode


def state_for(chance: random.Random, line: str, thumb: bool) -> State:
    # Without an SPSR, or a User bank of its own, these are UNPREDICTABLE.
    needs_saved = any(part in line for part in ("spsr", " pc,", "^", "srs"))
    mode = chance.choice(SAVED if needs_saved else PRIVILEGED)
    registers = [chance.getrandbits(32) for _ in range(16)]
    registers[0] = DATA + 0x400 + 4 * chance.randrange(32)
    registers[10] &= ~0x00F0_0000
    for index in (5, 9):
        # Values for PSR writes: a valid mode, no execution state to fall over.
        registers[index] = psr(chance) & ~0x20
    registers[6] = psr(chance) & ~0x20 if "_c, r6" in line else registers[6]
    registers[8] = psr(chance)
    stacks = {bank: DATA + 0x100 + 0x40 * bank for bank in BANK_MODES.values()}
    links = {bank: chance.getrandbits(32) for bank in BANK_MODES.values()}
    registers[13], registers[14] = stacks[BANKS[mode]], links[BANKS[mode]]
    cpsr = chance.getrandbits(32) & (FLAGS | MASKS | BIG_ENDIAN) | (0x20 if thumb else 0) | mode
    order: Literal["big", "little"] = "big" if cpsr & BIG_ENDIAN else "little"
    data = bytearray(chance.randbytes(DATA_BYTES))
    for place in range(0, DATA_BYTES, 8):
        # Any pair of words can be a pc and a PSR.
        data[place + 4 : place + 8] = psr(chance).to_bytes(4, order)
    if line.startswith("rfe"):
        base = registers[0] - DATA
        start = base if line[3] == "i" else base - 8
        start += 4 if line[3:5] in ("ib", "da") else 0
        data[start + 4 : start + 8] = psr(chance).to_bytes(4, order)
    return State(
        registers,
        cpsr,
        stacks,
        links,
        {BANKS[each]: psr(chance) for each in SAVED},
        [chance.getrandbits(32) for _ in range(5)],
        bytes(data),
    )


def differences(expected: State, found: State) -> dict[str, tuple[object, object]]:
    return {
        name: (getattr(expected, name), getattr(found, name))
        for name in ("registers", "cpsr", "sp", "lr", "spsr", "high", "data")
        if getattr(expected, name) != getattr(found, name)
    }


@pytest.mark.parametrize("line", ARM_LINES)
def test_arm(made: Machine, line: str) -> None:
    compare(made, line, assemble(ARM_LINES)[ARM_LINES.index(line)], thumb=False)


@pytest.mark.parametrize("line", THUMB)
def test_thumb(made: Machine, line: str) -> None:
    compare(made, line, assemble(THUMB, thumb=True)[THUMB.index(line)], thumb=True)


@pytest.mark.parametrize("form", CALCULATED)
def test_return_by_any_calculation(made: Machine, form: str) -> None:
    lines = (*(each.format("pc") for each in CALCULATED), *(_plain(each) for each in CALCULATED), "movs pc, r7")
    codes = dict(zip(lines, (word_of(code, False) for code in assemble(lines)), strict=True))
    chance = random.Random(form)
    for _ in range(ROUNDS):
        state = state_for(chance, "movs pc,^", False)
        calculated = hardware(state, codes[_plain(form)])
        target = replace(state, registers=[*state.registers])
        target.registers[7] = calculated.registers[7]
        expected = hardware(target, codes["movs pc, r7"])
        expected.registers[7] = state.registers[7]
        assert not differences(expected, virtual(made, state, codes[form.format("pc")])), state


def _plain(form: str) -> str:
    operation, operands = form.split(" ", 1)
    return f"{operation[:3]} {operands.format('r7')}"


def compare(made: Machine, line: str, code: bytes, thumb: bool) -> None:
    chance = random.Random(line)
    instruction = word_of(code, thumb)
    before = int(made.vcpu().counters.emulated)
    for _ in range(ROUNDS):
        state = state_for(chance, line, thumb)
        found = virtual(made, state, instruction)
        expected = hardware(state, instruction)
        assert not differences(expected, found), state
    assert int(made.vcpu().counters.emulated) == before + ROUNDS


def test_system_mode_has_no_saved_status(made: Machine) -> None:
    """An instruction that the manual calls UNPREDICTABLE is Undefined for a guest."""
    chance = random.Random(1)
    for line in ("mrs r12, spsr", "movs pc, lr", "srsia sp, #0x13"):
        state = state_for(chance, line, False)
        state.cpsr = state.cpsr & ~0x1F | MODE_SYS
        found = virtual(made, state, word_of(assemble(ARM_LINES)[ARM_LINES.index(line)], False))
        assert found.mode == 0x1B
