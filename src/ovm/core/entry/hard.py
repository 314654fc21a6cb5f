# SPDX-License-Identifier: Apache-2.0
"""Monitor of a CPU that belongs to an HRT guest.

The guest runs in Non-secure PL1 with its own vectors and group 1 interrupts, so in steady state nothing comes here. Only SMC
(its hypercalls), the order to park, and external aborts do. SP_mon is always the top of this CPU's stack.

A guest that starts as after reset may have left coherency (ACTLR.SMP), where shareable memory isn't cached: what Monitor's stack
has in L1 would be another stack than the one in memory. So each entry joins again before it touches memory, with SP as the only
register that is free.
"""

from typing import Final

from ovm.arm.assembly import vector_table
from ovm.arm.control import ACTLR_SMP
from ovm.core.config import PLAIN
from ovm.core.cpu import STACK_1_TOP
from ovm.core.hard_trap import hard_abort, hard_call, hard_interrupt
from ovm.metal import asm_block, naked, symbol, u32

# Restore the PSR and the registers that an entry has pushed, and return.
_LEAVE: Final = """
        pop   {r0, r1}
        msr   spsr_fsxc, r1
        pop   {r0-r12, lr}
        clrex
        movs  pc, lr
"""
# Join coherency, and find the stack again.
_JOIN: Final = (
    f"""mrc   p15, 0, sp, c1, c0, 1
        orr   sp, sp, #{ACTLR_SMP}
        mcr   p15, 0, sp, c1, c0, 1
        isb
        movw  sp, #:lower16:({STACK_1_TOP})
        movt  sp, #:upper16:({STACK_1_TOP})"""
    if PLAIN
    else ""
)


@naked
def hard_vectors() -> None:
    """Lay out the vectors of Monitor mode (MVBAR) on this CPU."""
    asm_block(f"""
        {vector_table(
            reset="4f",
            undefined="4f",
            supervisor_call="1f",
            prefetch_abort="3f",
            data_abort="5f",
            unused="4f",
            irq="2f",
            fiq="2f",
        )}
    1:  {_JOIN}
        push  {{r0-r12, lr}}
        mrs   r1, spsr
        push  {{r0, r1}}
        add   r0, sp, #8
        bl    {symbol(hard_call)}
        {_LEAVE}
    2:  {_JOIN}
        sub   lr, lr, #4
        push  {{r0-r12, lr}}
        mrs   r1, spsr
        push  {{r0, r1}}
        bl    {symbol(hard_interrupt)}
        {_LEAVE}
    3:  {_JOIN}
        push  {{r0-r12, lr}}
        mov   r1, #0x0C
        b     6f
    5:  {_JOIN}
        push  {{r0-r12, lr}}
        mov   r1, #0x10
    6:  mov   r0, sp
        mrs   r2, spsr
        bl    {symbol(hard_abort)}
        msr   spsr_fsxc, r0
        pop   {{r0-r12, lr}}
        clrex
        movs  pc, lr
    4:  wfi
        b     4b
    """)


@naked
def hard_enter(entry: u32, psr: u32, page: u32) -> None:
    """Go to the guest for the first time; r0 = its page, every other register 0."""
    asm_block("""
        mov   lr, r0
        msr   spsr_fsxc, r1
        mov   r0, r2
        mov   r1, #0
        mov   r2, #0
        mov   r3, #0
        mov   r4, #0
        mov   r5, #0
        mov   r6, #0
        mov   r7, #0
        mov   r8, #0
        mov   r9, #0
        mov   r10, #0
        mov   r11, #0
        mov   r12, #0
        clrex
        movs  pc, lr
    """)
