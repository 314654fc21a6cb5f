# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32, u64


@fn
def f(x: u32, y: u64) -> u32:
    z = x
    z = y
    return z
