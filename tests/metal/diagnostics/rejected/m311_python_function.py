# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


def twice(x: u32) -> u32:
    """Not metal."""
    return x + x

@fn
def f(x: u32) -> u32:
    return twice(x)
