# SPDX-License-Identifier: Apache-2.0
"""Assembly: inline, naked functions that name other symbols, extern code, CP15, barriers."""

from ovm.metal import Cp15, asm, asm_block, asm_value, cp15_write, dsb, extern, fn, isb, naked, static, symbol, u32

DACR = Cp15("DACR", 3, 0, 0, 0, "B4.1.43")
STACK = static(u32)


@extern("outside")
def outside(x: u32) -> u32: ...


@fn(inline=False)
def handler(x: u32) -> u32:
    return outside(x) + 1


@naked(export="_start")
def start() -> None:
    asm_block(f"""
        ldmia r0!, {{r1-r3}}
        ldr r2, ={__name__}.STACK
        bl {symbol(handler)}
        b .
    """)


@fn
def switch(domains: u32) -> u32:
    before = asm_value(u32, "mrs {out}, cpsr")
    asm("msr spsr_fsxc, {0}", before, clobbers=("r12",))
    cp15_write(DACR, domains)
    dsb()
    isb()
    STACK.value = before
    return before
