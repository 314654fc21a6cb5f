# SPDX-License-Identifier: Apache-2.0
"""Attempts that should fail, and that the guest survives: the real vectors of this CPU return from every exception.

OVM delivers external aborts to these vectors because `takes_aborts` in the HrtPage says so (docs/decisions).
"""

from typing import Final, Never

from ovm.arm.assembly import vector_table
from ovm.metal import asm_block, naked, symbol, u32

# Outcomes of an attempt: the number of the vector (ARM DDI0406C B1.8.1). DONE: it ran to its end.
UNDEFINED: Final = 1
DONE: Final = 2
PREFETCH_ABORT: Final = u32(3)
DATA_ABORT: Final = u32(4)


@naked
def vectors() -> Never:
    """Lay out the vectors. Interrupts are masked and none is enabled."""
    asm_block(f"""
        {vector_table(undefined="1f", supervisor_call="2f", prefetch_abort="3f", data_abort="4f")}
    1:  mov r0, #{UNDEFINED}
        b rogue_resume
    2:  mov r0, #{DONE}
        b rogue_resume
    3:  mov r0, #{PREFETCH_ABORT}
        b rogue_resume
    4:  mov r0, #{DATA_ABORT}
    rogue_resume:
        cps #0x13
        ldr r3, =rogue_stack
        ldr sp, [r3]
        ldr r3, =rogue_value
        str r5, [r3]
        pop {{r4-r11, pc}}
        .ltorg
    """)


@naked
def attempt(code: u32, place: u32, value: u32) -> u32:
    """Run the code at an address with r0 and r1; return how it ended. A posted store has failed by the time of the DSB."""
    asm_block("""
        push {r4-r11, lr}
        ldr r3, =rogue_stack
        str sp, [r3]
        mov r3, r0
        mov r0, r1
        mov r1, r2
        mov r5, #0
        blx r3
        dsb
        isb
        mov r0, #2
        b rogue_resume
        .ltorg
        .pushsection .bss.rogue_stack, "aw", %nobits
        .balign 4
    rogue_stack:
        .zero 4
    rogue_value:
        .zero 4
        .popsection
    """)


@naked
def value() -> u32:
    """Return the value that the last attempt left in r5."""
    asm_block("""
        ldr r0, =rogue_value
        ldr r0, [r0]
        bx lr
        .ltorg
    """)


@naked
def vectors_use() -> None:
    """Make these vectors the CPU's vectors."""
    asm_block(f"""
        ldr r0, ={symbol(vectors)}
        mcr p15, 0, r0, c12, c0, 0
        isb
        bx lr
        .ltorg
    """)
