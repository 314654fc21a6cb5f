# SPDX-License-Identifier: Apache-2.0
from ovm.metal import PhysAddr, VirtAddr, fn


@fn
def f(a: PhysAddr, b: VirtAddr) -> bool:
    return a == b
