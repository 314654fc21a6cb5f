# SPDX-License-Identifier: Apache-2.0
"""Privileged and sensitive instructions in Thumb: a decoder of one instruction set may overlook the other.

The rules are the same as in `instructions`; one instruction is in an IT block, whose state must advance with the emulation.
"""

from typing import Final

from ovm.arm.assembly import symbol_address
from ovm.guests.rogue.instructions import HARMLESS, PRIVILEGED, SECURE, USER_ONLY, try_one
from ovm.guests.rogue.tally import close_chapter
from ovm.metal import asm_block, asm_value, fn, naked, symbol, table, text, u8, u32

_INSTRUCTIONS: Final = (
    # SCR, MVBAR, ATS12NSOPR, SMC, HVC, UDF in both sizes.
    (SECURE, "mrc p15, 0, r5, c1, c1, 0"),
    (SECURE, "mcr p15, 0, r1, c1, c1, 0"),
    (SECURE, "mcr p15, 0, r1, c12, c0, 1"),
    (SECURE, "mcr p15, 0, r1, c7, c8, 4"),
    (SECURE, "smc #0"),
    (SECURE, ".inst.w 0xf7e08000"),
    (SECURE, "udf #0"),
    (SECURE, "udf.w #0"),
    # SCTLR, DACR, TTBR0, TLBIALL, and one of them in an IT block.
    (PRIVILEGED, "mrc p15, 0, r5, c1, c0, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c3, c0, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c2, c0, 0"),
    (PRIVILEGED, "mcr p15, 0, r1, c8, c7, 0"),
    (PRIVILEGED, "it al\nmrcal p15, 0, r5, c1, c0, 0"),
    # Exception returns, banked registers, modes, masks, waits: UNPREDICTABLE or ignored in User mode.
    (HARMLESS, "rfeia r0"),
    (HARMLESS, "srsdb sp!, #0x16"),
    (USER_ONLY, "subs pc, lr, #0"),
    (HARMLESS, "mrs r5, spsr"),
    (HARMLESS, "msr spsr_fsxc, r1"),
    (HARMLESS, "msr cpsr_fsxc, r1"),
    (HARMLESS, "mrs r5, cpsr"),
    (HARMLESS, "cps #0x16"),
    (HARMLESS, "cps #0x13"),
    (HARMLESS, "cpsid aif"),
    (HARMLESS, "cpsie aif"),
    (HARMLESS, "setend be"),
    (HARMLESS, "wfe"),
    (HARMLESS, "wfi"),
    (HARMLESS, "bkpt #0"),
)
# One slot each: the instruction, the branch behind it, and the alignment of the next slot.
_SLOT_BYTES: Final = 16
_SLOTS: Final = "\n".join(f".balign {_SLOT_BYTES}\n{instruction}\nbx lr" for _, instruction in _INSTRUCTIONS)
KINDS: Final = table(u8, [kind for kind, _ in _INSTRUCTIONS])
# CPSR.T (ARM DDI0406C B1.3.3).
_THUMB: Final = 0x20


@naked
def thumb_instructions() -> None:
    """Lay out the instructions."""
    asm_block(f"""
        .thumb
        {_SLOTS}
        .balign {_SLOT_BYTES}
        .arm
    """)


THUMB_ADDRESS: Final = symbol_address(symbol(thumb_instructions))


@fn
def try_thumb() -> None:
    """Run each."""
    for index in u32.range(len(KINDS)):
        try_one(asm_value(u32, THUMB_ADDRESS) + index * _SLOT_BYTES, KINDS[index], _THUMB, text("Thumb instruction"))
    close_chapter(text("Thumb instructions"))
