# SPDX-License-Identifier: Apache-2.0
"""Start and vectors of pulse: a guest in Non-secure privileged mode owns the real ones.

OVM enters `_start` in SVC mode with interrupts masked and a straight map in place. From here on OVM is not involved between the
timer and the handler: the interrupt is in group 1 and goes straight to these vectors.
"""

from typing import Final, Never

from ovm.arm.assembly import vector_table
from ovm.guests.lib.hrt import leave, write_line
from ovm.guests.lib.line import Line, put_decimal, put_hex, put_text
from ovm.guests.pulse.loop import main, on_interrupt
from ovm.metal import asm_block, fn, naked, symbol, text, u32

_FAULT_STATUS: Final = 0x60


@fn
def faulted(vector: u32, place: u32) -> Never:
    """Report an exception that a correct pulse never takes, and end."""
    line = Line()
    put_text(line, text("exception "))
    put_decimal(line, vector, 0)
    put_text(line, text(" at "))
    put_hex(line, place)
    write_line(line)
    leave(_FAULT_STATUS)


@naked
def vectors() -> Never:
    """Lay out the exception vectors (ARM DDI0406C B1.8.1), 32-byte aligned, and the entries behind them."""
    asm_block(f"""
        {vector_table(undefined="1f", supervisor_call="2f", prefetch_abort="3f", data_abort="4f", irq="6f")}
    1:  mov r0, #1
        b 9f
    2:  mov r0, #2
        b 9f
    3:  mov r0, #3
        b 9f
    4:  mov r0, #4
    9:  mov r1, lr
        ldr sp, =__stack_top
        b {symbol(faulted)}
    6:  sub lr, lr, #4
        push {{r0-r3, r12, lr}}
        bl {symbol(on_interrupt)}
        ldm sp!, {{r0-r3, r12, pc}}^
        .ltorg
    """)


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Set the stacks of SVC and IRQ mode and VBAR; r0, the HrtPage, is kept for `main`."""
    asm_block(f"""
        cps #0x12
        ldr sp, =__stack_bottom + 0x2000
        cps #0x13
        ldr sp, =__stack_top
        ldr r1, ={symbol(vectors)}
        mcr p15, 0, r1, c12, c0, 0
        isb
        b {symbol(main)}
        .ltorg
    """)
