# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, function_table, u32


@fn
def g(x: u32) -> u32:
    return f(x)


HANDLERS = function_table(g)

@fn
def f(x: u32) -> u32:
    return HANDLERS[x](x)
