# SPDX-License-Identifier: Apache-2.0
"""Assembly that no assembler takes."""

from ovm.metal import asm, asm_block, fn, naked, u32


@naked
def first() -> None:
    asm_block("""
        mov r0, #1
        bogus r1, r2
        bx lr
    """)


@fn
def second(x: u32) -> None:
    asm("msr nothing, {0}", x)
    first()
