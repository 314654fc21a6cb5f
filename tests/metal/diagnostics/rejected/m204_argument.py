# SPDX-License-Identifier: Apache-2.0
from ovm.metal import GuestPhysAddr, PhysAddr, fn


@fn
def g(b: PhysAddr) -> PhysAddr:
    return b


@fn
def f(a: GuestPhysAddr) -> PhysAddr:
    return g(a)
