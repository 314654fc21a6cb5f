# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def f(x: u32) -> u32:
    match x:
        case 1:
            y = u32(1)
        case 2:
            pass
        case _:
            y = u32(3)
    return y
