# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32, unroll


@fn
def f(x: u32) -> u32:
    for y in unroll(range(x)):
        pass
    return x
