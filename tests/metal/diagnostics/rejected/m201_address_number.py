# SPDX-License-Identifier: Apache-2.0
from ovm.metal import VirtAddr, fn, u32


@fn
def f(x: u32, a: VirtAddr) -> u32:
    return x + a
