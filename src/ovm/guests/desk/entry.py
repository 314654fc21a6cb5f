# SPDX-License-Identifier: Apache-2.0
"""Start, virtual vectors, and where things were linked to.

The stack pointers of all virtual exception modes hold the same address: that of a `Frame` at the bottom of the kernel's
stack. An entry stores the program's registers there and goes on with the kernel's stack; the hypercall RETURN leaves.
"""

from typing import Never

from ovm.abi.hypercalls import RETURN
from ovm.guests.desk.kernel import on_exception
from ovm.guests.desk.user import program
from ovm.metal import GuestPhysAddr, VirtAddr, asm_block, naked, symbol, u32


@naked
def vectors() -> Never:
    """Be the exception vectors (ARM DDI0406C B1.8.1) and the entries; links are off by B1.8.3, table B1-7."""
    asm_block(f"""
        .balign 32
        b .
        b 1f
        b 2f
        b 3f
        b 4f
        b .
        b 6f
        b .
    1:  sub lr, lr, #4
        stmia sp, {{r0-r12, lr}}
        mov r1, #1
        b 8f
    2:  stmia sp, {{r0-r12, lr}}
        mov r1, #2
        b 8f
    3:  sub lr, lr, #4
        stmia sp, {{r0-r12, lr}}
        mov r1, #3
        b 8f
    4:  sub lr, lr, #8
        stmia sp, {{r0-r12, lr}}
        mov r1, #4
        b 8f
    6:  sub lr, lr, #4
        stmia sp, {{r0-r12, lr}}
        mov r1, #6
    8:  ldr r0, =__stack_bottom
        ldr sp, =__stack_top
        bl {symbol(on_exception)}
        ldr sp, =__stack_bottom
        ldmia sp, {{r0-r12}}
        ldr r0, ={RETURN:#x}
        svc #0
        .ltorg
    """)


@naked
def launch() -> Never:
    """Leave the start-up code for the first program, by the same way out."""
    asm_block(f"""
        ldr sp, =__stack_bottom
        ldmia sp, {{r0-r12}}
        ldr r0, ={RETURN:#x}
        svc #0
        .ltorg
    """)


@naked
def vectors_address() -> VirtAddr:
    """Where the vectors are."""
    asm_block(f"""
        ldr r0, ={symbol(vectors)}
        bx lr
        .ltorg
    """)


@naked
def frame_address() -> VirtAddr:
    """Where entries leave the registers."""
    asm_block("""
        ldr r0, =__stack_bottom
        bx lr
        .ltorg
    """)


@naked
def programs_start() -> GuestPhysAddr:
    """Where the programs' code lies."""
    asm_block("""
        ldr r0, =__user_start
        bx lr
        .ltorg
    """)


@naked
def programs_end() -> GuestPhysAddr:
    """Where the programs' code ends."""
    asm_block("""
        ldr r0, =__user_end
        bx lr
        .ltorg
    """)


@naked
def program_offset() -> u32:
    """How far into the programs' code a process starts."""
    asm_block(f"""
        ldr r0, ={symbol(program)}
        ldr r1, =__user_start
        sub r0, r0, r1
        bx lr
        .ltorg
    """)
