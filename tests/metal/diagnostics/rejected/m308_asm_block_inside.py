# SPDX-License-Identifier: Apache-2.0
from ovm.metal import asm_block, fn


@fn
def f() -> None:
    asm_block("nop")
