# SPDX-License-Identifier: Apache-2.0
from ovm.metal import array, fn, u32


@fn
def f(x: u32) -> u32:
    y = array(u32, x)
    return y[0]
