# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def f(x: u32) -> u32:
    y = [x for _ in range(3)]
    return x
