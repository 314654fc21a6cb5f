# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u8


@fn
def f(x: u8) -> u8:
    return x + 256
