# SPDX-License-Identifier: Apache-2.0
from ovm.metal import asm, fn, u32


@fn
def f(x: u32) -> None:
    asm("mov r0, {1}", x)
