# SPDX-License-Identifier: Apache-2.0
from ovm.metal import array, fn, u32


@fn
def f() -> u32:
    y = array(int, 4)
    return u32(len(y))
