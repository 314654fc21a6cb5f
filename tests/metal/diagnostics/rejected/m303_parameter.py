# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn
def f(y) -> u32:
    return y
