# SPDX-License-Identifier: Apache-2.0
"""Secure vectors: an exception that OVM's own code took. It has no way on; it says where it happened.

MMU aborts and Undefined taken in Monitor mode go to the secure Abort and Undefined modes, and clear SCR.NS (ARM
B1.8.1).
"""

from typing import Final, Never

from ovm.arm.cp15 import DFAR, DFSR, IFAR, IFSR, VBAR
from ovm.core.assembly import symbol_address
from ovm.core.cpu import STACK_0_TOP
from ovm.core.finish import give_up
from ovm.core.record import field_address, record_begin
from ovm.metal import asm_block, asm_value, cp15_read, cp15_write, fn, naked, symbol, text, u32


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


_STUBS = "\n".join(
    f"""
    {n}:  mov r0, #{n * 4}
        b   9f"""
    for n in range(8)
)


@naked
def secure_vectors() -> None:
    """Vectors of the secure world outside Monitor (VBAR)."""
    asm_block(f"""
        .balign 32
        b 0f
        b 1f
        b 2f
        b 3f
        b 4f
        b 5f
        b 6f
        b 7f
    {_STUBS}
    9:  mov   r1, lr
        cpsid aif, #0x16
        movw  sp, #:lower16:({STACK_0_TOP})
        movt  sp, #:upper16:({STACK_0_TOP})
        b     {symbol(fatal)}
    """)


SECURE_VECTORS: Final = symbol_address(symbol(secure_vectors))


@fn
def fatal_vectors_set() -> None:
    """Point the secure VBAR here."""
    cp15_write(VBAR, asm_value(u32, SECURE_VECTORS))
