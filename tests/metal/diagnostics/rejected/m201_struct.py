# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Struct, fn, static, u32


class One(Struct):
    a: u32


class Two(Struct):
    a: u32


OTHER = static(Two)


@fn
def g(one: One) -> u32:
    return one.a

@fn
def f() -> u32:
    return g(OTHER)
