# SPDX-License-Identifier: Apache-2.0
"""Banked registers of the exception modes, as Monitor writes and reads them.

They are not banked by world (ARM B1.5.1): the Non-secure world would see values that secure code left there. Mode changes are
safe
only while SCR.NS = 0; with NS = 1 they would leave the secure world.
"""

from ovm.metal import VirtAddr, asm_block, naked, u32


@naked
def banks_set(stack: u32) -> None:
    """Set sp of Supervisor, Abort, Undefined and IRQ mode, and clear their lr and spsr. SCR.NS = 0."""
    asm_block("""
        mov   r1, #0
        cps   #0x13
        mov   sp, r0
        mov   lr, r1
        msr   spsr_fsxc, r1
        cps   #0x17
        mov   sp, r0
        mov   lr, r1
        msr   spsr_fsxc, r1
        cps   #0x1B
        mov   sp, r0
        mov   lr, r1
        msr   spsr_fsxc, r1
        cps   #0x12
        mov   sp, r0
        mov   lr, r1
        msr   spsr_fsxc, r1
        cps   #0x11
        mov   sp, r1
        mov   lr, r1
        msr   spsr_fsxc, r1
        cps   #0x1F
        mov   sp, r1
        mov   lr, r1
        cps   #0x16
        bx    lr
    """)


@naked
def abort_bank_set(link: u32, psr: u32) -> None:
    """Set lr and spsr of Abort mode. SCR.NS = 0."""
    asm_block("""
        cps   #0x17
        mov   lr, r0
        msr   spsr_fsxc, r1
        cps   #0x16
        bx    lr
    """)


@naked
def bank_read(mode: u32, words: VirtAddr) -> None:
    """Store lr and spsr of an exception mode in two words. SCR.NS = 0."""
    asm_block("""
        orr   r0, r0, #0xC0
        msr   cpsr_c, r0
        mrs   r2, spsr
        stm   r1, {r2, lr}
        cps   #0x16
        bx    lr
    """)
