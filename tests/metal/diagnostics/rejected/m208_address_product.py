# SPDX-License-Identifier: Apache-2.0
from ovm.metal import VirtAddr, fn


@fn
def f(a: VirtAddr) -> VirtAddr:
    return a * 2
