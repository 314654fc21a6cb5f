# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32

CALLS = []


def following() -> int:
    CALLS.append(1)
    return len(CALLS)


@fn
def f(x: u32) -> u32:
    return x + following() * 100
