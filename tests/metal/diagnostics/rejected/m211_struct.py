# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Struct, fn, u32


class Queue(Struct):
    count: u32

@fn
def f(q: Queue) -> u32:
    return u32(q)
