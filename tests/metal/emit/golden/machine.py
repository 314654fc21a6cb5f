# SPDX-License-Identifier: Apache-2.0
"""The machine: registers, barriers, assembly with its operands, a naked function."""

from ovm.metal import Cp15, asm_block, asm_value, cp15_read, cp15_write, dsb, fn, naked, symbol, u32

TTBR0 = Cp15("TTBR0", 2, 0, 0, 0, "B4.1.154")


@fn
def swap(table: u32) -> u32:
    before = cp15_read(TTBR0)
    cp15_write(TTBR0, table)
    dsb()
    return before + asm_value(u32, "add {out}, {0}, {1} @ $", table, before)


@naked(export="_start", section=".text.first")
def start() -> None:
    asm_block(f"""
        ldmia r0!, {{r1-r3}}
        b {symbol(swap)}
    """)
