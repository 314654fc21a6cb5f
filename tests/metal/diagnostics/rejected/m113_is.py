# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def f(x: u32) -> u32:
    if x is x:
        return x
    return u32(0)
