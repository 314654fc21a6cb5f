# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, u32


@fn(export="entry")
def f(x: u32) -> u32:
    return x


@fn(export="entry")
def g(x: u32) -> u32:
    return f(x)
