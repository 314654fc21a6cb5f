# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def g(a: u32, *, b: u32) -> u32:
    return a - b


@fn
def f(x: u32) -> u32:
    return g(x, b=x)
