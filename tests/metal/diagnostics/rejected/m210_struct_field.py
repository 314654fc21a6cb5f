# SPDX-License-Identifier: Apache-2.0
from ovm.metal import Struct, fn, u32


class Inner(Struct):
    a: u32


class Outer(Struct):
    inner: Inner

@fn
def f(outer: Outer, inner: Inner) -> None:
    outer.inner = inner
