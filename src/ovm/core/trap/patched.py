# SPDX-License-Identifier: Apache-2.0
"""Patched words of a stock kernel: an SVC that stands for an instruction that doesn't trap in User mode (`ovm.linux.sensitive`).

The SVC has the condition of the instruction, so the condition holds here. Its number, behind a fixed pattern, is the place of the
instruction in the build's table. Only a guest that was patched has such words, only in ARM state, and only its kernel means
them: in virtual User mode SVC is a system call, whatever its number.
"""

from typing import Final

from ovm.arm.psr import PSR_T
from ovm.core.config import WORDS
from ovm.core.emulate.arm import arm_conditional, arm_unconditional
from ovm.core.emulate.fetch import instruction_fetch
from ovm.core.limits import PATCHED_WORDS
from ovm.core.memory.guest_access import GuestWord
from ovm.core.trap.undefined import UNCONDITIONAL, emulated_end
from ovm.core.vcpu import PC, Vcpu
from ovm.metal import fn, u32

# SVC with any condition, the pattern in the upper half of its number, and the index below.
PATTERN_MASK: Final = u32(0x0FFF_0000)
PATTERN: Final = u32(0x0F56_0000)
INDEX_MASK: Final = 0xFFFF


@fn(inline=False)
def patched_word(vcpu: Vcpu) -> bool:
    """Do what a patched word stands for; pc is the instruction after it. Return False, with nothing done, for any other SVC."""
    if not vcpu.patched or vcpu.privileged == 0 or vcpu.psr & PSR_T != 0:
        return False
    vcpu.registers[PC] -= 4
    word = GuestWord()
    known = instruction_fetch(vcpu, False, word)
    index = word.value & INDEX_MASK
    if not known or word.value & PATTERN_MASK != PATTERN or index >= PATCHED_WORDS:
        vcpu.registers[PC] += 4
        return False
    instruction = u32(WORDS[index])
    if instruction >> 28 == UNCONDITIONAL:
        emulated_end(vcpu, arm_unconditional(vcpu, instruction), 4)
    else:
        emulated_end(vcpu, arm_conditional(vcpu, instruction), 4)
    return True
