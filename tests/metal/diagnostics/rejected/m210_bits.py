# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Bits, field, fn, u32


class Status(Bits):
    code = field(0, 4)

@fn
def f(s: Status) -> Status:
    s.code = u32(1)
    return s
