# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32

OBJECT = object()

@fn
def f(x: u32) -> u32:
    y = OBJECT
    return x
