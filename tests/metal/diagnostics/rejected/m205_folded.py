# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u16

SIZE = 64

@fn
def f(x: u16) -> u16:
    return x + SIZE * 1024
