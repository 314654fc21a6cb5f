# SPDX-License-Identifier: Apache-2.0
from ovm.metal import fn, forever, u32, wfi


@fn
def f(x: u32) -> None:
    while forever():
        wfi()
