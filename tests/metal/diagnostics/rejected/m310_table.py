# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, function_table, u32, u64


@fn
def one(x: u32) -> u32:
    return x


@fn
def two(x: u64) -> u32:
    return u32(x)


HANDLERS = function_table(one, two)  # type: ignore[type-var]

@fn
def f(x: u32) -> u32:
    return HANDLERS[x](x)
