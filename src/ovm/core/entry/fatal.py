# SPDX-License-Identifier: Apache-2.0
"""Secure vectors: an exception of OVM's own code ends everything; its place is reported.

CPU 1 reports it to CPU 0, by two words and an SGI, since the record's memory and the UART belong to CPU 0.

MMU aborts and Undefined taken in Monitor mode go to the secure Abort and Undefined modes, and clear SCR.NS (ARM
B1.8.1).
"""

from typing import Final, Never

from ovm.arm.assembly import symbol_address, vector_table
from ovm.arm.cp15 import DFAR, DFSR, IFAR, IFSR, VBAR
from ovm.core.config import BOOT_CPU
from ovm.core.cpu import STACK_0_TOP
from ovm.core.finish import give_up
from ovm.core.gic import SGI_FAILED, SOFTWARE_INTERRUPT
from ovm.core.record import field_address, field_number, record_begin
from ovm.metal import array, asm_block, asm_value, cp15_read, cp15_write, fn, naked, static, symbol, text, u32

# Vector and link of an exception on CPU 1; and as the assembly names them.
WORDS: Final = 16
FOREIGN = static(array(u32, WORDS), align=64)
FOREIGN_WORDS: Final = "ovm.core.entry.fatal.FOREIGN"


@fn(inline=False)
def fatal(vector: u32, link: u32) -> Never:
    """Report the exception and stop."""
    record_begin(text("broken"))
    field_address(text("vector"), vector)
    field_address(text("link"), link)
    field_address(text("dfsr"), cp15_read(DFSR))
    field_address(text("dfar"), cp15_read(DFAR))
    field_address(text("ifsr"), cp15_read(IFSR))
    field_address(text("ifar"), cp15_read(IFAR))
    give_up()


@fn(inline=False)
def foreign_failed() -> Never:
    """Report an exception of OVM's own code on CPU 1 and stop."""
    record_begin(text("broken"))
    field_number(text("cpu"), 1)
    field_address(text("vector"), FOREIGN[0])
    field_address(text("link"), FOREIGN[1])
    give_up()


_STUBS = "\n".join(
    f"""
    {n}:  mov r0, #{n * 4}
        b   9f"""
    for n in range(8)
)


@naked
def secure_vectors() -> None:
    """Lay out the vectors of the secure world outside Monitor (VBAR)."""
    asm_block(f"""
        {vector_table(
            reset="0f",
            undefined="1f",
            supervisor_call="2f",
            prefetch_abort="3f",
            data_abort="4f",
            unused="5f",
            irq="6f",
            fiq="7f",
        )}
    {_STUBS}
    9:  mov   r1, lr
        cpsid aif, #0x16
        mrc   p15, 0, r2, c0, c0, 5
        and   r2, r2, #3
        cmp   r2, #{BOOT_CPU}
        bne   8f
        movw  sp, #:lower16:({STACK_0_TOP})
        movt  sp, #:upper16:({STACK_0_TOP})
        b     {symbol(fatal)}
    8:  movw  r2, #:lower16:({FOREIGN_WORDS})
        movt  r2, #:upper16:({FOREIGN_WORDS})
        stm   r2, {{r0, r1}}
        dsb
        mrc   p15, 4, r2, c15, c0, 0
        movw  r3, #{SGI_FAILED}
        movt  r3, #{1 << BOOT_CPU}
        add   r2, r2, #{SOFTWARE_INTERRUPT}
        str   r3, [r2]
    10: wfi
        b     10b
    """)


SECURE_VECTORS: Final = symbol_address(symbol(secure_vectors))


@fn
def fatal_vectors_set() -> None:
    """Point the secure VBAR here."""
    cp15_write(VBAR, asm_value(u32, SECURE_VECTORS))
