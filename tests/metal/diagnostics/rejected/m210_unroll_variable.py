# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32, unroll


@fn
def f(x: u32) -> u32:
    for n in unroll([1, 2]):
        n = x
    return x
