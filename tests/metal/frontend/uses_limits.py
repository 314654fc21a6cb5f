# SPDX-License-Identifier: Apache-2.0
"""A program whose storage and code depend on parameters of another module."""

from ovm.metal import array, fn, static, u32
from tests.metal.frontend.limits import DOUBLE, WIDE

ITEMS = static(array(u32, DOUBLE))


@fn
def size() -> u32:
    if WIDE:
        ITEMS[0] += 1
    return u32(DOUBLE)
