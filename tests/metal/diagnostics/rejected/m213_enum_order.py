# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Enum, fn, u8


class Colour(Enum, width=u8):
    RED = 1

@fn
def f(a: Colour, b: Colour) -> bool:
    return a < b
