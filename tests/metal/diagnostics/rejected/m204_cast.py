# SPDX-License-Identifier: Apache-2.0
from ovm.metal import PhysAddr, VirtAddr, fn


@fn
def f(a: PhysAddr) -> VirtAddr:
    return VirtAddr(a)
