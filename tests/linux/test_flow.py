# SPDX-License-Identifier: Apache-2.0
"""The link register and jumps: small pieces of code, assembled by LLVM, with the answer that each must get."""

from array import array

import pytest

from ovm.linux.flow import hidden_ways, jumped_to, link_is_dead
from ovm.linux.layout import Layout, Span
from ovm.metal.build.elf import Elf
from ovm.metal.build.image import link_arm
from ovm.metal.build.objects import ARM, target_flags
from ovm.metal.build.zig import transform

BASE = 0xC000_0000
SCRIPT = f"SECTIONS {{ . = {BASE:#x}; .text : {{ *(.text) }} /DISCARD/ : {{ *(.ARM.*) *(.comment) }} }}"

DEAD = (
    "bl far",
    "pop {r4, pc}",
    "pop {pc}",
    "ldm sp, {r11, sp, pc}",
    "mov r0, r1; add r2, r3, r4, lsl #2; bl far",
    "str r0, [r1, #14]; ldr r2, [r3, #-14]; bl far",
    "movw r0, #0xee0e; movt r1, #0xeeee; bl far",
    "mov lr, r3; bx lr",
    "ldr lr, [sp], #4; bx lr",
    "pop {r4, lr}; bx lr",
    "blx r3",
    "cmp r0, #14; beq 1f; bl far; 1: pop {pc}",
    "1: subs r0, r0, #1; bne 1b; bl far",
    "blne far; pop {pc}",
    "dmb ish; cpsid i; mrs r3, cpsr; msr cpsr_c, r3; mrc p15, 0, r0, c13, c0, 4; pld [r0]; bl far",
    "push {r0, r1, r12}; bl far",
    "strd r2, r3, [r0]; mul r0, r1, r2; uxtb r0, r1; bl far",
)
ALIVE = (
    "bx lr",
    "mov pc, lr",
    "mov r0, lr; bl far",
    "push {r4, lr}; bl far",
    "str lr, [sp, #4]; bl far",
    "strh lr, [r0]; bl far",
    "ldr r0, [lr]; bl far",
    "ldr r0, [r1, lr]; bl far",
    "add r0, r1, lr, lsl #2; bl far",
    "add r0, r1, r2, lsl lr; bl far",
    "movt lr, #1; bl far",
    "bfi r0, lr, #0, #4; bl far",
    "mul r0, lr, r1; bl far",
    "cmp r0, #0; moveq lr, r1; bx lr",
    "cmp r0, #0; beq 1f; bl far; 1: bx lr",
    "mcr p15, 0, lr, c3, c0, 0; bl far",
    "mcrr p15, 0, r0, lr, c7; bl far",
    "vmov s0, lr; bl far",
    "strex r0, lr, [r1]; bl far",
    "blx lr",
    "bx r3",
    "mov pc, r3",
    "ldr pc, [r3]",
    "add pc, pc, r3, lsl #2; bl far",
    "msr cpsr_c, lr; bl far",
    "stm lr, {r0, r1}; bl far",
    "ldm lr, {r0, r1}; bl far",
    "svc #0; bl far",
    "popeq {r4, pc}; bx lr",
)


def code_of(text: str) -> "array[int]":
    """Return the words of a program with some room behind it."""
    lines = text.replace(";", "\n")
    source = f".syntax unified\n.arch armv7-a\n.fpu neon\n.arm\n.text\n.global start\nstart: nop\n{lines}\nnop\nfar: bx lr\n"
    built = transform({"code.s": source.encode()}, ("clang", *target_flags(ARM), "-c", "code.s", "-o", "code.o"), "code.o")
    return array("I", Elf(link_arm([built], SCRIPT, "start", collect_garbage=False)).section_data(".text"))


@pytest.mark.parametrize("text", DEAD)
def test_overwritten_before_it_is_read(text: str) -> None:
    assert link_is_dead(code_of(text), 0, {})


@pytest.mark.parametrize("text", ALIVE)
def test_read_or_perhaps_read(text: str) -> None:
    assert not link_is_dead(code_of(text), 0, {})


def layout(words: "array[int]", code_words: int) -> Layout:
    end = BASE + code_words * 4
    return Layout(BASE, len(words) * 4, (Span("text", BASE, end),), Span("padding", end, end))


@pytest.mark.parametrize("relative", [False, True])
def test_a_table_of_faults_or_of_jump_labels_is_a_way(relative: bool) -> None:
    words = code_of("nop; bl far; bx lr")
    count = len(words)
    assert link_is_dead(words, 0, hidden_ways(words, layout(words, count)))
    # The NOP at word 1 may become a branch to word 3, or a fault there may lead to it.
    for at, target in enumerate((BASE + 4, BASE + 12)):
        words.append((target - (BASE + (count + at) * 4 if relative else 0)) & 0xFFFF_FFFF)
    assert not link_is_dead(words, 0, hidden_ways(words, layout(words, count)))


def test_whatever_names_a_place_is_a_jump_there() -> None:
    words = code_of("b 1f; nop; nop; 1: nop; nop")
    assert jumped_to(words, BASE, range(BASE, BASE + 24, 4)) == {BASE + 16}
    words.append(BASE + 8)
    words.append(12 - 4 * len(words) & 0xFFFF_FFFF)
    assert jumped_to(words, BASE, range(BASE, BASE + 24, 4)) == {BASE + 16, BASE + 8, BASE + 12}
