# SPDX-License-Identifier: Apache-2.0
"""The fetch of an instruction for emulation."""

from typing import Final

from ovm.core.memory.guest_access import GuestWord, guest_fetch_half, guest_fetch_word
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import fn

# First halfwords from here on begin a 32-bit instruction (ARM A6.1).
FIRST_LONG: Final = 0xE800


@fn(inline=True)
def instruction_fetch(vcpu: Vcpu, thumb: bool, word: GuestWord) -> bool:
    """Read the instruction at the guest's pc: a word, a halfword, or two halfwords, which may lie in two pages.

    A 32-bit Thumb instruction is its two halfwords as one word, the first one higher.
    """
    pc = vcpu.registers[PC]
    if not thumb:
        return guest_fetch_word(vcpu, pc, word)
    if not guest_fetch_half(vcpu, pc, word):
        return False
    half = word.value
    if half < FIRST_LONG:
        return True
    if not guest_fetch_half(vcpu, pc + 2, word):
        return False
    word.value = half << 16 | word.value
    return True
