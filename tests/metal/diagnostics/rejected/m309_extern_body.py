# SPDX-License-Identifier: Apache-2.0
from ovm.metal import extern, fn, u32


@extern("f")
def f(x: u32) -> u32:
    return x


@fn
def g() -> u32:
    return f(u32(1))
