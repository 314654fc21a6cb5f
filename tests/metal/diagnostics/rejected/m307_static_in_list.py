# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Struct, fn, static, u32


class Port(Struct):
    data: u32


PORTS = [static(Port)]

@fn
def f() -> u32:
    return PORTS[0].data
