# SPDX-License-Identifier: Apache-2.0
from ovm.metal import bound, fn, u32


@fn
def f(x: u32) -> u32:
    while x != 0:
        bound(0)
        x -= 1
    return x
