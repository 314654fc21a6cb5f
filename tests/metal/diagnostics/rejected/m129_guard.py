# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def f(x: u32) -> u32:
    match x:
        case 1 if x == 1:
            return u32(1)
        case _:
            return x
