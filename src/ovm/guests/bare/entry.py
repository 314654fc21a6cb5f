# SPDX-License-Identifier: Apache-2.0
"""Start and vectors, as a board's own start-up code has them: nothing is expected but what a reset leaves."""

from typing import Final, Never

from ovm.arm.assembly import vector_table
from ovm.guests.bare.checks import main
from ovm.guests.bare.interrupt import on_interrupt
from ovm.guests.bare.serial import say
from ovm.metal import asm_block, fn, forever, naked, symbol, text, u32, wfi

_IRQ_STACK: Final = 0x2000
_ABORT_STACK: Final = 0x3000


@fn
def faulted() -> Never:
    """Report an exception that nothing here should take, and stop."""
    say(text("exception"))
    while forever():
        wfi()


@fn(export="metal_panic")
def on_panic(code: u32) -> Never:
    """Report a failed check of metal code, and stop."""
    faulted()


@naked
def vectors() -> Never:
    """Lay out the exception vectors (ARM B1.8.1) and the entries behind them."""
    asm_block(f"""
        {vector_table(undefined="1f", supervisor_call="1f", prefetch_abort="1f", data_abort="1f", irq="6f")}
    1:  ldr sp, =__stack_bottom + {_ABORT_STACK}
        b {symbol(faulted)}
    6:  sub lr, lr, #4
        push {{r0-r3, r12, lr}}
        bl {symbol(on_interrupt)}
        ldm sp!, {{r0-r3, r12, pc}}^
        .ltorg
    """)


@naked(section=".text.start", export="_start")
def start() -> Never:
    """Keep what the reset left in registers and in VBAR, set stacks and vectors, and continue in metal."""
    asm_block(f"""
        orr r0, r0, r1
        orr r0, r0, r2
        orr r0, r0, r3
        orr r0, r0, r4
        orr r0, r0, r5
        orr r0, r0, r6
        orr r0, r0, r7
        orr r0, r0, r8
        orr r0, r0, r9
        orr r0, r0, r10
        orr r0, r0, r11
        orr r0, r0, r12
        mrc p15, 0, r1, c12, c0, 0
        cps #0x12
        ldr sp, =__stack_bottom + {_IRQ_STACK}
        cps #0x13
        ldr sp, =__stack_top
        ldr r2, ={symbol(vectors)}
        mcr p15, 0, r2, c12, c0, 0
        isb
        b {symbol(main)}
        .ltorg
    """)
