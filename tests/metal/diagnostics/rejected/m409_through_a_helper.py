# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Ptr, array, first, fn, u32


@fn
def same(place: Ptr[u32]) -> Ptr[u32]:
    return place


@fn
def later(place: Ptr[u32], count: u32) -> Ptr[u32]:
    kept = same(place)
    return kept if count == 0 else place


@fn
def f(x: u32) -> Ptr[u32]:
    storage = array(u32, 2)
    storage[0] = x
    return later(first(storage), x)
