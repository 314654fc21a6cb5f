# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Struct, fn, u32


class Queue(Struct):
    count: u32


@fn
def f(count: u32) -> Queue:
    made = Queue()
    made.count = count
    return made
