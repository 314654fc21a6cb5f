# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def f(x: u32) -> u32:
    for i in u32.range(4):
        if i == x:
            return i
