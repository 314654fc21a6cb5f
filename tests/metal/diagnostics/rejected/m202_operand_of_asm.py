# SPDX-License-Identifier: Apache-2.0
from ovm.metal import asm, fn, u64


@fn
def f(x: u64) -> None:
    asm("mov r0, {0}", x)
