# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Bits, field, fn, u32


class Status(Bits):
    code = field(0, 4)

@fn
def f(s: Status) -> u32:
    return s.mode
