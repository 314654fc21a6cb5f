# SPDX-License-Identifier: Apache-2.0
"""Start, virtual vectors, and addresses from the linker.

The stack pointers of all virtual exception modes hold the same address: that of a `Frame` at the bottom of the kernel's
stack. An entry stores the program's registers there and continues on the kernel's stack; the hypercall RETURN leaves.
"""

from typing import Final, Never

from ovm.abi.hypercalls import RETURN
from ovm.arm.assembly import symbol_address, vector_table
from ovm.guests.desk.kernel import on_exception
from ovm.guests.desk.user import program
from ovm.metal import asm_block, naked, symbol


@naked
def vectors() -> Never:
    """Lay out the exception vectors (ARM DDI0406C B1.8.1) and the entries.

    Offsets of the link register are in B1.8.3, table B1-7.
    """
    asm_block(f"""
        {vector_table(undefined="1f", supervisor_call="2f", prefetch_abort="3f", data_abort="4f", irq="6f")}
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
    """Leave the start-up code for the first program, by the same return path."""
    asm_block(f"""
        ldr sp, =__stack_bottom
        ldmia sp, {{r0-r12}}
        ldr r0, ={RETURN:#x}
        svc #0
        .ltorg
    """)


VECTORS_ADDRESS: Final = symbol_address(symbol(vectors))
# The place where entries leave the registers.
FRAME_ADDRESS: Final = symbol_address("__stack_bottom")
# The start of the programs' code.
PROGRAMS_START: Final = symbol_address("__user_start")
# The end of the programs' code.
PROGRAMS_END: Final = symbol_address("__user_end")
# The address in this code at which a process starts.
PROGRAM_ADDRESS: Final = symbol_address(symbol(program))
