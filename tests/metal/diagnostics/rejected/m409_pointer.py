# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Ptr, array, first, fn, u8


@fn
def f() -> Ptr[u8]:
    buffer = array(u8, 16)
    here = first(buffer)
    return here + 4
