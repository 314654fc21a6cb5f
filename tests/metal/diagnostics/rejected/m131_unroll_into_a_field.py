# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Struct, fn, u32, unroll


class Queue(Struct):
    count: u32


@fn
def f(queue: Queue) -> u32:
    for queue.count in unroll([u32(1)]):
        pass
    return queue.count
