# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


def size_of_page(order: int) -> int:
    """Compute at compile time."""
    return 4096 << order

@fn
def f(x: u32) -> u32:
    return x + size_of_page(-1)
