# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32

SIZES = [1, 2]

@fn
def f(x: u32) -> u32:
    y = SIZES
    return x
