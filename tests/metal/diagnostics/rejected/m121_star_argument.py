# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32

PAIR = (u32(1),)

@fn
def f(x: u32) -> u32:
    return f(*PAIR)
