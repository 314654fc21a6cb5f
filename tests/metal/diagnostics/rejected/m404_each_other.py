# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def h(x: u32) -> u32:
    return g(x)


@fn
def g(x: u32) -> u32:
    return f(x)

@fn
def f(x: u32) -> u32:
    return h(x)
