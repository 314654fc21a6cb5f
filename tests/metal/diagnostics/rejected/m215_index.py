# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, table, u32

TABLE = table(u32, [1, 2, 3])

@fn
def f() -> u32:
    return TABLE[3]
