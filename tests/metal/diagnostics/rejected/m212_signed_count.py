# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, i32, u32


@fn
def f(x: u32, n: i32) -> u32:
    return x << n
