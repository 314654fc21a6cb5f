# SPDX-License-Identifier: Apache-2.0
from ovm.metal import asm_value, fn, u32


@fn
def f() -> u32:
    return asm_value(u32, "mov r0, r1")
