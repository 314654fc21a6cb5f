# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u16, u32


@fn
def f(x: u32, y: u16) -> u32:
    a = x + y
    b = 5
    c = a + b
    if x:
        return c
    return y
