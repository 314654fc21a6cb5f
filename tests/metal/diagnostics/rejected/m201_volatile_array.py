# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Array, Struct, array, fn, static, u32


class Port(Struct, volatile=True):
    data: Array[u32] = array(u32, 4)


PORT = static(Port)


@fn
def total(items: Array[u32]) -> u32:
    return items[0] + items[1]


@fn
def f() -> u32:
    return total(PORT.data)
