# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Bits, field, fn


class Status(Bits):
    code = field(0, 4)

@fn
def f(s: Status) -> Status:
    return s + 1
