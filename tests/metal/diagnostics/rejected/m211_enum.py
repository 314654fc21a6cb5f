# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Enum, fn, u32, u8


class Colour(Enum, width=u8):
    RED = 1

@fn
def f(c: Colour) -> u32:
    return u32(c)
