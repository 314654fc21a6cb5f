# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Array, fn, u8


@fn
def f(a: Array[u8], b: Array[u8]) -> bool:
    return a == b
