# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def g(x: u32) -> u32:
    return x / u32(2)


@fn
def f(x: u32) -> u32:
    return g(x) ** 2
