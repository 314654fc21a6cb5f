# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, table, u32

TABLE = table(u32, [1, 2, 3])

@fn
def f(b: bool) -> u32:
    return TABLE[b]
