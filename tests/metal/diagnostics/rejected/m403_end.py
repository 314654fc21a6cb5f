# SPDX-License-Identifier: Apache-2.0
from typing import Never

from ovm.metal import fn, panic, u32


@fn
def f(x: u32) -> Never:
    if x == 1:
        panic(1)
